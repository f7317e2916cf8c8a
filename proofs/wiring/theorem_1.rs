#![doc = include_str!("theorem-1.md")]

use nasproof::{
    cost::{homogeneity::inner, normalisation::slice},
    linalg::TestRatio,
};
use proptest::{collection::vec, prelude::*};

decided!("wiring.theorem-1", Refuted => Holds);

#[test]
fn the_counterexample_by_hand() {
    let (edge, other) = ([2.0, 0.0, -1.0, -1.0], [-1.0, 1.0, 0.0, 0.0]);
    let node = [1.0, 1.0, -1.0, -1.0];
    let h = [1.0, -1.0, 0.0, 0.0];
    let (mut normalised, mut pulled) = ([0.0; 4], [0.0; 4]);
    let statistics = slice::normalise(&node, 0.0, &mut normalised);
    slice::pull_back(&normalised, &statistics, &h, &mut pulled);
    assert_eq!((normalised, pulled), (node, h));
    assert_eq!(inner(&pulled, &edge).value, 2.0);
    assert_eq!(inner(&pulled, &other).value, -2.0);
    assert_eq!(slice::received(&normalised, &statistics, &h, &edge), 2.0);
}

proptest! {
    /// The printed statement is true where the other edges add an affine function of this one: zero, for instance.
    #[test]
    fn it_holds_when_the_edges_agree(
        x in vec(-2.0..2.0f64, 12), h in vec(-2.0..2.0f64, 12), scale in 0.0..3.0f64, shift in -1.0..1.0f64
    ) {
        // Twelve steps keep a shrunk group from being constant.
        let edge: Vec<f64> = x.iter().zip(0..).map(|(x, i)| x + f64::from(i)).collect();
        let node: Vec<f64> = edge.iter().map(|x| x + scale * x + shift).collect();
        let (mut normalised, mut pulled) = ([0.0; 12], [0.0; 12]);
        let statistics = slice::normalise(&node, 0.0, &mut normalised);
        slice::pull_back(&normalised, &statistics, &h, &mut pulled);
        let cost = inner(&pulled, &edge);
        // Each entry of the pull-back is a difference of terms of the size of h over σ, and x̂ is known to max|x|/σ units.
        let size = statistics.scale * inner(&h, &h).value.sqrt() * inner(&edge, &edge).value.sqrt();
        let largest = node.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let ratio = TestRatio::identity(cost.value, 0.0, cost.terms + size * (1.0 + statistics.scale * largest), 12);
        prop_assert!(ratio.passes(), "{ratio}");
    }
}
