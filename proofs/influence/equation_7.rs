#![doc = include_str!("equation-7.md")]

use nasproof::{
    linalg::TestRatio,
    problem::{Supernet, quadratic::Split},
    taylor::Discretisation,
};
use proptest::prelude::*;

use crate::common;

decided!("influence.equation-7", Refuted => Holds);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// The library's second-order expansion along the implicit step is the corrected formula and, for quadratics, the truth, whatever the size of
    /// the change; the printed formula is its last two terms.
    #[test]
    fn the_expansion_along_the_implicit_step_is_exact(
        problem in common::problem(4.0),
        before in common::gates(),
        after in common::gates(),
    ) {
        let (start, end, scale) = common::retrained(&problem, &before, &after);
        let change = Discretisation { problem: &problem, weights: &start, before: &before, after: &after, training: &Split::Training };
        let step = change.implicit_step(&mut common::exact).unwrap();
        let terms = change.expansion(&step, &Split::Training);
        let truth = change.change_at(&end, &Split::Training);
        let n = problem.weight_count();
        prop_assert!(TestRatio::identity(terms.second_order(), truth, scale, n).passes(), "{} {truth}", terms.second_order());
        // −½ ΔαᵀSΔα, with S applied through the step.
        let m = problem.cross_adjoint(&start, &before, &Split::Training, &change.gate_change());
        let printed = 0.5 * m.dot(&step);
        prop_assert!(TestRatio::identity(terms.weights_weights + terms.gates_weights, printed, scale, n).passes());
        prop_assert!(printed <= 0.0);
    }
}
