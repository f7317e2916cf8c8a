//! The exact solve of a dense symmetric system, prepared once, with a proved bound on its error.
//!
//! $A=H+\eta I$ is factored by Cholesky where it is positive definite, else by its eigendecomposition $A=Q\Lambda Q^\top$, which also tells the
//! inertia. Solutions are refined in `f64` until the true residual is at most the tolerance, where that is attainable: storing $x$ alone leaves
//! $\tfrac\epsilon2\lVert A\rVert\lVert x\rVert$.
//!
//! A matrix with an eigenvalue that the precision of its entries cannot tell from zero, $|\lambda|\le$
//! [`negligible`], is refused: its inverse says more about rounding than about the matrix.
//!
//! [`Factorisation::certificate`] proves a lower bound on $\min|\lambda(A)|$, rounding included; see [`bound`] for the derivation. It is apart from the
//! factorisation because it costs as much again.

pub mod bound;
mod factor;
#[cfg(feature = "lapack")]
mod lapack;
mod rust;

use std::{any::Any, borrow::Cow};

use ndarray::{Array1, Array2};

pub use factor::{Backend, Inertia};

use super::{DirectError, InverseBound, Solution, direct};
use crate::{
    linalg::{Damped, DenseSymmetric, PositiveDefinite, Scalar, scale_by_power},
    spectrum::negligible,
};
use factor::{Cholesky, Eigen, Factor};

/// The damping, the tolerance, and who factors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The damping $\eta$; it may be negative.
    pub damping: f64,
    /// A bound on the true relative residual $\lVert v-Ax\rVert_2/\lVert v\rVert_2$ of every column.
    pub tolerance: f64,
    /// The library that factors.
    pub backend: Backend,
}

impl Default for Params {
    /// No damping, a tolerance of $10^{-10}$, LAPACK where it is compiled in.
    fn default() -> Self {
        Self { damping: 0.0, tolerance: 1e-10, backend: Backend::default() }
    }
}

/// Why a dense symmetric matrix is not factored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// $\eta$ is NaN or infinite.
    #[error("the damping must be finite, {0:e} was given")]
    Damping(f64),
    /// $H+\eta I$ overflows.
    #[error("the damped matrix has an entry that is not finite; scale the matrix and the damping down")]
    NotFinite,
    /// Eigenvalues that rounding cannot tell from zero.
    #[error(
        "the matrix is numerically singular: its eigenvalue of least magnitude is {smallest:e}, where rounding alone explains {threshold:e} \
         ({} positive, {} negative, {} zero); add damping, or give the matrix in higher precision", .inertia.positive, .inertia.negative, .inertia.zero
    )]
    Singular {
        /// The signs of the eigenvalues.
        inertia: Inertia,
        /// The eigenvalue of least magnitude, as computed.
        smallest: f64,
        /// What rounding explains.
        threshold: f64,
    },
    /// The eigenvalue iteration did not converge.
    #[error(
        "the eigenvalues of the matrix were not found: the iteration did not converge; check that its entries are of sensible sizes"
    )]
    Eigenvalues,
    /// The bound on $\min|\lambda|$ came out negative.
    #[error(
        "no positive lower bound on the eigenvalues can be proved in double precision: the matrix is too ill-conditioned; add damping"
    )]
    Unproved,
    /// The matrix has negative eigenvalues where positive ones are needed.
    #[error(
        "the matrix is indefinite: {} positive and {} negative eigenvalues; add damping, or use a method for indefinite systems", .0.positive, .0.negative
    )]
    Indefinite(Inertia),
}

/// $A=H+\eta I$, factored.
#[derive(Debug)]
pub struct Factorisation<'a> {
    matrix: Damping<'a>,
    factor: Factor,
    inertia: Inertia,
    params: Params,
}

/// What is known of the spectrum of a dense matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spectrum {
    /// The signs of its eigenvalues.
    pub inertia: Inertia,
    /// A proved lower bound on $\min|\lambda|$.
    pub bound: InverseBound,
}

impl<'a> Factorisation<'a> {
    /// Factors $H+\eta I$, in `f64` whatever the precision of $H$.
    ///
    /// # Errors
    /// [`Error`], but for [`Error::Unproved`] and [`Error::Indefinite`].
    pub fn new<S: Scalar>(h: &'a DenseSymmetric<S>, params: &Params) -> Result<Self, Error> {
        let matrix = Damping::new(h, params.damping)?;
        let a = matrix.scaled();
        let n = a.nrows();
        let epsilon = S::epsilon().as_f64();
        // At most ‖A‖, and at least about ‖A‖/√n.
        let norm = a.diag().iter().fold(0.0f64, |m, x| m.max(x.abs())).max(matrix.scaled_norm() / (n as f64).sqrt());
        if let Some(cholesky) = Cholesky::new(a, params.backend)
            && bound::inverse_iteration(&cholesky, n, 2) > negligible(n, epsilon, norm)
        {
            let inertia = Inertia { positive: n, negative: 0, zero: 0 };
            return Ok(Self { matrix, factor: Factor::Definite(cholesky), inertia, params: *params });
        }
        let eigen = Eigen::new(matrix.scaled(), params.backend).ok_or(Error::Eigenvalues)?;
        let threshold = negligible(n, epsilon, eigen.largest());
        let inertia = Inertia::of(&eigen.values, threshold);
        if inertia.zero > 0 {
            let unscale = |x: f64| matrix.unscale(x);
            return Err(Error::Singular {
                inertia,
                smallest: unscale(eigen.smallest()),
                threshold: unscale(threshold),
            });
        }
        Ok(Self { matrix, factor: Factor::Spectral(eigen), inertia, params: *params })
    }

    /// The signs of the eigenvalues, as computed; proved where [`Factorisation::certificate`] succeeds.
    pub fn inertia(&self) -> Inertia {
        self.inertia
    }

    /// Proves a lower bound on $\min|\lambda(A)|$, rounding included: a second factorisation, see [`bound`].
    ///
    /// # Errors
    /// [`Error::Unproved`].
    pub fn certificate(&self) -> Result<InverseBound, Error> {
        let bound = match &self.factor {
            Factor::Definite(cholesky) => {
                let n = self.matrix.h.matrix().nrows();
                bound::definite(|| self.matrix.scaled(), n, cholesky, self.params.backend)
            }
            Factor::Spectral(eigen) => bound::spectral(&self.matrix.scaled(), eigen),
        };
        // Written so that underflow and NaN are refused.
        let lambda_min = bound.map_or(0.0, |bound| self.matrix.unscale(bound));
        InverseBound::proved(lambda_min).filter(|_| lambda_min > f64::MIN_POSITIVE).ok_or(Error::Unproved)
    }

    /// Solves $Ax=v$ for each column of `vs`. Residuals and refinement are in `f64`, of $x$ as stored in `S`.
    ///
    /// `bound` is what [`Factorisation::certificate`] proved, for the error bounds; without it there are none.
    ///
    /// # Errors
    /// [`DirectError`]; no partial answer is given.
    pub fn solve<S: Scalar>(
        &self,
        vs: &[Array1<S>],
        bound: Option<InverseBound>,
    ) -> Result<Solution<Array1<S>>, DirectError> {
        let inverse = |vs: &[Array1<f64>]| {
            let unscaled = vs.iter().map(|v| {
                let mut x = self.factor.solve(v);
                scale_by_power(&mut x, -self.matrix.exponent);
                x
            });
            unscaled.collect()
        };
        let stored = |x: &mut Array1<f64>, exponent: i32| {
            if S::as_f64_slice(&[]).is_none() {
                scale_by_power(x, exponent);
                x.mapv_inplace(|x| S::of(x).as_f64());
                scale_by_power(x, -exponent);
            }
        };
        let wide: Vec<Array1<f64>> = vs.iter().map(|v| v.mapv(Scalar::as_f64)).collect();
        let operator = self.matrix.operator();
        let Solution { columns, reports, status, iterations, step } =
            direct::solve(&operator, &wide, inverse, stored, self.params.tolerance, bound, 1)?;
        let columns = columns.into_iter().map(|x| x.mapv(S::of)).collect();
        Ok(Solution { columns, reports, status, iterations, step })
    }
}

/// Inertia and a proved lower bound on $\min|\lambda(H+\eta I)|$.
///
/// # Errors
/// [`Error`], but for [`Error::Indefinite`].
pub fn spectrum<S: Scalar>(h: &DenseSymmetric<S>, params: &Params) -> Result<Spectrum, Error> {
    let factorisation = Factorisation::new(h, params)?;
    Ok(Spectrum { inertia: factorisation.inertia(), bound: factorisation.certificate()? })
}

/// Earns the proved witness that $H+\eta I$ is positive definite: what an iterative method on a dense matrix needs for proved bounds.
/// The damping is the operator's, that of `params` is not used.
///
/// # Errors
/// [`Error`].
pub fn positive_definite<'a, S: Scalar>(
    operator: Damped<&'a DenseSymmetric<S>>,
    params: &Params,
) -> Result<PositiveDefinite<Damped<&'a DenseSymmetric<S>>>, Error> {
    let Spectrum { inertia, bound } = spectrum(operator.inner, &Params { damping: operator.damping, ..*params })?;
    if inertia.negative > 0 {
        return Err(Error::Indefinite(inertia));
    }
    PositiveDefinite::from_bound(operator, bound.lambda_min(), bound.certificate()).map_err(|_| Error::Unproved)
}

/// Factors, certifies and solves $(H+\eta I)x=v$ for each column of `vs`. Where no bound can be proved the solutions come without one.
///
/// # Errors
/// [`SolveError`]; no partial answer is given.
pub fn solve<S: Scalar>(
    h: &DenseSymmetric<S>,
    vs: &[Array1<S>],
    params: &Params,
) -> Result<(Solution<Array1<S>>, Inertia), SolveError> {
    let factorisation = Factorisation::new(h, params)?;
    let solution = factorisation.solve(vs, factorisation.certificate().ok())?;
    Ok((solution, factorisation.inertia()))
}

/// Why a dense symmetric system is not solved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// The matrix.
    #[error(transparent)]
    Matrix(#[from] Error),
    /// The right-hand sides, or the tolerance.
    #[error(transparent)]
    Columns(#[from] DirectError),
}

/// Up to which power of two a matrix is factored as it is.
const UNSCALED: i32 = 100;

/// $H+\eta I$ in `f64`.
#[derive(Debug)]
struct Damping<'a> {
    h: Cow<'a, DenseSymmetric<f64>>,
    damping: f64,
    /// $2^{-e}A$ is of a size whose products neither overflow nor underflow.
    exponent: i32,
}

impl<'a> Damping<'a> {
    fn new<S: Scalar>(h: &'a DenseSymmetric<S>, damping: f64) -> Result<Self, Error> {
        if !damping.is_finite() {
            return Err(Error::Damping(damping));
        }
        let h = match (h as &dyn Any).downcast_ref::<DenseSymmetric<f64>>() {
            Some(h) => Cow::Borrowed(h),
            None => Cow::Owned(DenseSymmetric::trusted(h.matrix().mapv(Scalar::as_f64))),
        };
        let size = h.frobenius() + damping.abs();
        if !size.is_finite() {
            return Err(Error::NotFinite);
        }
        let exponent = if size == 0.0 { 0 } else { size.log2().floor() as i32 };
        let exponent = if exponent.abs() <= UNSCALED { 0 } else { exponent };
        Ok(Self { h, damping, exponent })
    }

    fn operator(&self) -> Damped<&DenseSymmetric<f64>> {
        Damped { inner: &self.h, damping: self.damping }
    }

    /// $2^{-e}A$, exact but for the rounding of the diagonal and for underflow far below rounding.
    fn scaled(&self) -> Array2<f64> {
        let mut a = self.h.matrix().clone();
        a.diag_mut().mapv_inplace(|x| x + self.damping);
        if self.exponent != 0 {
            a.mapv_inplace(|x| libm::ldexp(x, -self.exponent));
        }
        a
    }

    /// $2^{-e}(\lVert H\rVert_F-\sqrt n\,|\eta|)\le2^{-e}\lVert A\rVert_F$.
    fn scaled_norm(&self) -> f64 {
        let n = self.h.matrix().nrows() as f64;
        libm::ldexp(self.h.frobenius() - n.sqrt() * self.damping.abs(), -self.exponent)
    }

    /// $2^ex$, exact where it is a normal number.
    fn unscale(&self, x: f64) -> f64 {
        libm::ldexp(x, self.exponent)
    }
}

#[cfg(test)]
mod tests;
