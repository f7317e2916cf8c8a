#![doc = include_str!("equation-6.md")]

use nasproof::{
    linalg::TestRatio,
    problem::{Supernet, quadratic::Split},
    taylor::Discretisation,
};
use ndarray::Array1;
use proptest::prelude::*;

use crate::common;

decided!("influence.equation-6", Refuted => Holds);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Eight gates, spectra of their own: what the printed formula lacks is exactly the library's term in the gates alone, with $\hat\theta^\ast$; with
    /// $\theta^\ast$ the mixed term as well.
    #[test]
    fn what_is_missing_is_the_second_order_in_the_gates(
        problem in common::problem(4.0),
        before in common::gates(),
        after in common::gates(),
    ) {
        let (start, end, scale) = common::retrained(&problem, &before, &after);
        let change = Discretisation { problem: &problem, weights: &start, before: &before, after: &after, training: &Split::Training };
        let terms = change.expansion(&(&end - &start), &Split::Training);
        let truth = change.change_at(&end, &Split::Training);
        let slope = |at: &Array1<f64>| {
            let cost = problem.cost(at, &before, &Split::Training);
            cost.iter().zip(&change.gate_change()).map(|(c, z)| c * z).sum::<f64>()
        };
        let n = problem.weight_count();
        let with_hat = terms.weights_weights + slope(&end);
        let without = terms.weights_weights + slope(&start);
        prop_assert!(TestRatio::identity(truth - with_hat, terms.gates_gates, scale, n).passes());
        prop_assert!(TestRatio::identity(truth - without, terms.gates_gates + terms.gates_weights, scale, n).passes());
    }
}
