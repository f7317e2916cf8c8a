//! The factorisations of LAPACK.

use ndarray::{Array1, Array2, OwnedRepr};
use ndarray_linalg::{CholeskyFactorized, Eigh, FactorizeCInto, SolveC, UPLO};

use super::factor::Eigen;

/// `dpotrf`, in place.
pub(super) struct Cholesky(CholeskyFactorized<OwnedRepr<f64>>);

impl std::fmt::Debug for Cholesky {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cholesky").field(&self.0.factor).finish()
    }
}

impl Cholesky {
    pub(super) fn new(a: Array2<f64>) -> Option<Self> {
        // LAPACK's order of storage; the matrix is the same in either.
        let factor = a.reversed_axes().factorizec_into(UPLO::Lower).ok()?;
        factor.factor.diag().iter().all(|pivot| *pivot > 0.0 && pivot.is_finite()).then_some(Self(factor))
    }

    /// `dpotrs`.
    pub(super) fn solve(&self, b: &Array1<f64>) -> Array1<f64> {
        // Shapes agree, and `dpotrs` fails on nothing else.
        self.0.solvec(b).unwrap_or_else(|_| Array1::from_elem(b.len(), f64::NAN))
    }
}

/// `dsyev`.
pub(super) fn eigen(a: Array2<f64>) -> Option<Eigen> {
    let (values, vectors) = a.eigh(UPLO::Upper).ok()?;
    Some(Eigen { values, vectors })
}
