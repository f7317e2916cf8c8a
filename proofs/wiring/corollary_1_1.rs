#![doc = include_str!("corollary-1.1.md")]

use nasproof::cost::{
    distribution::{Edge, Graph},
    homogeneity::inner,
    operations::{Embed, Linear, MaxPool, Relu},
};
use ndarray::Array2;
use proptest::{collection::vec, prelude::*};

decided!("wiring.corollary-1.1", Holds);

fn integers(n: usize) -> impl Strategy<Value = Vec<f64>> {
    vec((-4i8..=4).prop_map(f64::from), n)
}

proptest! {
    /// With integers and piecewise linear operations there is no rounding, and equality is equality.
    #[test]
    fn it_is_exact(weight in integers(64), inputs in [integers(8), integers(8)], g in integers(16)) {
        let linear = || Linear { weight: Array2::from_shape_vec((8, 8), weight.clone()).unwrap(), bias: None };
        let pool = MaxPool { input_len: 8, windows: (0..8).map(|i| vec![i, (i + 3) % 8]).collect() };
        let output = |node: usize| Embed { places: (0..8).map(|i| 8 * (node - 2) + i).collect(), output_len: 16 };
        let edges = vec![
            Edge::new(0, 2, linear()),
            Edge::new(1, 2, Relu(8)),
            Edge::new(0, 3, pool),
            Edge::new(1, 3, linear()),
            Edge::new(2, 3, linear()),
            Edge::new(2, 4, output(2)),
            Edge::new(3, 4, output(3)),
        ];
        let graph = Graph::new(2, vec![8, 8, 8, 8, 16], edges).unwrap();
        let flow = graph.forward(&inputs).unwrap();
        let at = |edges: &[usize], g: &[f64]| -> f64 { edges.iter().map(|&e| inner(g, flow.contribution(e)).value).sum() };
        let by_edges = at(&[0, 1], &g[..8]) + at(&[2, 3, 4], &g[8..]);
        prop_assert_eq!(inner(&g, flow.output()).value, by_edges);
    }
}
