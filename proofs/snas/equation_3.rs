#![doc = include_str!("equation-3.md")]

decided!("snas.equation-3", Definition);

use proptest::prelude::*;

use crate::exact::{integer, integers, positive, probabilities, sum};

proptest! {
    /// Edge by edge or all at once, in rationals; the order of the edges does not matter.
    #[test]
    fn edges_in_any_order(alpha in [positive(3), positive(4)], rewards in integers(12)) {
        let p = alpha.each_ref().map(|alpha| probabilities(alpha));
        let reward = |k: usize, l: usize| integer(rewards[4 * k + l]);
        let first = sum((0..3).map(|k| &p[0][k] * sum((0..4).map(|l| &p[1][l] * reward(k, l)))));
        let second = sum((0..4).map(|l| &p[1][l] * sum((0..3).map(|k| &p[0][k] * reward(k, l)))));
        prop_assert_eq!(first, second);
    }
}
