#![doc = include_str!("equation-4.md")]

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Supernet, quadratic::Split},
    taylor::Discretisation,
};
use ndarray::Array1;
use proptest::{collection::vec, prelude::*};

use crate::common;

decided!("influence.equation-4", Holds);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// For quadratics an equality between any two points, stationary for nothing, under either loss.
    #[test]
    fn no_stationarity_is_needed(
        problem in common::problem(6.0),
        before in common::gates(),
        after in common::gates(),
        points in vec(-1.0..1.0f64, 32),
    ) {
        let n = problem.weight_count();
        let start: Array1<f64> = points[..n].iter().copied().collect();
        let step: Array1<f64> = points[16..16 + n].iter().copied().collect();
        let change = Discretisation { problem: &problem, weights: &start, before: &before, after: &after, training: &Split::Training };
        for judge in [Split::Training, Split::Validation] {
            let predicted = change.model(&judge).at_step(&step);
            let truth = change.change_at(&(&start + &step), &judge);
            let h = problem.coefficients(judge).hessian.iter().map(|x| x * x).sum::<f64>().sqrt();
            let size = start.norm() + step.norm() + 1.0;
            let scale = h * size * size + 64.0 * size + 64.0;
            prop_assert!(TestRatio::identity(predicted, truth, scale, n).passes(), "{predicted} {truth}");
        }
    }
}
