#![doc = include_str!("definition-1.md")]

use nasproof::{
    linalg::TestRatio,
    problem::{Bilevel, Hessian, Supernet},
    taylor::influential_magnitude,
};
use ndarray::Array2;
use proptest::prelude::*;

use crate::trained::{norm, trained};

decided!("poster.definition-1", Refuted => Definition);

proptest! {
    /// The library's score is the change of the cost that retraining brings when every gate rises by 1.
    #[test]
    fn it_is_the_cost_that_retraining_changes(t in trained()) {
        let training = t.problem.training();
        let ones = Array2::ones(t.gates.dim());
        let at = Hessian { problem: &t.problem, weights: &t.weights, gates: &t.gates, batch: training };
        let score = influential_magnitude::on_gates(&at, training, &ones, &mut t.inverse()).unwrap();
        let raised = &t.gates + &ones;
        let retrained = t.problem.solve(&raised, &t.weights).unwrap();
        let meant = t.problem.cost(&retrained, &raised, training) - t.problem.cost(&t.weights, &raised, training);
        // M(θ̂ − θ*): each solve has the forward error κ n ε ‖θ‖, which M carries over.
        let cross = t.coefficients.cross.iter().map(|x| x * x).sum::<f64>().sqrt();
        let scale = cross * t.sample.condition() * (norm(&retrained) + norm(&t.weights));
        let difference = (&score - &meant).iter().map(|x| x * x).sum::<f64>().sqrt();
        let ratio = TestRatio::quotient(difference, t.sample.dim() as f64 * f64::EPSILON * scale);
        prop_assert!(ratio.passes(), "{ratio}");
        prop_assert!(score.sum() < 0.0, "the quadratic form of an inverse Hessian is positive");
    }
}
