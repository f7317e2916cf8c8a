#![doc = include_str!("equation-3.md")]

use nasproof::claims::{LimitPoint, Measure};
use proptest::prelude::*;

use crate::equation_2::{SAMPLES, regressions, solve};

decided!("influence.equation-3", Holds);

proptest! {
    /// The last sample is held out and judged on. Its loss, retrained, against the influence; and at fixed weights, which do not move.
    #[test]
    fn the_test_loss_follows_the_weights(case in regressions()) {
        let test = SAMPLES - 1;
        let mut weights = [1.0 / test as f64; SAMPLES];
        weights[test] = 0.0;
        let (h, b) = case.system(&weights);
        let start = solve(&h, &b);
        let response = solve(&h, &case.gradient(0, &start));
        let slope = case.gradient(test, &start);
        let influence = -slope.dot(&response);
        let loss = |theta: &nalgebra::DVector<f64>| {
            0.5 * (case.inputs.row(test).transpose().dot(theta) - case.targets[test]).powi(2) + 0.5 * case.ridge * theta.norm_squared()
        };
        // One of 19 samples, upweighted by a small part of its weight relative to the curvature it adds.
        let reach = 8.0 * (1.0 + case.inputs.row(0).norm_squared() / case.ridge / test as f64);
        let points = |follow: bool| -> Vec<LimitPoint> {
            (2..=12).map(|k| 0.5f64.powi(k) / reach).map(|t| {
                let mut upweighted = weights;
                upweighted[0] += t;
                let (changed, b) = case.system(&upweighted);
                let moved = if follow { solve(&changed, &b) } else { start.clone() };
                let rounding = 8.0 * f64::EPSILON * (h.norm() / case.ridge) * (slope.norm() * start.norm() + loss(&start));
                LimitPoint { t, error: (loss(&moved) - loss(&start) - t * influence).abs(), kept: t * slope.norm() * response.norm(), rounding }
            }).collect()
        };
        prop_assert!(Measure::limit(&points(true)).test_ratio().passes());
        // Where the influence is not small beside the norms, the constant is told apart.
        let told = points(false);
        if influence.abs() > 0.1 * slope.norm() * response.norm() && told.iter().filter(|p| p.error > 30.0 * p.rounding).count() >= 3 {
            prop_assert!(!Measure::limit(&told).test_ratio().passes());
        }
    }
}
