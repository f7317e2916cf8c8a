#![doc = include_str!("equation-1.md")]

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Bilevel, Supernet, quadratic::Split},
};
use ndarray::Array1;
use proptest::{collection::vec, prelude::*};

use crate::common;

decided!("influence.equation-1", Definition);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// The library's inner solve: no other weights do better on the training loss, and on the validation loss there are some.
    #[test]
    fn the_inner_minimum_is_that_of_the_training_loss(
        problem in common::problem(6.0),
        gates in common::gates(),
        step in vec(-1.0..1.0f64, 16),
    ) {
        let n = problem.weight_count();
        let best = problem.solve(&gates, &Array1::zeros(n)).unwrap();
        let step: Array1<f64> = step[..n].iter().copied().collect();
        let h = &problem.coefficients(Split::Training).hessian;
        for t in [-1.0, 1e-3, 1.0] {
            // The increase of a quadratic above its minimum, exactly.
            let increase = 0.5 * t * t * step.dot(&h.dot(&step));
            let seen = problem.loss(&(&best + &(&step * t)), &gates, &Split::Training)
                - problem.loss(&best, &gates, &Split::Training);
            let scale = h.iter().map(|x| x.abs()).sum::<f64>() * (best.norm() + t.abs() * step.norm() + 1.0).powi(2) + 64.0 * (1.0 + best.norm());
            prop_assert!(TestRatio::identity(seen, increase, scale, n).passes(), "{seen} {increase}");
        }
        let gradient = problem.gradient(&best, &gates, &Split::Validation);
        let along = problem.hessian_product(&best, &gates, &Split::Validation, &gradient);
        let downhill = gradient.dot(&gradient) / along.dot(&gradient);
        let better = &best - &(&gradient * downhill);
        prop_assert!(problem.loss(&better, &gates, &Split::Validation) < problem.loss(&best, &gates, &Split::Validation));
    }
}
