#![doc = include_str!("equation-6-architectures.md")]

decided!("snas.equation-6-architectures", Holds);

use proptest::prelude::*;

use crate::exact::{integer, integers, positive, probabilities, sum};

proptest! {
    /// $\sum_k\alpha^k\,\partial\mathcal L/\partial\alpha^k=0$ for any gates that add up to 1, any outputs and any slope: scaling all $\alpha$ of an edge changes nothing.
    #[test]
    fn relative_changes_add_up_to_nothing(weights in positive(5), outputs in integers(5), slope in -9i64..=9) {
        let z = probabilities(&weights);
        let mean = sum(z.iter().zip(&outputs).map(|(z, &o)| z * integer(o)));
        let shares = z.iter().zip(&outputs).map(|(z, &o)| integer(slope) * z * (integer(o) - &mean));
        prop_assert_eq!(sum(shares), integer(0));
    }
}
