#![doc = include_str!("theorem-2.md")]

use nasproof::{
    linalg::samples,
    problem::{Bilevel, Supernet, quadratic::Coefficients},
    taylor::{Discretisation, influential_magnitude},
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

use crate::trained::Trained;

decided!("poster.theorem-2", Refuted => Holds);

/// A joint optimum with as many operations as weights: the gates' Hessian is $MH^{-1}M^\top+\lVert H\rVert I$, and $\frac{\partial L}{\partial\alpha}=0$.
fn optimum() -> impl Strategy<Value = (Trained, Array2<f64>)> {
    samples::positive_definite(8..=12, 6.0).prop_flat_map(|sample| {
        let n = sample.dim();
        (Just(sample), samples::columns(n, n), samples::columns(n, 1)).prop_map(move |(sample, columns, direction)| {
            let cross = Array2::from_shape_fn((n, n), |(i, j)| columns[j][i]);
            let flat = Coefficients {
                hessian: sample.matrix.clone(),
                cross,
                gate_hessian: Array2::zeros((n, n)),
                offsets: Array2::zeros((1, n)),
                gate_offset: Array1::zeros(n),
                constant: 0.0,
            };
            let bare = Trained::new(sample, flat, Array2::zeros((1, n)));
            // −MH⁻¹Mᵀ one column at a time, by the library.
            let mut response = Array2::zeros((n, n));
            for j in 0..n {
                let mut unit = Array2::zeros((1, n));
                unit[(0, j)] = 1.0;
                let at = nasproof::problem::Hessian {
                    problem: &bare.problem,
                    weights: &bare.weights,
                    gates: &bare.gates,
                    batch: bare.problem.training(),
                };
                let column =
                    influential_magnitude::on_gates(&at, bare.problem.training(), &unit, &mut bare.inverse()).unwrap();
                response.column_mut(j).assign(&column.row(0));
            }
            let symmetric = (&response + &response.t()) * -0.5;
            let gate_hessian = symmetric + Array2::from_diag_elem(n, bare.sample.norm());
            let coefficients = Coefficients { gate_hessian, ..bare.coefficients };
            let direction = direction[0].clone().insert_axis(ndarray::Axis(0));
            (Trained::new(bare.sample, coefficients, bare.gates), direction)
        })
    })
}

proptest! {
    /// The loss rises from its minimum; the printed formula says that it falls, by more than it rises.
    #[test]
    fn the_printed_sign_is_wrong_at_every_optimum((t, direction) in optimum()) {
        let training = t.problem.training();
        let retrained = t.problem.solve(&direction, &t.weights).unwrap();
        let change = Discretisation { problem: &t.problem, weights: &t.weights, before: &t.gates, after: &direction, training };
        let truth = change.change_at(&retrained, training);
        // H⁻¹ ∂²L/∂θ∂θ = I, so the printed value needs no solve.
        let curved = t.problem.gate_hessian_product(&t.weights, &t.gates, training, &direction);
        let printed = -0.5 * curved.iter().zip(&direction).map(|(a, b)| a * b).sum::<f64>();
        let rounding = t.sample.dim() as f64 * f64::EPSILON * (t.terms(&retrained, &direction) + t.solved(&retrained, &retrained));
        prop_assert!(printed < 0.0);
        prop_assert!(truth >= -30.0 * rounding, "{truth} {rounding}");
        prop_assert!(truth - printed >= -printed - 30.0 * rounding);
    }
}
