#![doc = include_str!("equation-5-limit.md")]

decided!("snas.equation-5-limit", Holds);

use nasproof::{
    claims::snas::{concrete, equation_5},
    linalg::TestRatio,
};
use proptest::{collection::vec, prelude::*};

proptest! {
    /// Any number of operations: the chances of being the largest add up to 1, and the sharpened sample goes to the one that is.
    #[test]
    fn someone_is_the_largest(alpha in vec(0.1..10.0f64, 1..12)) {
        let all: Vec<_> = (0..alpha.len()).map(|k| equation_5::largest(&alpha, k)).collect();
        let total: f64 = all.iter().map(|p| p.value).sum();
        prop_assert!(TestRatio::identity(total, 1.0, 1.0, all[0].n).passes(), "{total}");
    }
}

/// Odds of 2: as the temperature halves, the odds square.
#[test]
fn the_odds_are_a_power() {
    for n in 0..6 {
        let uniform = [(-0.5f64).exp(), (-0.5f64).exp()];
        let z = concrete::sample(&[2.0, 1.0], &uniform, 0.5f64.powi(n)).unwrap();
        let odds = 2.0f64.powf(2.0f64.powi(n));
        assert!(TestRatio::identity(z[0], odds / (1.0 + odds), 1.0, 64).passes(), "{n}: {z:?}");
    }
}
