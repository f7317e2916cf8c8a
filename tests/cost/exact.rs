//! The algebra without rounding: integers and powers of two, where f64 arithmetic is exact, and equality is equality.

use nasproof::cost::{homogeneity::inner, normalisation::slice};
use proptest::{collection::vec, prelude::*};

fn integers(n: usize) -> impl Strategy<Value = Vec<f64>> {
    vec((-8i8..=8).prop_map(f64::from), n)
}

proptest! {
    /// With 16 integers, σ² is a multiple of 2⁻⁸, and ε = 2¹² − σ² makes s = 2⁻⁶: all numbers below are dyadic with few bits.
    #[test]
    fn the_remainder_of_epsilon_is_exact(x in integers(16), g in integers(16)) {
        let variance = slice::statistics(&x, 0.0).variance;
        let epsilon = 4096.0 - variance;
        let (mut normalised, mut pulled) = ([0.0; 16], [0.0; 16]);
        let statistics = slice::normalise(&x, epsilon, &mut normalised);
        prop_assert_eq!(statistics.scale, 1.0 / 64.0);
        slice::pull_back(&normalised, &statistics, &g, &mut pulled);
        let cost = inner(&pulled, &x).value;
        prop_assert_eq!(cost * 4096.0, epsilon * inner(&g, &normalised).value);
        prop_assert_eq!(pulled.iter().sum::<f64>(), 0.0);
    }

    /// Eight entries at μ + 2ᵏ and eight at μ − 2ᵏ: σ = 2ᵏ and ε may be 0.
    #[test]
    fn without_epsilon_the_cost_is_exactly_zero(
        mean in -8i8..=8, power in 0i32..4, signs in Just([1.0, -1.0].repeat(8)).prop_shuffle(), g in integers(16)
    ) {
        let x: Vec<f64> = signs.iter().map(|sign| f64::from(mean) + sign * 2f64.powi(power)).collect();
        let (mut normalised, mut pulled) = ([0.0; 16], [0.0; 16]);
        let statistics = slice::normalise(&x, 0.0, &mut normalised);
        prop_assert_eq!(&normalised[..], &signs[..]);
        slice::pull_back(&normalised, &statistics, &g, &mut pulled);
        prop_assert_eq!(inner(&pulled, &x).value, 0.0);
        prop_assert_eq!(pulled.iter().sum::<f64>(), 0.0);
    }
}
