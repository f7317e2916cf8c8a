//! What is known of a computed $x\approx A^{-1}v$: its true residual, a bound on its error, and how far to trust the bound.

use serde::Serialize;

use crate::linalg::{LinearOperator, PositiveDefinite, Vector, gamma};

/// How a bound is known. Never merged: the weakest link names the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certificate {
    /// No bound, or one that rests on an assumption nobody checked.
    Heuristic,
    /// Holds with a stated probability over the random start of Lanczos.
    Probabilistic,
    /// Holds: $\lambda_{\min}$ is known by construction or from a dense factorisation, rounding included.
    Proved,
}

/// The report on one column of a solution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// $\lVert v - Ax\rVert_2$, recomputed from $x$; never the recursively updated one.
    pub residual: f64,
    /// $\lVert v - Ax\rVert_2/\lVert v\rVert_2$; 0 for a zero column.
    pub relative_residual: f64,
    /// A bound on $\lVert x - A^{-1}v\rVert_2$; `None` where none is known.
    pub error_bound: Option<f64>,
    /// How the bound is known.
    pub certificate: Certificate,
    /// The iterations this column took part in.
    pub iterations: usize,
    /// The relative residual after each iteration, as the method saw it.
    pub trace: Vec<f64>,
}

/// What is known of the smallest $|\lambda|$ of the operator of a solve: by construction, from a witness, or from
/// [`exact::Factorisation::certificate`](super::exact::Factorisation::certificate). It cannot be claimed, only earned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InverseBound {
    lambda_min: f64,
    certificate: Certificate,
}

impl InverseBound {
    /// A bound that a factorisation proved, rounding included; `None` where it is not positive, or NaN.
    pub(crate) fn proved(lambda_min: f64) -> Option<Self> {
        (lambda_min > 0.0).then_some(Self { lambda_min, certificate: Certificate::Proved })
    }

    /// A lower bound on $\min|\lambda(A)|$, positive.
    pub fn lambda_min(&self) -> f64 {
        self.lambda_min
    }

    /// How it is known.
    pub fn certificate(&self) -> Certificate {
        self.certificate
    }

    /// What the operator knows of itself, where that is a positive [`LinearOperator::lower_bound`].
    pub fn by_construction<A: LinearOperator>(operator: &A) -> Option<Self> {
        Self::proved(operator.lower_bound()?)
    }
}

impl<A: LinearOperator> From<&PositiveDefinite<A>> for InverseBound {
    fn from(witness: &PositiveDefinite<A>) -> Self {
        Self { lambda_min: witness.lambda_min(), certificate: witness.certificate() }
    }
}

/// The norm of $v-Ax$ as computed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Residual {
    pub norm: f64,
    /// By how much rounding is known to have moved it at most.
    pub rounding: f64,
    /// Whether that is all of the rounding.
    pub complete: bool,
}

impl Residual {
    /// The report on an $x$ with this residual: for nonsingular symmetric $A$, $\lVert x-A^{-1}v\rVert_2 = \lVert A^{-1}(v-Ax)\rVert_2\le\lVert v-Ax\rVert_2/\min|\lambda|$,
    /// and what rounding may hide of the residual is added before the division.
    pub fn certified(self, v: &impl Vector, bound: Option<InverseBound>) -> Column {
        let v_norm = v.norm();
        let (error_bound, certificate) = match bound {
            None => (None, Certificate::Heuristic),
            Some(bound) => {
                let certificate =
                    if self.complete { bound.certificate } else { bound.certificate.min(Certificate::Probabilistic) };
                // The norm is itself computed: d additions and a square root.
                let norms = 1.0 + gamma(v.dim() + 2, f64::EPSILON);
                let numerator = (self.norm + self.rounding) * norms;
                let error = numerator / bound.lambda_min * (1.0 + gamma(4, f64::EPSILON));
                if error.is_finite() { (Some(error), certificate) } else { (None, Certificate::Heuristic) }
            }
        };
        Column {
            residual: self.norm,
            relative_residual: if v_norm == 0.0 && self.norm == 0.0 { 0.0 } else { self.norm / v_norm },
            error_bound,
            certificate,
            iterations: 0,
            trace: Vec::new(),
        }
    }
}

/// Recomputes the residual of `x` and bounds its error.
///
/// The computed residual $\hat r$ differs from the exact one by at most the rounding of the
/// product, [`LinearOperator::rounding`], and of the subtraction, $u(\lVert v\rVert + \lVert Ax\rVert)$; both are added before
/// $\lVert v-Ax\rVert_2$ is divided by $\min|\lambda|$. Without a bound on the rounding of the product the certificate is never better than [`Certificate::Probabilistic`].
///
/// `bound` is `None` where nothing is known of $\min|\lambda|$: then there is no error bound and the certificate is
/// [`Certificate::Heuristic`].
pub fn certify<A: LinearOperator>(operator: &A, x: &A::Vector, v: &A::Vector, bound: Option<InverseBound>) -> Column {
    let mut residual = operator.product(x);
    let product_norm = residual.norm();
    // Ax − v; only its norm is looked at.
    residual.axpy(-1.0, v);
    let epsilon = x.epsilon();
    let norms = 1.0 + gamma(x.dim() + 2, f64::EPSILON);
    let subtraction = gamma(2, epsilon) * (v.norm() + product_norm);
    let product = operator.rounding(x.norm() * norms, epsilon);
    Residual { norm: residual.norm(), rounding: subtraction + product.unwrap_or(0.0), complete: product.is_some() }
        .certified(v, bound)
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;

    /// Of six coordinates a norm takes eight roundings of $\epsilon/2$, and four more are allowed for in the quotient: $6\epsilon$ of a residual of 1.
    #[test]
    fn a_bound_is_rounded_up_by_what_its_own_operations_round() {
        let certified = |norm: f64, rounding: f64, lambda_min: f64, v: &Array1<f64>| {
            let residual = Residual { norm, rounding, complete: true };
            residual.certified(v, InverseBound::proved(lambda_min))
        };
        let (unit, zero) = (Array1::from_vec(vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), Array1::zeros(6));
        let up = 1.0 + 6.0 * f64::EPSILON;
        for (norm, rounding, lambda_min, bound) in
            [(1.0, 0.0, 1.0, up), (1.0, 1.0, 1.0, 2.0 * up), (0.0, 4.0, 1.0, 4.0 * up), (1.0, 0.0, 0.25, 4.0 * up)]
        {
            let report = certified(norm, rounding, lambda_min, &unit);
            assert_eq!((report.error_bound, report.relative_residual), (Some(bound), norm));
        }
        // Nothing beside nothing is exact, and something beside nothing is infinitely wrong.
        assert_eq!(certified(0.0, 0.0, 1.0, &zero).relative_residual, 0.0);
        assert_eq!(certified(1.0, 0.0, 1.0, &zero).relative_residual, f64::INFINITY);
        // A bound that overflows is none.
        let report = certified(f64::MAX, 0.0, 0.5, &unit);
        assert_eq!((report.error_bound, report.certificate), (None, Certificate::Heuristic));
    }
}
