#![doc = include_str!("equation-4.md")]

use dashu::rational::RBig;
use proptest::{collection::vec, prelude::*};

decided!("wiring.equation-4", Holds);

proptest! {
    /// Over the rationals: $\sum_kp_k(\delta_{kl}-p_l)c_k=p_l(c_l-\sum_kp_kc_k)$.
    #[test]
    fn the_score_is_the_jacobian(c in vec(-9i32..=9, 4), w in vec(1u32..9, 4)) {
        let total: u32 = w.iter().sum();
        let p: Vec<RBig> = w.iter().map(|&k| RBig::from(k) / RBig::from(total)).collect();
        let c: Vec<RBig> = c.iter().map(|&c| RBig::from(c)).collect();
        let mean = (0..4).fold(RBig::ZERO, |s, k| s + &p[k] * &c[k]);
        for l in 0..4 {
            let delta = |k: usize| if k == l { RBig::ONE } else { RBig::ZERO };
            let score = (0..4).fold(RBig::ZERO, |s, k| s + &p[k] * (delta(k) - &p[l]) * &c[k]);
            prop_assert_eq!(score, &p[l] * (&c[l] - &mean));
        }
    }
}
