#![doc = include_str!("footnote-7-relu.md")]

use nasproof::cost::{homogeneity::Operation, operations::Relu};

decided!("wiring.footnote-7-relu", Holds);

/// What the whole input is for: the summand (2) of 2 + (−3) receives nothing, though ReLU(2) = 2.
#[test]
fn not_for_a_summand() {
    let relu = Relu(1);
    assert_eq!(relu.pull_back(&[-1.0], &[1.0])[0] * 2.0, 0.0);
    assert_eq!(relu.forward(&[2.0])[0], 2.0);
}
