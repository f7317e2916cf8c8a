//! Influential magnitude against the matrix it is a row of, and the null direction of the softmax.

use nasproof::{
    linalg::{TestRatio, Vector, dense},
    problem::{Bilevel, Hessian, Supernet, quadratic::Split},
    relaxation::softmax,
    taylor::influential_magnitude::{on_gates, on_parameters},
};
use ndarray::{Array1, Array2};

use super::common::{exact, normal, quadratic, regression, rng};

/// $-\mathbf 1^\top MH^{-1}M^\top$ from the dense $M$, gate by gate, $H^{-1}$ by LU.
fn oracle<P: Supernet<Vector = Array1<f64>>>(at: &Hessian<'_, P>, direction: &Array2<f64>) -> Array2<f64> {
    let (edges, operations) = at.problem.gate_shape();
    let rows: Vec<Array1<f64>> = (0..edges * operations)
        .map(|k| {
            let mut unit = Array2::zeros((edges, operations));
            unit[(k / operations, k % operations)] = 1.0;
            at.problem.cross_adjoint(at.weights, at.gates, at.batch, &unit)
        })
        .collect();
    let solved = exact(at, &rows).unwrap();
    Array2::from_shape_fn((edges, operations), |(e, o)| {
        let i = e * operations + o;
        -direction.iter().zip(&solved).map(|(u, x)| u * x.dot(&rows[i])).sum::<f64>()
    })
}

#[test]
fn on_gates_it_is_minus_a_row_sum_of_m_h_inverse_m() {
    for condition in [10.0, 1e6] {
        let rng = &mut rng(40);
        let problem = quadratic(condition, rng);
        let (w, z) = (Array1::zeros(12).gaussian_like(rng), normal((3, 5), rng));
        let at = Hessian { problem: &problem, weights: &w, gates: &z, batch: &Split::Training };
        // All gates, and all but those not evaluated.
        let mut mask = Array2::ones((3, 5));
        for _ in 0..2 {
            let score = on_gates(&at, &Split::Training, &mask, &mut exact).unwrap();
            let want = oracle(&at, &mask);
            let scale = want.mapv(f64::abs).sum() * condition;
            for (got, want) in score.iter().zip(&want) {
                assert!(TestRatio::identity(*got, *want, scale, 15).passes(), "{got} {want}");
            }
            // A dropped sign is seen.
            assert!(!TestRatio::identity(-score[(0, 0)], want[(0, 0)], scale, 15).passes());
            mask[(1, 2)] = 0.0;
            mask[(2, 0)] = 0.0;
        }
    }
}

#[test]
fn it_is_the_derivative_of_eq_7_along_the_all_ones_direction() {
    let rng = &mut rng(41);
    let problem = quadratic(100.0, rng);
    let (w, z) = (Array1::zeros(12).gaussian_like(rng), normal((3, 5), rng));
    let at = Hessian { problem: &problem, weights: &w, gates: &z, batch: &Split::Training };
    let ones = Array2::ones((3, 5));
    let score = on_gates(&at, &Split::Training, &ones, &mut exact).unwrap();
    // −½uᵀKu is quadratic in u with K = MH⁻¹Mᵀ: its central difference is exact, (f(1 + e_i) − f(1 − e_i))/2 = −(K1)_i.
    let value = |u: &Array2<f64>| {
        let slope = problem.cross_adjoint(&w, &z, &Split::Training, u);
        -0.5 * slope.dot(&exact(&at, std::slice::from_ref(&slope)).unwrap()[0])
    };
    for index in ndarray::indices((3, 5)) {
        let (mut up, mut down) = (ones.clone(), ones.clone());
        up[index] += 1.0;
        down[index] -= 1.0;
        let (up, down) = (value(&up), value(&down));
        let terms = 100.0 * (up.abs() + down.abs());
        assert!(TestRatio::identity(score[index], (up - down) / 2.0, terms, 12).passes());
    }
}

#[test]
fn on_softmax_logits_it_is_null_and_on_a_relaxation_without_that_symmetry_it_is_not() {
    let rng = &mut rng(42);
    let problem = regression(rng);
    let z = softmax::gates(&normal((3, 5), rng));
    let weights = problem.solve(&z, &Array1::zeros(12)).unwrap();
    let batch = problem.training();
    let at = Hessian { problem: &problem, weights: &weights, gates: &z, batch };
    let score = on_parameters(&at, batch, |u| softmax::push(&z, u), |c| softmax::pull(&z, c), &mut exact).unwrap();
    assert!(score.nullity.passes());
    // What comes out is |J1| times ‖M H⁻¹ Mᵀ‖: rounding of the gates' own score.
    let gates = on_gates(&at, batch, &Array2::ones((3, 5)), &mut exact).unwrap();
    let condition = {
        let h = dense(&at, &weights);
        let eigenvalues = nalgebra::DMatrix::from_fn(12, 12, |i, j| h[(i, j)]).symmetric_eigenvalues();
        eigenvalues.max() / eigenvalues.min()
    };
    let size = oracle_norm(&at) * condition;
    assert!(gates.mapv(f64::abs).sum() > 1e-3 * oracle_norm(&at), "the gates' score is no rounding");
    for value in &score.score {
        assert!(TestRatio::identity(*value, 0.0, size, 15).passes(), "{value:e} against {size:e}");
    }

    // Sigmoid gates have no such direction.
    let slope = z.mapv(|z| z * (1.0 - z));
    let scale = |u: &Array2<f64>| u * &slope;
    let score = on_parameters(&at, batch, scale, scale, &mut exact).unwrap();
    assert!(!score.nullity.passes());
    let want = oracle(&at, &slope) * &slope;
    for (got, want) in score.score.iter().zip(&want) {
        assert!(TestRatio::identity(*got, *want, size, 15).passes());
    }
}

/// $\sum|(MH^{-1}M^\top)_{ij}|$.
fn oracle_norm<P: Supernet<Vector = Array1<f64>>>(at: &Hessian<'_, P>) -> f64 {
    ndarray::indices(at.problem.gate_shape())
        .into_iter()
        .map(|index| {
            let mut unit = Array2::zeros(at.problem.gate_shape());
            unit[index] = 1.0;
            oracle(at, &unit).mapv(f64::abs).sum()
        })
        .sum()
}
