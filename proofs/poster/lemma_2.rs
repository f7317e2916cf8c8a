#![doc = include_str!("lemma-2.md")]

use proptest::{collection::vec, prelude::*};

decided!("poster.lemma-2", Refuted => Holds);

proptest! {
    /// The step behind the corrected lemma, in integers: with $F=\eta I$, $r=g/\eta$ and one gradient of $N$,
    /// $(\eta I+\tfrac1Ngg^\top)\bigl(\eta^{-1}v-r\frac{r^\top v}{N+g^\top r}\bigr)=v$, every denominator cleared.
    #[test]
    fn one_step_inverts_exactly(g in vec(-9i128..=9, 8), v in vec(-9i128..=9, 8), eta in 1i128..=9, count in 1i128..=9) {
        let dot = |a: &[i128], b: &[i128]| a.iter().zip(b).map(|(a, b)| a * b).sum::<i128>();
        // x = v/η − g (gᵀv) / (η (Nη + gᵀg)), times D = η (Nη + gᵀg).
        let clear = count * eta + dot(&g, &g);
        let gv = dot(&g, &v);
        let x: Vec<i128> = v.iter().zip(&g).map(|(v, g)| v * clear - g * gv).collect();
        // N (ηI + ggᵀ/N) x = N D v.
        let gx = dot(&g, &x);
        let left: Vec<i128> = x.iter().zip(&g).map(|(x, g)| count * eta * x + g * gx).collect();
        let right: Vec<i128> = v.iter().map(|v| count * eta * clear * v).collect();
        prop_assert_eq!(left, right);
    }
}
