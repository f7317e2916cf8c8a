#![doc = include_str!("equation-2.md")]

use nasproof::{
    linalg::{TestRatio, samples},
    problem::{Bilevel, Supernet},
    taylor::{self, Expansion},
};
use ndarray::Array2;
use proptest::prelude::*;

use crate::trained::trained;

decided!("poster.equation-2", Holds);

proptest! {
    /// Without third derivatives the expansion is exact for any two weights, stationary or not.
    #[test]
    fn on_a_quadratic_it_is_exact((t, moved) in trained().prop_flat_map(|t| {
        let n = t.sample.dim();
        (Just(t), samples::columns(n, 1))
    })) {
        let (training, step) = (t.problem.training(), &moved[0]);
        let after = taylor::without(&t.gates, 0, 0);
        let end = &t.weights + step;
        let truth = t.problem.loss(&end, &after, training) - t.problem.loss(&t.weights, &after, training);
        let still = Array2::zeros(t.gates.dim());
        let expansion = Expansion::new(&t.problem, &t.weights, &after, training, step, &still);
        let terms = t.terms(&t.weights, &after) + t.terms(&end, &after) + expansion.magnitude();
        let ratio = TestRatio::identity(truth, expansion.second_order(), terms + t.solved(step, &t.weights), t.sample.dim());
        prop_assert!(ratio.passes(), "{ratio}");
    }
}
