#![doc = include_str!("algorithm-1.md")]

use nasproof::{
    problem::Bilevel,
    taylor::{self, Discretisation},
};
use proptest::prelude::*;

use crate::trained::trained;

decided!("poster.algorithm-1", Definition);

proptest! {
    /// On every edge the operation with the largest strength is one that the retrained supernet misses most.
    #[test]
    fn argmax_keeps_what_is_missed_most(t in trained()) {
        let training = t.problem.training();
        for edge in 0..t.gates.nrows() {
            let mut removals = Vec::new();
            for operation in 0..t.gates.ncols() {
                let after = taylor::without(&t.gates, edge, operation);
                let change = Discretisation { problem: &t.problem, weights: &t.weights, before: &t.gates, after: &after, training };
                let step = change.newton_step(&mut t.inverse()).unwrap();
                let retrained = t.problem.solve(&after, &t.weights).unwrap();
                let terms = t.terms(&t.weights, &t.gates) + t.terms(&t.weights, &after) + t.terms(&retrained, &after)
                    + t.solved(&step, &t.weights);
                removals.push((change.influence(&step), change.change_at(&retrained, training), terms));
            }
            let kept = removals.iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
            let largest = removals.iter().map(|r| r.1).fold(f64::NEG_INFINITY, f64::max);
            let size = removals.iter().map(|r| r.2).fold(0.0, f64::max);
            // Both strengths compared may be off by their rounding.
            let rounding = 2.0 * 30.0 * t.sample.dim() as f64 * f64::EPSILON * size;
            prop_assert!(kept.1 >= largest - rounding, "{} {largest}", kept.1);
        }
    }
}
