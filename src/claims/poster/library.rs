//! The landscapes without bends as problems of the library, so that its own code is what a definition is compared with.

use std::convert::Infallible;

use nalgebra::DVector;
use ndarray::{Array1, Array2};

use crate::{
    claims::{landscape::Landscape, strategies},
    problem::{
        Hessian,
        quadratic::{Coefficients, Quadratic},
    },
    taylor::InverseHessian,
};

/// The loss as a problem with gates of the given shape, for training and validation alike; `None` where the shapes do not fit.
pub(super) fn problem(loss: &Landscape, shape: (usize, usize)) -> Option<Quadratic> {
    let (p, n) = loss.shape();
    let array = |rows: &[Vec<f64>], (r, c)| Array2::from_shape_fn((r, c), |(i, j)| rows[i][j]);
    let coefficients = Coefficients {
        hessian: array(&loss.hessian, (n, n)),
        cross: array(&loss.cross, (p, n)).reversed_axes(),
        gate_hessian: array(&loss.gate_hessian, (p, p)),
        offsets: Array2::from_shape_fn((1, n), |(_, i)| loss.weight_gradient[i]),
        gate_offset: Array1::from(loss.gate_gradient.clone()),
        constant: 0.0,
    };
    Quadratic::new(shape, coefficients.clone(), coefficients).ok()
}

/// $H^{-1}v$ by Cholesky.
pub(super) fn inverse(loss: &Landscape) -> Option<impl InverseHessian<Quadratic, Error = Infallible> + use<>> {
    let factor = strategies::matrix(&loss.hessian).cholesky()?;
    Some(move |_: &Hessian<'_, Quadratic>, vs: &[Array1<f64>]| {
        let solve = |v: &Array1<f64>| factor.solve(&DVector::from_column_slice(&v.to_vec())).as_slice().to_vec();
        Ok(vs.iter().map(|v| Array1::from(solve(v))).collect())
    })
}
