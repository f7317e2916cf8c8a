//! The factorisations of `nalgebra`.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn, SymmetricEigen};
use ndarray::{Array1, Array2};

use super::factor::Eigen;

/// QR sweeps per matrix; a few for each eigenvalue are usual.
const SWEEPS: usize = 50;

/// A symmetric matrix is the same in either order of storage.
fn matrix(a: Array2<f64>) -> DMatrix<f64> {
    let n = a.nrows();
    DMatrix::from_iterator(n, n, a)
}

pub(super) fn cholesky(a: Array2<f64>) -> Option<Cholesky<f64, Dyn>> {
    Cholesky::new(matrix(a))
        .filter(|factor| factor.l_dirty().diagonal().iter().all(|pivot| *pivot > 0.0 && pivot.is_finite()))
}

pub(super) fn solve(factor: &Cholesky<f64, Dyn>, b: &Array1<f64>) -> Array1<f64> {
    let mut x = DVector::from_iterator(b.len(), b.iter().copied());
    factor.solve_mut(&mut x);
    x.iter().copied().collect()
}

pub(super) fn eigen(a: Array2<f64>) -> Option<Eigen> {
    let n = a.nrows();
    let eigen = SymmetricEigen::try_new(matrix(a), f64::EPSILON, SWEEPS * n)?;
    let vectors = Array2::from_shape_fn((n, n), |(i, j)| eigen.eigenvectors[(i, j)]);
    Some(Eigen { values: eigen.eigenvalues.iter().copied().collect(), vectors })
}
