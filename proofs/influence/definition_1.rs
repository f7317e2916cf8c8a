#![doc = include_str!("definition-1.md")]

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Hessian, Supernet, quadratic::Split},
    relaxation::softmax,
    taylor::influential_magnitude,
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

use crate::common::{self, column, matrix};

decided!("influence.definition-1", Definition);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// $\kappa$ up to $10^6$: the library's scores against the matrices multiplied out; on the logits of a softmax they are rounding.
    #[test]
    fn scores_on_gates_and_on_logits(problem in common::problem(6.0), logits in common::gates()) {
        let gates = softmax::gates(&logits);
        let weights = Array1::zeros(problem.weight_count());
        let at = Hessian { problem: &problem, weights: &weights, gates: &gates, batch: &Split::Training };
        let ones = Array2::ones(common::GATES);
        let seen = influential_magnitude::on_gates(&at, &Split::Training, &ones, &mut common::exact).unwrap();
        let k = problem.coefficients(Split::Training);
        let (h, cross) = (matrix(&k.hessian), matrix(&k.cross));
        let sum = cross.column_sum();
        let x = common::solve(&h, &sum);
        let literal = -(cross.transpose() * &x);
        let condition = h.norm() * h.clone().try_inverse().unwrap().norm();
        let scale = condition * cross.norm() * x.norm();
        let n = problem.weight_count() + literal.len();
        let error = (column(&seen.iter().copied().collect()) - &literal).norm();
        prop_assert!(TestRatio::quotient(error, n as f64 * f64::EPSILON * scale).passes());

        let (push, pull) = (|u: &Array2<f64>| softmax::push(&gates, u), |c: &Array2<f64>| softmax::pull(&gates, c));
        let on_logits = influential_magnitude::on_parameters(&at, &Split::Training, push, pull, &mut common::exact).unwrap();
        prop_assert!(on_logits.nullity.passes());
        let flat: Array1<f64> = on_logits.score.iter().copied().collect();
        let inverse = h.try_inverse().unwrap().norm();
        prop_assert!(TestRatio::quotient(flat.norm(), n as f64 * f64::EPSILON * cross.norm().powi(2) * inverse).passes());
    }
}
