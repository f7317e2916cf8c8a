//! Hutchinson's estimate of a trace, with a confidence interval.
//!
//! For $z$ with independent entries $\pm1$, $E[z^\top Az]=\operatorname{tr}A$ and $\operatorname{Var}[z^\top Az]=2\sum_{i\ne j}A_{ij}^2$ (Hutchinson 1990). From $m$
//! independent probes, mean $\bar t$ and sample deviation $s$, the interval is $\bar t\pm t_{m-1,(1+c)/2}\,s/\sqrt m$, Student's $t$: exact for normal samples, and
//! $z^\top Az$, a sum over $n^2$ pairs, is near to normal when no few eigenvalues carry the trace.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::lanczos;
use crate::linalg::{LinearOperator, Vector};

/// How many probes, and how sure.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Probes $m$, one product each; at least 2.
    pub samples: usize,
    /// The confidence $c\in(0,1)$ of the interval.
    pub confidence: f64,
    /// Seed of the probes.
    pub seed: u64,
}

impl Default for Params {
    /// 100 probes, confidence 0.95, seed 0.
    fn default() -> Self {
        Self { samples: 100, confidence: 0.95, seed: 0 }
    }
}

/// A trace and its interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The mean of the probes.
    pub value: f64,
    /// The half-width of the interval.
    pub half_width: f64,
    /// The standard error $s/\sqrt m$.
    pub standard_error: f64,
    /// Its confidence.
    pub confidence: f64,
    /// The probes.
    pub samples: usize,
}

impl Estimate {
    /// Whether `trace` lies in the interval.
    pub fn contains(&self, trace: f64) -> bool {
        (trace - self.value).abs() <= self.half_width
    }
}

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Too few probes, or no such confidence.
    #[error("an interval needs at least 2 probes and a confidence in (0, 1); {samples} and {confidence} were given")]
    Params {
        /// The probes asked for.
        samples: usize,
        /// The confidence asked for.
        confidence: f64,
    },
    /// The operator could not be applied.
    #[error(transparent)]
    Operator(#[from] lanczos::Error),
}

/// The trace of `operator`; `like` is any vector of its space.
///
/// # Errors
/// [`Error`].
pub fn trace<A: LinearOperator>(operator: &A, like: &A::Vector, params: &Params) -> Result<Estimate, Error> {
    let Params { samples, confidence, seed } = *params;
    let invalid = Error::Params { samples, confidence };
    if samples < 2 || !(confidence > 0.0 && confidence < 1.0) {
        return Err(invalid);
    }
    let (expected, given) = (operator.dim(), like.dim());
    if expected == 0 {
        return Err(lanczos::Error::Empty.into());
    }
    if given != expected {
        return Err(lanczos::Error::Dimension { given, expected }.into());
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut product = like.zeros_like();
    // Welford's update: no cancellation between large squares.
    let (mut mean, mut squares) = (0.0, 0.0);
    for step in 1..=samples {
        let signs: Vec<f64> = (0..expected).map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 }).collect();
        let probe = like.with_entries(&signs);
        operator.apply(&probe, &mut product);
        let quadratic = probe.dot(&product);
        if !quadratic.is_finite() {
            return Err(lanczos::Error::NotFinite { step }.into());
        }
        let deviation = quadratic - mean;
        mean += deviation / step as f64;
        squares += deviation * (quadratic - mean);
    }
    let freedom = (samples - 1) as f64;
    let standard_error = (squares / freedom / samples as f64).sqrt();
    let quantile = StudentsT::new(0.0, 1.0, freedom).map_err(|_| invalid)?.inverse_cdf(0.5 + 0.5 * confidence);
    Ok(Estimate { value: mean, half_width: quantile * standard_error, standard_error, confidence, samples })
}
