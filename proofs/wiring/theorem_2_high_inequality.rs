#![doc = include_str!("theorem-2-high-inequality.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};

decided!("wiring.theorem-2-high-inequality", Refuted => Holds);

proptest! {
    /// Over the rationals, with any weights that sum to one in place of the softmax: corrected, the right side is exactly 0.
    #[test]
    fn the_corrected_right_side_is_zero(weights in vec(1u32..9, 2..6), largest in -5i32..=5) {
        let total: u32 = weights.iter().sum();
        let share = |w: &u32| RBig::from(*w) / RBig::from(total);
        let y = RBig::from(largest);
        let sum = weights.iter().fold(RBig::ZERO, |s, w| s + share(w) * &y);
        prop_assert_eq!(&sum - &y, RBig::ZERO);
        let printed = sum - RBig::from(weights.len()) * &y;
        prop_assert_eq!(printed == RBig::ZERO, largest == 0);
    }
}
