//! Power iteration: the eigenvalue of largest magnitude.
//!
//! $q\leftarrow Aq/\lVert Aq\rVert$. With $\theta=q^\top Aq$, an eigenvalue lies within $\lVert Aq-\theta q\rVert$ of $\theta$ (Parlett, 4.5.1). The error shrinks by
//! $|\lambda_2/\lambda_1|$ an iteration; when the two largest magnitudes are equal and of opposite sign there is no limit, and that is an error here.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::lanczos;
use crate::linalg::{LinearOperator, Vector};

/// When to stop.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Seed of the random start.
    pub seed: u64,
    /// Stop when the residual is at most this part of $|\theta|$.
    pub tolerance: f64,
    /// The largest number of products.
    pub iterations: usize,
}

impl Default for Params {
    /// Seed 0, tolerance $10^{-3}$, at most 1000 products.
    fn default() -> Self {
        Self { seed: 0, tolerance: 1e-3, iterations: 1000 }
    }
}

/// An approximate eigenpair.
#[derive(Debug, Clone)]
pub struct Solution<V> {
    /// The Rayleigh quotient $\theta$ of `vector`.
    pub value: f64,
    /// A unit vector.
    pub vector: V,
    /// $\lVert Aq-\theta q\rVert$: an eigenvalue is this near to `value`, up to rounding.
    pub residual: f64,
    /// Products used.
    pub iterations: usize,
}

/// Why no eigenpair was found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Not converged.
    #[error(
        "power iteration stands at {value:e} with residual {residual:e} after {iterations} products; either the two largest eigenvalues are close in magnitude, \
         or they are of opposite sign: use Lanczos, shift the operator, or allow more products"
    )]
    NotConverged {
        /// The Rayleigh quotient reached.
        value: f64,
        /// Its residual.
        residual: f64,
        /// Products used.
        iterations: usize,
    },
    /// The operator could not be applied.
    #[error(transparent)]
    Operator(#[from] lanczos::Error),
}

/// The eigenvalue of `operator` of largest magnitude; `like` is any vector of its space.
///
/// # Errors
/// [`Error`], which carries what was reached.
pub fn power<A: LinearOperator>(operator: &A, like: &A::Vector, params: &Params) -> Result<Solution<A::Vector>, Error> {
    let (expected, given) = (operator.dim(), like.dim());
    if expected == 0 {
        return Err(lanczos::Error::Empty.into());
    }
    if given != expected {
        return Err(lanczos::Error::Dimension { given, expected }.into());
    }
    let mut q = like.gaussian_like(&mut ChaCha8Rng::seed_from_u64(params.seed));
    q.scale(1.0 / q.norm());
    let (mut w, mut difference) = (q.zeros_like(), q.zeros_like());
    let (mut value, mut residual) = (0.0, f64::INFINITY);
    for iterations in 1..=params.iterations {
        operator.apply(&q, &mut w);
        let norm = w.norm();
        if !norm.is_finite() {
            return Err(lanczos::Error::NotFinite { step: iterations }.into());
        }
        value = q.dot(&w);
        difference.copy_from(&w);
        difference.axpy(-value, &q);
        residual = difference.norm();
        if residual <= params.tolerance * value.abs() {
            return Ok(Solution { value, vector: q, residual, iterations });
        }
        // A product of zero would have had residual zero: the norm is positive.
        std::mem::swap(&mut q, &mut w);
        q.scale(1.0 / norm);
    }
    Err(Error::NotConverged { value, residual, iterations: params.iterations })
}
