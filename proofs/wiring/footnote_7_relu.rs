#![doc = include_str!("footnote-7-relu.md")]

use nasproof::cost::{
    homogeneity::{Operation, euler, scaling},
    operations::Relu,
};
use proptest::{collection::vec, prelude::*};

decided!("wiring.footnote-7-relu", Holds);

/// What the whole input is for: the summand (2) of 2 + (−3) receives nothing, though ReLU(2) = 2.
#[test]
fn not_for_a_summand() {
    let relu = Relu(1);
    assert_eq!(relu.pull_back(&[-1.0], &[1.0])[0] * 2.0, 0.0);
    assert_eq!(relu.forward(&[2.0])[0], 2.0);
}

proptest! {
    /// Euler's identity and what it follows from, $f(tx)=tf(x)$ for $t>0$.
    #[test]
    fn homogeneous_of_degree_one(x in vec(-2.0..2.0f64, 8), g in vec(-2.0..2.0f64, 8), exponent in -3i32..=3) {
        prop_assert!(euler(&Relu(8), &x, &g).passes());
        prop_assert!(scaling(&Relu(8), &x, 2f64.powi(exponent)).passes());
    }
}
