#![doc = include_str!("theorem-2-low.md")]

use nasproof::cost::cross_entropy::row;

decided!("wiring.theorem-2-low", Holds);

/// For two classes C depends on d = Y₀ − Y₁ ∼ N(0, 2τ²) alone, and E[C] = 2τ² E[p₀p₁]. Both expectations by the trapezoidal rule on
/// ±14 standard deviations: for analytic integrands with this decay its error at a spacing of 1/8 is far below rounding.
#[test]
fn its_size_at_initialisation_is_that_of_steins_identity() {
    for tau in [0.1, 1.0, 4.0f64] {
        let (mut cost, mut spread, mut size) = (0.0, 0.0, 0.0);
        for i in -112..=112 {
            let z = f64::from(i) / 8.0;
            let weight = (-0.5 * z * z).exp() / (8.0 * std::f64::consts::TAU.sqrt());
            let d = std::f64::consts::SQRT_2 * tau * z;
            let mut p = [0.0; 2];
            let terms = row(&[d, 0.0], 0, &mut p);
            cost += weight * terms.cost;
            spread += weight * 2.0 * tau * tau * p[0] * p[1];
            size += weight * terms.cost.abs();
        }
        assert!(cost > 0.0);
        // The integrands have poles at d = ±iπ, at distance π/(√2 τ) in z: the rule errs by e^{-2π·8·π/(√2 τ)} relative to the size.
        let quadrature = (-std::f64::consts::TAU * 8.0 * std::f64::consts::PI / (std::f64::consts::SQRT_2 * tau)).exp();
        let tolerance = 30.0 * 225.0 * f64::EPSILON * size + 8.0 * quadrature * size;
        assert!((cost - spread).abs() <= tolerance, "τ = {tau}: {cost} and {spread}");
    }
}
