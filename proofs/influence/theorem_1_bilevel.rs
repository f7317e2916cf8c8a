#![doc = include_str!("theorem-1-bilevel.md")]

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Bilevel, Hessian, Supernet, quadratic::Split},
    taylor::{Discretisation, InverseHessian},
};
use ndarray::Array1;
use proptest::prelude::*;

use crate::common;

decided!("influence.theorem-1-bilevel", Refuted => Holds);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Eq. (5) of the validation loss predicts a fall when nothing changes; the two-loss form of the library is exact whatever changes.
    #[test]
    fn the_step_must_come_from_the_loss_that_was_trained(
        problem in common::problem(4.0),
        before in common::gates(),
        after in common::gates(),
    ) {
        let start = problem.solve(&before, &Array1::zeros(problem.weight_count())).unwrap();
        let end = problem.solve(&after, &start).unwrap();
        let at = Hessian { problem: &problem, weights: &start, gates: &before, batch: &Split::Validation };
        let g = problem.gradient(&start, &before, &Split::Validation);
        let fall = 0.5 * g.dot(&common::exact.solve_one(&at, g.clone()).unwrap());
        prop_assert!(fall > 0.0, "the printed formula predicts {} for no change at all", -fall);

        let change = Discretisation { problem: &problem, weights: &start, before: &before, after: &after, training: &Split::Training };
        let step = change.newton_step(&mut common::exact).unwrap();
        let predicted = change.second_order_influence(&step, &Split::Validation);
        let truth = change.change_at(&end, &Split::Validation);
        // Both solves carry κ ≤ 10⁴ into the slope and the curvature of the validation loss.
        let h = |split| problem.coefficients(split).hessian.iter().map(|x| x * x).sum::<f64>().sqrt();
        let size = start.norm() + end.norm() + step.norm() + 1.0;
        let scale = 1e4 * (h(Split::Validation) * size * size + 64.0 * size + 64.0);
        prop_assert!(TestRatio::identity(predicted, truth, scale, problem.weight_count()).passes(), "{predicted} {truth}");
    }
}
