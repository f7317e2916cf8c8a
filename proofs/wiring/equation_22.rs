#![doc = include_str!("equation-22.md")]

use nasproof::{cost::cross_entropy::CrossEntropy, linalg::TestRatio};
use ndarray::array;

decided!("wiring.equation-22", Refuted => Holds);

/// The example of the text.
#[test]
fn one_pixel() {
    let ce = CrossEntropy::new(&array![[1.0, 0.0]], &[0]).unwrap();
    let (slope, p) = (ce.gradient(), ce.probabilities()[(0, 0)]);
    assert!(TestRatio::identity(slope[(0, 0)], p - 1.0, 2.0, 2).passes());
    assert_eq!(format!("{:.3} {:.3}", p - 1.0, p - 2.0), "-0.269 -1.269");
}
