#![doc = include_str!("equation-24.md")]

decided!("snas.equation-24", Holds);

use proptest::prelude::*;

use crate::exact::{integer, positive, sum};

proptest! {
    /// At $\lambda=1$ all is rational: $\frac{f_{k'}(\alpha^k+h)-f_{k'}(\alpha)}h\cdot\frac{W(\alpha^k+h)}{W(\alpha)}=(\delta-f_{k'})f_k/\alpha^k$ for *every* step $h$, and $h\to0$ is
    /// Eq. (24).
    #[test]
    fn every_difference_quotient_is_exact(alpha in positive(4), noise in positive(4), k in 0usize..4, step in 1i64..=9) {
        let weights = |alpha: &[i64]| -> Vec<_> { alpha.iter().zip(&noise).map(|(a, g)| integer(a * g)).collect() };
        let mut moved = alpha.clone();
        moved[k] += step;
        let (before, after) = (weights(&alpha), weights(&moved));
        let (total, moved_total) = (sum(before.clone()), sum(after.clone()));
        let f = &before[k] / &total;
        for l in 0..4 {
            let own = &before[l] / &total;
            let quotient = (&after[l] / &moved_total - &own) / integer(step) * (&moved_total / &total);
            let delta = integer(i64::from(l == k));
            prop_assert_eq!(quotient, (delta - own) * &f / integer(alpha[k]));
        }
    }
}
