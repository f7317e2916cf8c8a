#![doc = include_str!("equation-9.md")]

use nasproof::{cost::cross_entropy::CrossEntropy, linalg::TestRatio};
use ndarray::array;

decided!("wiring.equation-9", Refuted => Holds);

/// Two classes, one example, Y = (1, 0), label 0: C = p₀ − 1 = −1/(1 + e), while the printed sum is p₀ − 2.
#[test]
fn the_label_counts_once() {
    let ce = CrossEntropy::new(&array![[1.0, 0.0]], &[0]).unwrap();
    let expected = -1.0 / (1.0 + 1.0f64.exp());
    assert!(TestRatio::identity(ce.cost(), expected, 1.0, 2).passes());
    let printed = ce.probabilities()[(0, 0)] - 2.0;
    assert!(TestRatio::identity(printed - ce.cost(), -1.0, 2.0, 2).passes());
}
