#![doc = include_str!("section-2-softmax.md")]

use approx::assert_abs_diff_eq;
use nasproof::{
    linalg::{Rounded, TestRatio},
    relaxation::softmax,
};
use ndarray::Array2;
use proptest::{collection::vec, prelude::*};

decided!("influence.section-2-softmax", Definition);

proptest! {
    /// What the definition amounts to: gates that sum to 1 and whose logarithms differ as the logits do, also where `exp` would overflow.
    #[test]
    fn ratios_are_exponentials_of_differences(logits in vec(-300.0..300.0f64, 8..=16), shift in 0.0..800.0f64) {
        let o = logits.len();
        let shifted = Array2::from_shape_fn((1, o), |(_, i)| logits[i] + shift);
        let z = softmax::gates(&shifted);
        assert_abs_diff_eq!(Rounded::sum(z.iter().copied()), Rounded::sum(z.iter().copied()).expected(1.0));
        for i in 1..o {
            let (left, right) = (z[(0, i)].ln() - z[(0, 0)].ln(), shifted[(0, i)] - shifted[(0, 0)]);
            let terms = z[(0, i)].ln().abs() + z[(0, 0)].ln().abs() + 2.0 * shift + 600.0;
            prop_assert!(TestRatio::identity(left, right, terms, 4).passes(), "{left} {right}");
        }
    }
}
