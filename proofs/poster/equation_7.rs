#![doc = include_str!("equation-7.md")]

use nasproof::{linalg::TestRatio, problem::Bilevel, taylor::Discretisation};
use ndarray::Array2;
use proptest::prelude::*;

use crate::trained::trained;

decided!("poster.equation-7", Refuted => Holds);

proptest! {
    /// All gates closed at once: the library's expansion to second order, along the implicit step, is the true change after retraining.
    #[test]
    fn nothing_is_left_out_of_a_change_of_any_size(t in trained()) {
        let training = t.problem.training();
        let after = Array2::zeros(t.gates.dim());
        let change = Discretisation { problem: &t.problem, weights: &t.weights, before: &t.gates, after: &after, training };
        let step = change.implicit_step(&mut t.inverse()).unwrap();
        let expansion = change.expansion(&step, training);
        let retrained = t.problem.solve(&after, &t.weights).unwrap();
        let truth = change.change_at(&retrained, training);
        let terms = t.terms(&t.weights, &t.gates) + t.terms(&retrained, &after) + expansion.magnitude()
            + t.solved(&step, &t.weights);
        let ratio = TestRatio::identity(truth, expansion.second_order(), terms, t.sample.dim());
        prop_assert!(ratio.passes(), "{ratio}");
        // The two terms in the weights' step make up the one term the paper keeps.
        let kept = expansion.gates_weights + expansion.weights_weights;
        let ratio = TestRatio::identity(kept, -expansion.weights_weights, terms, t.sample.dim());
        prop_assert!(ratio.passes(), "{ratio}");
    }
}
