#![doc = include_str!("equation-18-gaussian-mean.md")]

use proptest::{collection::vec, prelude::*};

decided!("wiring.equation-18-gaussian-mean", Holds);

proptest! {
    /// Over the integers: $n\sum_i x_i-n\sum_i x_i=0$, whatever the numbers.
    #[test]
    fn it_is_exact(x in vec(-1000i64..=1000, 1..20)) {
        let (n, sum) = (x.len() as i64, x.iter().sum::<i64>());
        prop_assert_eq!(x.iter().map(|x| n * x - sum).sum::<i64>(), 0);
    }
}
