//! What several statements are tried on: quadratic bilevel problems of a chosen spectrum, and dense algebra that owes the library nothing.

use nalgebra::{DMatrix, DVector};
use nasproof::{
    linalg::{Vector, dense, samples::Sample},
    problem::{
        Bilevel, Hessian, Supernet,
        quadratic::{Coefficients, Quadratic, Split},
    },
};
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};

/// $(E, O)$ of the quadratic problems.
pub const GATES: (usize, usize) = (2, 4);

pub fn matrix(a: &Array2<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)])
}

pub fn column(a: &Array1<f64>) -> DVector<f64> {
    DVector::from_iterator(a.len(), a.iter().copied())
}

/// $H^{-1}v$ by LU with one step of refinement, for definite and indefinite matrices alike.
pub fn solve(a: &DMatrix<f64>, v: &DVector<f64>) -> DVector<f64> {
    let factor = a.clone().lu();
    let x = factor.solve(v).unwrap();
    let residual = v - a * &x;
    x + factor.solve(&residual).unwrap()
}

/// An inverse Hessian for `taylor` that writes the matrix out.
pub fn exact<P: Supernet<Vector = Array1<f64>>>(
    at: &Hessian<'_, P>,
    vs: &[Array1<f64>],
) -> Result<Vec<Array1<f64>>, std::convert::Infallible> {
    let h = matrix(&dense(at, at.weights));
    Ok(vs.iter().map(|v| solve(&h, &column(v)).iter().copied().collect()).collect())
}

fn array(rows: usize, columns: usize) -> impl Strategy<Value = Array2<f64>> {
    vec(-1.0..1.0f64, rows * columns).prop_map(move |x| Array2::from_shape_vec((rows, columns), x).unwrap())
}

/// The coefficients of a loss around the Hessian of a sample.
pub fn coefficients(sample: Sample) -> impl Strategy<Value = Coefficients> {
    let (n, p) = (sample.dim(), GATES.0 * GATES.1);
    (array(n, p), array(p, p), array(3, n), array(1, p)).prop_map(move |(cross, half, offsets, slope)| Coefficients {
        hessian: sample.matrix.clone(),
        cross,
        gate_hessian: &half + &half.t(),
        offsets,
        gate_offset: slope.row(0).to_owned(),
        constant: 0.0,
    })
}

/// Training and validation losses of one dimension $8\le n\le16$, each with a spectrum of its own and $\kappa$ up to `10^digits`.
pub fn problem(digits: f64) -> impl Strategy<Value = Quadratic> {
    use nasproof::linalg::samples::positive_definite;
    (8usize..=16)
        .prop_flat_map(move |n| (positive_definite(n..=n, digits), positive_definite(n..=n, digits)))
        .prop_flat_map(|(training, validation)| (coefficients(training), coefficients(validation)))
        .prop_map(|(training, validation)| Quadratic::new(GATES, training, validation).unwrap())
}

/// Gates in $[0,1]$.
pub fn gates() -> impl Strategy<Value = Array2<f64>> {
    array(GATES.0, GATES.1).prop_map(|a| a.mapv(f64::abs))
}

/// The weights retrained at the gates before and after a change, and the size of the terms of a predicted loss change: what its rounding
/// is measured against, the weights being stationary, or a step solved for, up to $\kappa\le10^4$ times rounding.
pub fn retrained(problem: &Quadratic, before: &Array2<f64>, after: &Array2<f64>) -> (Array1<f64>, Array1<f64>, f64) {
    let start = problem.solve(before, &Array1::zeros(problem.weight_count())).unwrap();
    let end = problem.solve(after, &start).unwrap();
    let h = problem.coefficients(Split::Training).hessian.iter().map(|x| x * x).sum::<f64>().sqrt();
    let size = start.norm() + end.norm() + 1.0;
    (start, end, 1e4 * (h * size * size + 64.0 * size + 64.0))
}
