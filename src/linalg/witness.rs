//! Hypotheses as types: a witness can only be made by earning it.

use super::operator::LinearOperator;
use crate::ihvp::Certificate;

/// Why a hypothesis was not granted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WitnessError {
    /// The lower bound offered for $\lambda_{\min}$ is not positive.
    #[error(
        "not shown positive definite: the best lower bound on the smallest eigenvalue is {0:e}; add damping, or use a method for indefinite systems"
    )]
    NotPositive(f64),
    /// Nothing is known of the smallest eigenvalue.
    #[error(
        "not shown positive definite: no lower bound on the smallest eigenvalue is known by construction; estimate one with `spectrum::extreme`, or factor the matrix"
    )]
    Unknown,
    /// Nothing is known of the largest eigenvalue.
    #[error(
        "not shown a contraction: no upper bound on the largest eigenvalue is known by construction; estimate one with `spectrum::contraction`"
    )]
    Unbounded,
    /// The step is not in $(0, 2/\lambda_{\max})$.
    #[error(
        "I − γA is no contraction: γ = {step:e} must lie in (0, 2/λ_max) and λ_max may be as large as {lambda_max:e}; take γ < {limit:e}"
    )]
    Step {
        /// The step $\gamma$.
        step: f64,
        /// The upper bound used for $\lambda_{\max}$.
        lambda_max: f64,
        /// $2/\lambda_{\max}$.
        limit: f64,
    },
}

/// An operator with a positive lower bound on its smallest eigenvalue, and how that is known.
#[derive(Debug, Clone, Copy)]
pub struct PositiveDefinite<A> {
    operator: A,
    lambda_min: f64,
    certificate: Certificate,
}

impl<A: LinearOperator> PositiveDefinite<A> {
    /// Positive definite by construction: [`LinearOperator::lower_bound`] is positive.
    ///
    /// # Errors
    /// [`WitnessError::Unknown`] without such a bound, [`WitnessError::NotPositive`] when it is not positive.
    pub fn by_construction(operator: A) -> Result<Self, WitnessError> {
        let bound = operator.lower_bound().ok_or(WitnessError::Unknown)?;
        Self::from_bound(operator, bound, Certificate::Proved)
    }

    /// Positive definite by a bound found elsewhere: a dense factorisation (proved) or Lanczos (probabilistic).
    /// Crate-private so that the kind of certificate cannot be claimed, only earned.
    pub(crate) fn from_bound(operator: A, lambda_min: f64, certificate: Certificate) -> Result<Self, WitnessError> {
        // Written so that NaN is refused.
        if lambda_min > 0.0 {
            Ok(Self { operator, lambda_min, certificate })
        } else {
            Err(WitnessError::NotPositive(lambda_min))
        }
    }

    /// The operator.
    pub fn operator(&self) -> &A {
        &self.operator
    }

    /// A lower bound on $\lambda_{\min}$.
    pub fn lambda_min(&self) -> f64 {
        self.lambda_min
    }

    /// How the bound is known.
    pub fn certificate(&self) -> Certificate {
        self.certificate
    }
}

/// A step $\gamma$ with $\lVert I-\gamma A\rVert_2\le\rho<1$: what the Neumann series needs.
#[derive(Debug, Clone, Copy)]
pub struct Contraction<A> {
    definite: PositiveDefinite<A>,
    step: f64,
    gap: f64,
    certificate: Certificate,
}

impl<A: LinearOperator> Contraction<A> {
    /// A contraction by construction: the step lies in $(0, 2/U)$, $U$ the operator's own [`LinearOperator::norm_bound`].
    ///
    /// # Errors
    /// [`WitnessError::Unbounded`] without such a bound, [`WitnessError::Step`] when the step is too long.
    pub fn by_construction(definite: PositiveDefinite<A>, step: f64) -> Result<Self, WitnessError> {
        let bound = definite.operator().norm_bound().ok_or(WitnessError::Unbounded)?;
        Self::from_bound(definite, step, bound, Certificate::Proved)
    }

    /// Grants $\rho=\max(1-\gamma\lambda_{\min}, \gamma\lambda_{\max}-1)$ for a step in $(0, 2/\lambda_{\max})$, `lambda_max` an upper bound on the
    /// largest eigenvalue that is known as `certificate` says. Crate-private, for the reason given at [`PositiveDefinite`].
    pub(crate) fn from_bound(
        definite: PositiveDefinite<A>,
        step: f64,
        lambda_max: f64,
        certificate: Certificate,
    ) -> Result<Self, WitnessError> {
        let limit = 2.0 / lambda_max;
        // Both ends of 1 − ρ, without the cancellation in 1 − γλ. Written so that NaN is refused.
        let gap = (step * definite.lambda_min()).min(2.0 - step * lambda_max);
        if !(step > 0.0 && step < limit && gap > 0.0) {
            return Err(WitnessError::Step { step, lambda_max, limit });
        }
        let certificate = certificate.min(definite.certificate());
        Ok(Self { definite, step, gap, certificate })
    }

    /// The operator.
    pub fn operator(&self) -> &A {
        self.definite.operator()
    }

    /// The positive definiteness the contraction rests on.
    pub fn definite(&self) -> &PositiveDefinite<A> {
        &self.definite
    }

    /// The step $\gamma$.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// $1-\rho$, which keeps its precision when $\rho$ rounds to 1.
    pub fn gap(&self) -> f64 {
        self.gap
    }

    /// The rate $\rho$.
    pub fn rate(&self) -> f64 {
        1.0 - self.gap
    }

    /// How the rate is known.
    pub fn certificate(&self) -> Certificate {
        self.certificate
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::linalg::DenseSymmetric;

    /// Both ends of $(0,2/\lambda_{\max})$ are refused, also where $\gamma\lambda_{\max}$ is rounded below 2.
    #[test]
    fn the_ends_of_the_steps_are_refused() {
        let operator = DenseSymmetric::new(Array2::<f64>::eye(2)).unwrap();
        let grant = |step: f64| {
            let definite = PositiveDefinite::from_bound(&operator, 1.0, Certificate::Proved).unwrap();
            Contraction::from_bound(definite, step, 49.0, Certificate::Proved).is_ok()
        };
        assert_eq!(2.0 / 49.0 * 49.0, 2.0f64.next_down());
        assert!(!grant(2.0 / 49.0) && !grant(0.0) && !grant(-0.01) && !grant(f64::NAN));
        assert!(grant((2.0 / 49.0f64).next_down().next_down()) && grant(1e-300));
    }
}
