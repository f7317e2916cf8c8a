//! A flat landscape as the library's quadratic supernet, so that a check can ask the library's own estimators.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2};

use crate::{
    claims::{landscape::Landscape, strategies},
    linalg::dense,
    problem::{
        Hessian,
        quadratic::{Coefficients, Quadratic},
    },
};

/// One edge of $p$ operations; training and validation loss both the landscape without its bends. `None` where its shapes do not fit.
pub(super) fn quadratic(loss: &Landscape) -> Option<Quadratic> {
    let (p, n) = loss.shape();
    let array = |m: DMatrix<f64>| Array2::from_shape_fn(m.shape(), |at| m[at]);
    let coefficients = Coefficients {
        hessian: array(strategies::matrix(&loss.hessian)),
        cross: Array2::from_shape_fn((n, p), |(i, j)| loss.cross[j][i]),
        gate_hessian: array(strategies::matrix(&loss.gate_hessian)),
        offsets: Array2::from_shape_fn((1, n), |(_, i)| loss.weight_gradient[i]),
        gate_offset: Array1::from(loss.gate_gradient.clone()),
        constant: 0.0,
    };
    Quadratic::new((1, p), coefficients.clone(), coefficients).ok()
}

/// One row of gates.
pub(super) fn gates(gates: &DVector<f64>) -> Array2<f64> {
    Array2::from_shape_fn((1, gates.len()), |(_, o)| gates[o])
}

/// The Hessian is singular.
#[derive(Debug)]
pub(super) struct Singular;

/// $H^{-1}v$ with $H$ written out and factored.
pub(super) fn exact(at: &Hessian<'_, Quadratic>, vs: &[Array1<f64>]) -> Result<Vec<Array1<f64>>, Singular> {
    let matrix = dense(at, at.weights);
    let factor = DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| matrix[(i, j)]).cholesky().ok_or(Singular)?;
    Ok(vs
        .iter()
        .map(|v| factor.solve(&DVector::from_iterator(v.len(), v.iter().copied())).iter().copied().collect())
        .collect())
}
