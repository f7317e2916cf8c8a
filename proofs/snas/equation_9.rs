#![doc = include_str!("equation-9.md")]

decided!("snas.equation-9", Holds);

use proptest::prelude::*;

use crate::exact::{integer, integers, positive, probabilities, sum};

proptest! {
    /// In rationals, without rounding.
    #[test]
    fn it_is_exact(weights in positive(6), loss in integers(6), cost in integers(6), eta in 0i64..=9) {
        let p = probabilities(&weights);
        let expect = |x: &dyn Fn(usize) -> i64| sum(p.iter().enumerate().map(|(n, p)| p * integer(x(n))));
        prop_assert_eq!(expect(&|n| loss[n] + eta * cost[n]), expect(&|n| loss[n]) + integer(eta) * expect(&|n| cost[n]));
    }
}
