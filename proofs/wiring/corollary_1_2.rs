#![doc = include_str!("corollary-1.2.md")]

use nasproof::{
    cost::{
        distribution::{Edge, Graph},
        normalisation::{Grouping, Normalisation, NormalisationLayer, Shape},
        operations::Skip,
    },
    linalg::TestRatio,
};
use proptest::{collection::vec, prelude::*};

decided!("wiring.corollary-1.2", Refuted => Holds);

/// Two inputs add to a node, which stands for the output of a cell; a later cell reads it through `gates` times (normalisation, skip).
fn reader(gates: [f64; 2]) -> Graph {
    let shape = Shape { batch: 2, channels: 2, height: 1, width: 4 };
    let normalisation = NormalisationLayer::plain(Normalisation::new(shape, Grouping::Batch, 0.0).unwrap());
    let edges = vec![
        Edge::new(0, 2, Skip(16)),
        Edge::new(1, 2, Skip(16)),
        Edge { gate: gates[0], ..Edge::new(2, 3, normalisation) },
        Edge { gate: gates[1], ..Edge::new(2, 3, Skip(16)) },
    ];
    Graph::new(2, vec![16; 4], edges).unwrap()
}

proptest! {
    /// Without the preprocessing a later skip hands the cost back: exactly as much as its gate lets through.
    #[test]
    fn a_reader_without_normalisation_hands_the_cost_back(
        inputs in [vec(-2.0..2.0f64, 16), vec(-2.0..2.0f64, 16)], g in vec(-2.0..2.0f64, 16)
    ) {
        let inputs = inputs.map(|x| x.iter().zip(0..).map(|(x, i)| x + f64::from(i)).collect::<Vec<f64>>());
        for (gates, kept) in [([1.0, 0.0], 0.0), ([0.5, 0.5], 0.5), ([0.0, 1.0], 1.0)] {
            let graph = reader(gates);
            let flow = graph.forward(&inputs).unwrap();
            let costs = flow.costs(&g).unwrap();
            let sum = costs.edges[0].value + costs.edges[1].value;
            let handed_back = kept * costs.edges[3].value;
            let terms = costs.edges[0].terms + costs.edges[1].terms + costs.edges[3].terms
                + graph.edges()[2].operation.magnitude(flow.value(2), &g);
            let ratio = TestRatio::identity(sum, handed_back, terms, 32);
            prop_assert!(ratio.passes(), "{gates:?}: {ratio}");
        }
    }
}
