#![doc = include_str!("theorem-1.md")]

use nalgebra::DVector;
use nasproof::claims::{LimitPoint, Measure, landscape};
use proptest::prelude::*;

decided!("influence.theorem-1", Holds);

/// The error of Eq. (5) over its last term.
fn relative(loss: &landscape::Landscape, start: &DVector<f64>, gates: &DVector<f64>) -> f64 {
    let end = loss.minimise(gates).unwrap();
    let g = loss.weight_gradient(start, gates);
    let quadratic = 0.5 * g.dot(&loss.hessian(start, gates).cholesky().unwrap().solve(&g));
    (loss.value(&end, gates).0 - (loss.value(start, gates).0 - quadratic)).abs() / quadratic
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Ten weights, three gates, a change of the gates that is not small: the error vanishes with the third derivatives.
    #[test]
    fn the_error_vanishes_with_the_third_derivatives(loss in landscape::optimal(3, 10), gates in landscape::direction(3)) {
        let gates = DVector::from_vec(gates);
        let start = DVector::from_element(10, 1.0);
        let points: Vec<LimitPoint> = (6..=14)
            .map(|k| 0.5f64.powi(k))
            .map(|s| LimitPoint { t: s, error: relative(&loss.with_bend(s), &start, &gates), kept: 1.0, rounding: 1000.0 * f64::EPSILON })
            .collect();
        let seen = Measure::limit(&points);
        prop_assert!(seen.test_ratio().passes(), "{seen:?}");
    }
}

/// Third derivatives that vanish at the optimum alone are not enough: $\tfrac12\theta^2+\theta\alpha+\theta^4$ from 0 to $\hat\alpha=10$.
#[test]
fn small_at_the_optimum_alone_is_not_enough() {
    let loss = |theta: f64| 0.5 * theta * theta + 10.0 * theta + theta.powi(4);
    let mut theta = -1.0f64;
    for _ in 0..50 {
        theta -= (theta + 10.0 + 4.0 * theta.powi(3)) / (1.0 + 12.0 * theta * theta);
    }
    assert!(loss(theta) > -9.4 && loss(theta) < -9.2, "{}", loss(theta));
    let predicted = -0.5 * 10.0 * 10.0;
    assert!(loss(theta) - predicted > 40.0);
}
