#![doc = include_str!("appendix-f-normal-logits.md")]

use proptest::prelude::*;

decided!("wiring.appendix-f-normal-logits", Refuted => Holds);

proptest! {
    /// The recursion gives the closed form exactly: $3C^2+6C$ for unit variances.
    #[test]
    fn the_moments_in_integers(channels in 1u64..1000) {
        let (m2, m4) = (0..channels).fold((0u64, 0u64), |(m2, m4), _| (m2 + 1, m4 + 6 * m2 + 9));
        prop_assert_eq!((m2, m4), (channels, 3 * channels * channels + 6 * channels));
    }
}
