#![doc = include_str!("theorem-1.md")]

use nasproof::{
    linalg::TestRatio,
    problem::{
        Bilevel, Supernet,
        quadratic::{Coefficients, Quadratic, Split},
    },
    taylor::Discretisation,
};
use ndarray::Array2;
use proptest::prelude::*;

use crate::trained::{norm, trained};

decided!("poster.theorem-1", Refuted => Holds);

proptest! {
    /// With $g=0$ as the poster prints it, Eq. (5) misses $\tfrac12\Delta\theta^\top H\Delta\theta$, no more and no less.
    #[test]
    fn without_the_hat_the_work_of_retraining_is_missed(t in trained()) {
        // A validation loss of the same Hessian that is stationary at θ* whatever the gates are.
        let validation = Coefficients {
            cross: Array2::zeros(t.coefficients.cross.dim()),
            offsets: -t.coefficients.hessian.dot(&t.weights).insert_axis(ndarray::Axis(0)),
            ..t.coefficients.clone()
        };
        let problem = Quadratic::new(t.gates.dim(), t.coefficients.clone(), validation).unwrap();
        let after = Array2::zeros(t.gates.dim());
        let retrained = problem.solve(&after, &t.weights).unwrap();
        let change =
            Discretisation { problem: &problem, weights: &t.weights, before: &t.gates, after: &after, training: &Split::Validation };
        let hypothesis = problem.gradient(&t.weights, &after, &Split::Validation);
        let n = t.sample.dim();
        let size = t.sample.norm() * norm(&t.weights);
        prop_assert!(TestRatio::quotient(norm(&hypothesis), n as f64 * f64::EPSILON * size).passes());

        let step = change.newton_step(&mut t.inverse()).unwrap();
        let missed = change.change_at(&retrained, &Split::Validation) - change.influence(&step);
        let moved = &retrained - &t.weights;
        let work = 0.5 * moved.dot(&t.sample.matrix.dot(&moved));
        let terms = t.terms(&retrained, &after) + 2.0 * t.terms(&t.weights, &t.gates) + t.sample.norm() * norm(&t.weights).powi(2)
            + t.sample.norm() * norm(&retrained).powi(2) + t.solved(&step, &t.weights);
        prop_assert!(TestRatio::identity(missed, work, terms, n).passes(), "{missed} {work} {terms}");
        prop_assert!(work > 0.0);
    }

    /// Where one loss serves both purposes the printed theorem is true and empty: $g=0$ makes $\hat\theta^\star=\theta^\star$.
    #[test]
    fn with_one_loss_the_printed_hypothesis_leaves_nothing_to_retrain(t in trained()) {
        let gradient = t.problem.gradient(&t.weights, &t.gates, t.problem.training());
        let retrained = t.problem.solve(&t.gates, &t.weights).unwrap();
        let n = t.sample.dim();
        let size = t.sample.norm() * norm(&t.weights) + norm(&t.coefficients.offsets.row(0).to_owned()) + t.gates.len() as f64;
        prop_assert!(TestRatio::quotient(norm(&gradient), n as f64 * f64::EPSILON * size).passes());
        let forward = t.sample.condition() * n as f64 * f64::EPSILON * norm(&t.weights);
        prop_assert!(TestRatio::quotient(norm(&(&retrained - &t.weights)), forward).passes());
    }
}
