#![doc = include_str!("section-5-fisher-hessian.md")]

use nasproof::linalg::TestRatio;
use num_dual::{Dual2_64, DualNum};
use proptest::prelude::*;

decided!("influence.section-5-fisher-hessian", Refuted => Holds);

proptest! {
    /// The example of the text: $H=-q^2$.
    #[test]
    fn the_hessian_may_be_negative(shift in 1.0..8.0f64) {
        let theta = Dual2_64::from_re(0.0).derivative();
        let margin = theta + theta * theta * 0.5 + shift;
        let loss = ((-margin).exp() + 1.0).ln();
        let q = 1.0 / (1.0 + shift.exp());
        prop_assert!(TestRatio::identity(loss.v2, -q * q, 4.0 * q, 8).passes());
    }
}
