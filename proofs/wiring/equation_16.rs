#![doc = include_str!("equation-16.md")]

use nasproof::{cost::normalisation::slice, linalg::TestRatio};

decided!("wiring.equation-16", Definition);

/// By hand: 1, 3, 5, 7 has mean 4 and variance 5.
#[test]
fn four_numbers() {
    let mut hat = [0.0; 4];
    let statistics = slice::normalise(&[1.0, 3.0, 5.0, 7.0], 0.0, &mut hat);
    assert_eq!((statistics.mean, statistics.variance), (4.0, 5.0));
    assert!(TestRatio::identity(hat[0], -3.0 / 5f64.sqrt(), 2.0, 4).passes());
}
