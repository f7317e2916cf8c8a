#![doc = include_str!("theorem-2-low.md")]

use nasproof::{cost::cross_entropy::row, linalg::TestRatio};

decided!("wiring.theorem-2-low", Holds);

/// For two classes C depends on d = Y₀ − Y₁ ∼ N(0, 2τ²) alone, and E[C] = 2τ² E[p₀p₁]. Both expectations by the trapezoidal rule on ±14
/// standard deviations with a spacing of h = 1/32. The integrands have their poles at d = ±iπ, at a distance of a = π/(√2 τ) in units of the
/// standard deviation, so the rule errs by a factor of the order of e^{−2πa/h}, below e^{−100} for τ up to 4: far below rounding.
#[test]
fn its_size_at_initialisation_is_that_of_steins_identity() {
    for tau in [0.1, 1.0, 4.0f64] {
        let (mut cost, mut spread, mut size) = (0.0, 0.0, 0.0);
        for i in -448..=448 {
            let z = f64::from(i) / 32.0;
            let weight = (-0.5 * z * z).exp() / (32.0 * std::f64::consts::TAU.sqrt());
            let mut p = [0.0; 2];
            let terms = row(&[std::f64::consts::SQRT_2 * tau * z, 0.0], 0, &mut p);
            cost += weight * terms.cost;
            spread += weight * 2.0 * tau * tau * p[0] * p[1];
            size += weight * terms.cost.abs();
        }
        assert!(cost > 0.0);
        let ratio = TestRatio::identity(cost, spread, size, 897);
        assert!(ratio.passes(), "τ = {tau}: {ratio}");
        assert!(!TestRatio::identity(cost, 2.0 * spread, size, 897).passes());
    }
}
