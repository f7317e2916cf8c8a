//! Evaluating some of the operations: one pass says what three passes at gates set to zero say, and an operation left out has no say.

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Bilevel, Supernet, only_active},
};
use ndarray::{Array1, Array2};
use rand::RngExt;

use crate::problems::{cell, normal, regression, rng};

/// The default of the trait, written out.
fn three_passes<P: Supernet<Vector = Array1<f64>>>(
    problem: &P,
    weights: &Array1<f64>,
    gates: &Array2<f64>,
    active: &Array2<bool>,
    batch: &P::Batch,
) -> (f64, Array1<f64>, Array2<f64>) {
    let gates = only_active(gates, active);
    let cost = problem.cost(weights, &gates, batch);
    (
        problem.loss(weights, &gates, batch),
        problem.gradient(weights, &gates, batch),
        Array2::from_shape_fn(cost.dim(), |i| if active[i] { cost[i] } else { 0.0 }),
    )
}

fn check<P: Supernet<Vector = Array1<f64>>>(problem: &P, weights: &Array1<f64>, batch: &P::Batch, seed: u64) {
    let mut rng = rng(seed);
    let gates = normal(problem.gate_shape(), &mut rng);
    let mut active = Array2::from_shape_simple_fn(problem.gate_shape(), || rng.random_bool(0.6));
    active[(0, 1)] = true;
    active[(0, 2)] = false;
    let (loss, gradient, cost) = three_passes(problem, weights, &gates, &active, batch);
    let got = problem.cost_and_gradient(weights, &gates, &active, batch);
    let n = problem.weight_count();
    assert!(TestRatio::identity(got.loss, loss, loss.abs(), n).passes());
    let difference = Vector::norm(&(&got.gradient - &gradient));
    assert!(TestRatio::quotient(difference, n as f64 * f64::EPSILON * gradient.norm()).passes());
    let size = cost.iter().map(|c| c * c).sum::<f64>().sqrt();
    for (got, expected) in got.cost.iter().zip(&cost) {
        assert!(TestRatio::identity(*got, *expected, size, n).passes());
    }
    // The gate of an operation that is not active has no say, that of an active one has.
    let moved = |index: (usize, usize)| {
        let mut gates = gates.clone();
        gates[index] += 1.0;
        problem.cost_and_gradient(weights, &gates, &active, batch).loss
    };
    assert_eq!(moved((0, 2)), got.loss);
    assert_ne!(moved((0, 1)), got.loss);
}

#[test]
fn regression_and_cell_evaluate_what_is_active() {
    let mut rng = rng(1);
    let problem = regression(&mut rng);
    let weights = normal((1, 12), &mut rng).row(0).to_owned();
    check(&problem, &weights, problem.training(), 2);
    let (cell, weights, batch) = cell(&mut rng);
    check(&cell, &weights, &batch, 3);
}

/// The cost of an operation that returns 1: the mean cost of a regression whose feature is 1 is the constant cost by definition.
#[test]
fn the_constant_cost_is_that_of_an_operation_that_returns_one() {
    use nasproof::problem::softmax_regression::SoftmaxRegression;
    let mut rng = rng(4);
    let problem = regression(&mut rng);
    let mut features = problem.all_features().to_owned().into_shape_with_order((30, 3, 5, 4)).unwrap();
    features.slice_mut(ndarray::s![.., 1, 4, ..]).fill(1.0);
    let problem = SoftmaxRegression::new(
        features,
        problem.labels().to_vec(),
        3,
        (0..20).collect(),
        (20..30).collect(),
        problem.l2(),
    )
    .unwrap();
    let weights = normal((1, 12), &mut rng).row(0).to_owned();
    let gates = normal((3, 5), &mut rng);
    let batch = problem.validation();
    let constant = problem.constant_cost(&weights, &gates, batch).unwrap();
    let cost = problem.cost(&weights, &gates, batch)[(1, 4)];
    let scale = weights.iter().map(|w| w.abs()).sum::<f64>();
    assert!(TestRatio::identity(constant[1], cost, scale, 40).passes(), "{} {cost}", constant[1]);
    assert!(!TestRatio::identity(constant[1], 1.001 * cost, scale, 40).passes());
}

#[test]
fn the_constant_cost_of_a_cell_is_the_sum_of_the_cotangent_of_the_node() {
    let mut rng = rng(5);
    let (cell, weights, batch) = cell(&mut rng);
    let gates = cell.uniform_gates();
    let trace = cell.trace(&weights, &gates, &batch).unwrap();
    let constant = cell.constant_cost(&weights, &gates, &batch).unwrap();
    for (edge, (_, to)) in nasproof::problem::dense_cell::EDGES.into_iter().enumerate() {
        let map = &trace.cells[0].node_cotangents[to];
        let scale = map.iter().map(|g| g.abs()).sum::<f64>();
        assert!(TestRatio::identity(constant[edge], map.sum(), scale, map.len()).passes());
        assert!(constant[edge] != 0.0);
    }
}
