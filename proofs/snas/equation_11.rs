#![doc = include_str!("equation-11.md")]

decided!("snas.equation-11", Holds);

use proptest::prelude::*;

use crate::exact::{integer, integers, positive, probabilities, sum};

proptest! {
    /// Three edges of three operations, all 27 choices, in rationals.
    #[test]
    fn it_is_exact(alpha in [positive(3), positive(3), positive(3)], costs in [integers(3), integers(3), integers(3)]) {
        let p = alpha.each_ref().map(|alpha| probabilities(alpha));
        let all = sum((0..27).map(|n| {
            let z = [n / 9, n / 3 % 3, n % 3];
            let cost: i64 = (0..3).map(|e| costs[e][z[e]]).sum();
            &p[0][z[0]] * &p[1][z[1]] * &p[2][z[2]] * integer(cost)
        }));
        let by_edges = sum((0..3).flat_map(|e| (0..3).map(move |k| (e, k))).map(|(e, k)| &p[e][k] * integer(costs[e][k])));
        prop_assert_eq!(all, by_edges);
    }
}
