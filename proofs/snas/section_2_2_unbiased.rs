#![doc = include_str!("section-2.2-unbiased.md")]

decided!("snas.section-2.2-unbiased", Holds);

use nasproof::{claims::snas::concrete::Binary, linalg::TestRatio};
use proptest::prelude::*;

proptest! {
    /// At $\lambda=1$ the mean has a closed form, $r\,(r-1-\ln r)/(r-1)^2$ with $r=\alpha^1/\alpha^0$, and it is not $r/(1+r)$.
    #[test]
    fn at_temperature_one_it_is_biased(numerator in 2u8..=9) {
        let r = f64::from(numerator);
        let seen = Binary { alpha: [1.0, r], temperature: 1.0 }.expect(|draw| draw.gates[1]);
        let closed = r * (r - 1.0 - r.ln()) / ((r - 1.0) * (r - 1.0));
        prop_assert!(TestRatio::identity(seen.value, closed, 1.0, seen.n).passes(), "{} {closed}", seen.value);
        prop_assert!((closed - r / (1.0 + r)).abs() > 0.01);
    }
}
