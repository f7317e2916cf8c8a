//! The witnesses of `linalg`, earned from the spectrum.

use super::{
    extreme::{self, End, Ends, Extremes, Params, extremes},
    lanczos::Lanczos,
    negligible,
};
use crate::{
    ihvp::Certificate,
    linalg::{Contraction, LinearOperator, PositiveDefinite, Vector, WitnessError},
};

/// Why a hypothesis was not granted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error<V> {
    /// A direction of negative curvature, beyond rounding.
    #[error(
        "the operator is indefinite: a direction x has xᵀAx/xᵀx = {curvature:e}; add damping beyond {}, or use a method for indefinite systems",
        -curvature
    )]
    Indefinite {
        /// A unit vector $x$.
        direction: V,
        /// Its Rayleigh quotient, recomputed.
        curvature: f64,
    },
    /// An eigenvalue that rounding cannot tell from 0.
    #[error(
        "the operator is numerically singular: an eigenvalue is at most {ritz:e}, where rounding alone explains {threshold:e}; add damping, or give the operator in higher precision"
    )]
    Singular {
        /// The smallest Ritz value, no smaller than $\lambda_{\min}$ up to rounding.
        ritz: f64,
        /// What rounding explains.
        threshold: f64,
    },
    /// Neither shown nor refuted.
    #[error(
        "positive definiteness was not decided in {steps} Lanczos steps: λ_min lies in [{lower:e}, {ritz:e}]; allow more steps, or add damping"
    )]
    Undecided {
        /// The best lower bound on $\lambda_{\min}$.
        lower: f64,
        /// The smallest Ritz value.
        ritz: f64,
        /// The Lanczos steps taken.
        steps: usize,
    },
    /// The step is too long, or a bound is not positive.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The spectrum could not be examined.
    #[error(transparent)]
    Extreme(#[from] extreme::Error),
}

/// The step of a Neumann series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// $\gamma=1/U$, $U$ an upper bound on $\lambda_{\max}$: a factor 2 below the limit $2/\lambda_{\max}$ is the margin of safety, and
    /// $\rho=1-\lambda_{\min}/U$.
    Auto,
    /// This $\gamma$, refused unless $0<\gamma<2/U$.
    Given(f64),
}

/// A witness that `operator` is positive definite: [`Certificate::Proved`] where it is by construction, otherwise [`Certificate::Probabilistic`] from
/// Lanczos with a random start, which fails with at most `params.failure_probability`. Pass `&operator` to keep it.
///
/// # Errors
/// [`Error::Indefinite`] and [`Error::Singular`] are facts; [`Error::Undecided`] is not.
pub fn positive_definite<A: LinearOperator>(
    operator: A,
    like: &A::Vector,
    params: &Params,
) -> Result<PositiveDefinite<A>, Error<A::Vector>> {
    if operator.lower_bound().is_some_and(|bound| bound > 0.0) {
        return Ok(PositiveDefinite::by_construction(operator)?);
    }
    let (found, process) = extremes(&operator, like, Ends::Both, params)?;
    grant(operator, &found, &process)
}

/// A witness that $I-\gamma A$ is a contraction, with the upper bound on $\lambda_{\max}$ from Lanczos, or the operator's own where that is smaller.
///
/// # Errors
/// As [`positive_definite`], and [`Error::Witness`] for a step that is too long.
pub fn contraction<A: LinearOperator>(
    operator: A,
    like: &A::Vector,
    step: Step,
    params: &Params,
) -> Result<Contraction<A>, Error<A::Vector>> {
    let constructed = operator.lower_bound().is_some_and(|bound| bound > 0.0);
    let ends = if constructed { Ends::Largest } else { Ends::Both };
    let (found, process) = extremes(&operator, like, ends, params)?;
    let (upper, certificate) = match operator.norm_bound() {
        Some(bound) if bound <= found.largest.bound => (bound, Certificate::Proved),
        _ => (found.largest.bound, Certificate::Probabilistic),
    };
    let definite =
        if constructed { PositiveDefinite::by_construction(operator)? } else { grant(operator, &found, &process)? };
    let step = match step {
        Step::Auto => 1.0 / upper,
        Step::Given(step) => step,
    };
    Ok(Contraction::from_bound(definite, step, upper, certificate)?)
}

/// The witness from what [`extremes`] found of both ends.
pub(crate) fn grant<A: LinearOperator>(
    operator: A,
    found: &Extremes,
    process: &Lanczos<A::Vector>,
) -> Result<PositiveDefinite<A>, Error<A::Vector>> {
    let End { ritz, bound, .. } = found.smallest;
    let Some(like) = process.basis().first() else {
        return Err(Error::Undecided { lower: bound, ritz, steps: found.steps });
    };
    let threshold = negligible(like.dim(), like.epsilon(), found.largest.ritz.abs().max(ritz.abs()));
    if ritz <= threshold {
        if let Some(direction) = process.ritz().first().and_then(|pair| process.ritz_vector(pair)) {
            let mut product = direction.zeros_like();
            operator.apply(&direction, &mut product);
            let curvature = direction.dot(&product) / direction.dot(&direction);
            if curvature < -threshold {
                return Err(Error::Indefinite { direction, curvature });
            }
        }
        return Err(Error::Singular { ritz, threshold });
    }
    if bound > 0.0 {
        Ok(PositiveDefinite::from_bound(operator, bound, Certificate::Probabilistic)?)
    } else {
        Err(Error::Undecided { lower: bound, ritz, steps: found.steps })
    }
}
