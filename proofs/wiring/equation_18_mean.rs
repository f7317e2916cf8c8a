#![doc = include_str!("equation-18-mean.md")]

use proptest::{collection::vec, prelude::*};

decided!("wiring.equation-18-mean", Holds);

proptest! {
    /// What the centre is for: about $m$ the two signs differ by $2\,\partial L/\partial\sigma^2\cdot2(\mu-m)$, in integers.
    #[test]
    fn plus_and_minus_agree_at_the_mean_only(x in vec(-9i64..=9, 4), m in -9i64..=9, slope in 1i64..=5) {
        let sum: i64 = x.iter().map(|x| x - m).sum();
        let (minus, plus) = (-slope * -2 * sum, slope * -2 * sum);
        prop_assert_eq!(minus == plus, x.iter().sum::<i64>() == 4 * m);
    }
}
