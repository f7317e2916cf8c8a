#![doc = include_str!("section-4-proxyless.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};

decided!("wiring.section-4-proxyless", Holds);

proptest! {
    /// For a quadratic loss the sampled cost is unbiased: $\mathbb E_Z[QZ+q]=Q\hat Z+q$, over the rationals.
    #[test]
    fn unbiased_for_quadratic_losses(q in vec(-4i32..=4, 9), w in vec(1u32..9, 3)) {
        let total: u32 = w.iter().sum();
        let p = |k: usize| RBig::from(w[k]) / RBig::from(total);
        for row in 0..3 {
            let at = |k: usize| RBig::from(q[3 * row + k]);
            let sampled = (0..3).fold(RBig::ZERO, |s, k| s + p(k) * at(k));
            let mixture = (0..3).fold(RBig::ZERO, |s, k| s + at(k) * p(k));
            prop_assert_eq!(sampled, mixture);
        }
    }
}
