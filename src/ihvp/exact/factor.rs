//! Factorisations behind one face, whoever computes them.

use ndarray::{Array1, Array2};

/// Who factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// `nalgebra`, in Rust.
    Nalgebra,
    /// LAPACK, from the system's OpenBLAS: `dpotrf`, `dpotrs`, `dsyev`.
    #[cfg(feature = "lapack")]
    Lapack,
}

impl Default for Backend {
    /// LAPACK where it is compiled in.
    fn default() -> Self {
        #[cfg(feature = "lapack")]
        {
            Self::Lapack
        }
        #[cfg(not(feature = "lapack"))]
        {
            Self::Nalgebra
        }
    }
}

/// How many eigenvalues have which sign. Zero are those that rounding cannot tell from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Inertia {
    /// Positive eigenvalues.
    pub positive: usize,
    /// Negative eigenvalues.
    pub negative: usize,
    /// Eigenvalues numerically zero.
    pub zero: usize,
}

impl Inertia {
    /// Of these eigenvalues, those at most `threshold` in magnitude counted as zero.
    pub(super) fn of(eigenvalues: &Array1<f64>, threshold: f64) -> Self {
        let count = |of: &dyn Fn(f64) -> bool| eigenvalues.iter().filter(|l| of(**l)).count();
        let (positive, negative) = (count(&|l| l > threshold), count(&|l| l < -threshold));
        Self { positive, negative, zero: eigenvalues.len() - positive - negative }
    }
}

/// A factor of a symmetric matrix.
#[derive(Debug)]
pub(super) enum Factor {
    /// Of a positive definite one.
    Definite(Cholesky),
    /// Of any.
    Spectral(Eigen),
}

impl Factor {
    /// $x$ with $Ax\approx b$.
    pub(super) fn solve(&self, b: &Array1<f64>) -> Array1<f64> {
        match self {
            Self::Definite(cholesky) => cholesky.solve(b),
            Self::Spectral(eigen) => eigen.solve(b),
        }
    }
}

/// $A=R^\top R$.
#[derive(Debug)]
pub(super) enum Cholesky {
    Nalgebra(nalgebra::Cholesky<f64, nalgebra::Dyn>),
    #[cfg(feature = "lapack")]
    Lapack(super::lapack::Cholesky),
}

impl Cholesky {
    /// `None` where a pivot is not positive.
    pub(super) fn new(a: Array2<f64>, backend: Backend) -> Option<Self> {
        match backend {
            Backend::Nalgebra => super::rust::cholesky(a).map(Self::Nalgebra),
            #[cfg(feature = "lapack")]
            Backend::Lapack => super::lapack::Cholesky::new(a).map(Self::Lapack),
        }
    }

    /// $x$ with $Ax\approx b$.
    pub(super) fn solve(&self, b: &Array1<f64>) -> Array1<f64> {
        match self {
            Self::Nalgebra(factor) => super::rust::solve(factor, b),
            #[cfg(feature = "lapack")]
            Self::Lapack(factor) => factor.solve(b),
        }
    }
}

/// $A\approx Q\Lambda Q^\top$.
#[derive(Debug)]
pub(super) struct Eigen {
    /// The diagonal of $\Lambda$.
    pub values: Array1<f64>,
    /// $Q$, an eigenvector a column.
    pub vectors: Array2<f64>,
}

impl Eigen {
    /// `None` where the iteration did not converge.
    pub(super) fn new(a: Array2<f64>, backend: Backend) -> Option<Self> {
        match backend {
            Backend::Nalgebra => super::rust::eigen(a),
            #[cfg(feature = "lapack")]
            Backend::Lapack => super::lapack::eigen(a),
        }
    }

    /// $Q\Lambda^{-1}Q^\top b$.
    fn solve(&self, b: &Array1<f64>) -> Array1<f64> {
        self.vectors.dot(&(self.vectors.t().dot(b) / &self.values))
    }

    /// $\max|\lambda|$.
    pub(super) fn largest(&self) -> f64 {
        self.values.iter().fold(0.0, |m, l| l.abs().max(m))
    }

    /// The eigenvalue of least magnitude.
    pub(super) fn smallest(&self) -> f64 {
        self.values.iter().copied().min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(f64::INFINITY)
    }
}
