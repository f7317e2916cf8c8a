#![doc = include_str!("corollary-1.md")]

use nalgebra::DVector;
use nasproof::{
    claims::landscape,
    linalg::TestRatio,
    taylor::{Displacement, ThirdDerivative},
};
use proptest::prelude::*;

decided!("influence.corollary-1", Refuted => Holds);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Ten weights: the corrected bound, with the smallest eigenvalue and the largest singular value of the flat part, and the bends' own bounds.
    #[test]
    fn the_corrected_bound_holds_for_many_weights(loss in landscape::optimal(3, 10), direction in landscape::direction(3), shrink in 0i32..12) {
        let gates = DVector::from_vec(direction) * 0.5f64.powi(shrink);
        let (start, end) = (DVector::zeros(10), loss.minimise(&gates).unwrap());
        let (g, h) = (loss.weight_gradient(&start, &gates), loss.hessian(&start, &gates));
        let step = h.clone().cholesky().unwrap().solve(&g);
        let (moved, s1) = loss.value(&start, &gates);
        let (truth, s2) = loss.value(&end, &gates);
        let error = (moved - 0.5 * g.dot(&step) - truth).abs();
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let flat = loss.with_bend(0.0);
        let lambda = flat.hessian(&start, &gates).symmetric_eigenvalues().min();
        let (mut cross, mut third) = (flat.cross(&start, &gates).singular_values().max(), 0.0);
        for ridge in &loss.ridges {
            cross += loss.bend * norm(&ridge.weights) * norm(&ridge.gates) / 4.0;
            third += loss.bend * norm(&ridge.weights).powi(3) / (6.0 * 3f64.sqrt());
        }
        let bound = (cross / lambda * gates.norm()).powi(3) / 6.0 * third;
        let rounding = s1 + s2 + (g.norm() + h.norm() * end.norm()) * step.norm();
        // The library's bounds, with the retrained weights and before any retraining, rest on the same third derivative.
        let size = |x: &DVector<f64>| Displacement { norm: x.norm(), curvature: (&h * x).dot(x) };
        let (newton, known) = (size(&step), ThirdDerivative::Bounded(third));
        let retrained = known.influence_error(newton, size(&(&end - &start)));
        for bound in [bound, retrained, known.influence_error_a_priori(newton, g.norm(), lambda)] {
            prop_assert!(TestRatio::quotient((error - bound).max(0.0), 13.0 * f64::EPSILON * rounding).passes(), "{error} {bound}");
        }
    }
}

/// The counterexample of the prose, digit by digit.
#[test]
fn the_printed_bound_fails_by_hand() {
    let (c, theta) = (0.125, -1.0 / 32.0f64);
    let alpha = 511.0 / 16384.0;
    assert_eq!(theta + alpha + 0.5 * c * theta * theta, 0.0, "θ̂* is stationary, exactly in binary");
    let truth = 0.5 * theta * theta + theta * alpha + c * theta.powi(3) / 6.0;
    let error = (truth + 0.5 * alpha * alpha).abs();
    let (lambda, in_gates, cross) = (15.0 / 16.0, 0.5, 1.0f64);
    for hessian in [c, 17.0 / 16.0] {
        let reach =
            in_gates / lambda * alpha + hessian * cross.powi(2) / (2.0 * lambda * lambda * lambda) * alpha * alpha;
        assert!(error > 5.0 * reach.powi(3) / 6.0 * c, "{error:e}");
    }
    let corrected = (cross / lambda * alpha).powi(3) / 6.0 * c;
    assert!(error < corrected && error > 0.8 * corrected, "{error:e} {corrected:e}");
}
