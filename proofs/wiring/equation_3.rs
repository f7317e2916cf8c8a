#![doc = include_str!("equation-3.md")]

use nasproof::{cost::cross_entropy::CrossEntropy, linalg::TestRatio};
use ndarray::Array2;

decided!("wiring.equation-3", Definition);

/// Logits that do not tell the classes apart: $\ln N$.
#[test]
fn ignorance_costs_the_logarithm_of_the_classes() {
    let ce = CrossEntropy::new(&Array2::zeros((3, 4)), &[0, 1, 2]).unwrap();
    assert!(TestRatio::identity(ce.loss(), 4f64.ln(), 2.0, 4).passes());
}
