#![doc = include_str!("equation-5.md")]

use nasproof::{
    linalg::{TestRatio, samples},
    problem::{Bilevel, Supernet},
    taylor::{self, Discretisation},
};
use proptest::prelude::*;

use crate::trained::{solve, trained};

decided!("poster.equation-5", Refuted => Holds);

proptest! {
    /// Every single removal: the library's Eq. (5) is the true change after retraining.
    #[test]
    fn nothing_is_left_out_of_a_removal(t in trained()) {
        let training = t.problem.training();
        for ((edge, operation), _) in t.gates.indexed_iter() {
            let after = taylor::without(&t.gates, edge, operation);
            let change = Discretisation { problem: &t.problem, weights: &t.weights, before: &t.gates, after: &after, training };
            let step = change.newton_step(&mut t.inverse()).unwrap();
            let retrained = t.problem.solve(&after, &t.weights).unwrap();
            let terms = t.terms(&t.weights, &t.gates) + t.terms(&t.weights, &after) + t.terms(&retrained, &after)
                + t.solved(&step, &t.weights);
            let ratio = TestRatio::identity(change.influence(&step), change.change_at(&retrained, training), terms, t.sample.dim());
            prop_assert!(ratio.passes(), "{ratio}");
        }
    }

    /// For weights that are not stationary at $\hat\alpha$ Eq. (5) misses $\tfrac12e^\top He$, $e=\Delta\theta+H^{-1}g$: the hypothesis is the weakest.
    #[test]
    fn what_is_missed_is_the_distance_from_stationarity(
        (t, moved) in trained().prop_flat_map(|t| { let n = t.sample.dim(); (Just(t), samples::columns(n, 1)) }),
    ) {
        let training = t.problem.training();
        let after = taylor::without(&t.gates, 0, 0);
        let change = Discretisation { problem: &t.problem, weights: &t.weights, before: &t.gates, after: &after, training };
        let end = &t.weights + &moved[0];
        let g = t.problem.gradient(&t.weights, &after, training);
        let step = -solve(&t.factor(), &g);
        let e = &moved[0] - &step;
        let missed = change.change_at(&end, training) - change.influence(&step);
        let terms = t.terms(&t.weights, &t.gates) + t.terms(&t.weights, &after) + t.terms(&end, &after)
            + t.solved(&step, &t.weights) + t.solved(&moved[0], &t.weights);
        let ratio = TestRatio::identity(missed, 0.5 * e.dot(&t.sample.matrix.dot(&e)), terms, t.sample.dim());
        prop_assert!(ratio.passes(), "{ratio}");
    }
}
