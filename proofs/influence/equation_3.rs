#![doc = include_str!("equation-3.md")]

use nasproof::{
    claims::{LimitPoint, Measure},
    linalg::TestRatio,
};
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
        let point = |t: f64, follow: bool| {
            let mut upweighted = weights;
            upweighted[0] += t;
            let (changed, b) = case.system(&upweighted);
            let moved = if follow { solve(&changed, &b) } else { start.clone() };
            let rounding = 8.0 * f64::EPSILON * (h.norm() / case.ridge) * (slope.norm() * start.norm() + loss(&start));
            LimitPoint { t, error: (loss(&moved) - loss(&start) - t * influence).abs(), kept: t * slope.norm() * response.norm(), rounding }
        };
        // The worst of a window: where the error changes sign a single point would say nothing of its order.
        let points = |follow: bool| -> Vec<LimitPoint> {
            (2..=12).map(|k| 0.5f64.powi(k) / reach).map(|t| {
                let window = [t, 0.8 * t, 0.64 * t].map(|t| point(t, follow));
                let worst = window.into_iter().fold(window[0], |a, b| if b.error / b.kept > a.error / a.kept { b } else { a });
                LimitPoint { t, ..worst }
            }).collect()
        };
        // Fewer than five points above rounding are too few to fit an order across a change of sign.
        let mut seen = points(true);
        seen.retain(|p| p.error > TestRatio::PASS * p.rounding);
        if seen.len() < 5 {
            seen.clear();
        }
        prop_assert!(Measure::limit(&seen).test_ratio().passes(), "{:?} {seen:?}", Measure::limit(&seen).order());
        // Where the influence is not small beside the norms, the constant is told apart.
        let told = points(false);
        if influence.abs() > 0.1 * slope.norm() * response.norm() && told.iter().filter(|p| p.error > 30.0 * p.rounding).count() >= 3 {
            prop_assert!(!Measure::limit(&told).test_ratio().passes());
        }
    }
}
