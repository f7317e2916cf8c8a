//! An inverse that knows the whole matrix.

use std::convert::Infallible;

use nalgebra::{DMatrix, DVector};
use nasproof::{
    linalg::{Vector, dense},
    problem::{Hessian, Supernet},
};
use ndarray::Array1;

pub use crate::common::{normal, quadratic, regression, rng};

/// What an inverse that cannot fail returns.
pub type Solved = Result<Vec<Array1<f64>>, Infallible>;

/// The slow, obvious inverse: the dense Hessian, by LU.
pub fn exact<P: Supernet<Vector = Array1<f64>>>(at: &Hessian<'_, P>, vs: &[Array1<f64>]) -> Solved {
    let h = dense(at, at.weights);
    let lu = DMatrix::from_fn(h.nrows(), h.nrows(), |i, j| h[(i, j)]).lu();
    Ok(vs.iter().map(|v| lu.solve(&DVector::from_vec(v.to_vec())).unwrap().iter().copied().collect()).collect())
}

/// [`exact`], then wrong by a fixed relative amount along a fixed pattern.
pub fn perturbed<P: Supernet<Vector = Array1<f64>>>(
    size: f64,
) -> impl FnMut(&Hessian<'_, P>, &[Array1<f64>]) -> Solved {
    move |at, vs| {
        let mut xs = exact(at, vs)?;
        for x in &mut xs {
            let norm = x.norm();
            let pattern = Array1::from_shape_fn(x.len(), |i| ((i * i + 1) as f64).sin());
            x.scaled_add(size * norm / pattern.norm(), &pattern);
        }
        Ok(xs)
    }
}
