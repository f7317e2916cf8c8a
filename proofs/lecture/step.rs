#![doc = include_str!("step.md")]

use nasproof::{
    linalg::Vector,
    problem::{Bilevel, softmax_regression::SoftmaxRegression},
    taylor::finite_difference::{darts_step, sweep_cross_adjoint, sweep_cross_product},
};
use ndarray::{Array1, Array4, array};

decided!("lecture.step", Refuted => Holds);

/// The mixed derivative that an unrolled step needs is taken by central differences, of DARTS's step or another: their error falls with its square.
#[test]
fn quotients_of_the_mixed_derivative_are_of_second_order() {
    let feature =
        |(i, _, o, k): (usize, usize, usize, usize)| ((7 * i + 3 * o + 5 * k + i * k) % 11) as f64 / 5.0 - 1.0;
    let features = Array4::from_shape_fn((12, 1, 2, 4), feature);
    let labels = (0..12).map(|i| i * i % 3).collect();
    let problem = SoftmaxRegression::new(features, labels, 3, (0..8).collect(), (8..12).collect(), 0.1).unwrap();
    let weights = Array1::from_shape_fn(12, |i| (i as f64).sin());
    let v = Array1::from_shape_fn(12, |i| (i as f64).cos());
    let (gates, u) = (array![[0.7, 0.3]], array![[0.6, -0.8]]);
    let steps = |norm: f64| (-4..=2).map(|k| darts_step(norm) * 10f64.powf(f64::from(k) / 2.0)).collect::<Vec<_>>();
    for sweep in [
        sweep_cross_product(&problem, &weights, &gates, problem.training(), &v, &steps(v.norm())).unwrap(),
        sweep_cross_adjoint(&problem, &weights, &gates, problem.training(), &u, &steps(1.0)).unwrap(),
    ] {
        let order = sweep.truncation_order.unwrap();
        // The next term of the truncation adds a part of ε² ≤ 1 %.
        assert!((order - 2.0).abs() < 0.1, "order {order} in {:?}", sweep.errors);
    }
}
