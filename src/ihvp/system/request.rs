//! What is asked of a method, checked before any work.

use super::{Curvature, Method, System};
use crate::ihvp::stop::says_something;

/// The products of the operator after which a tolerance is given up, of an iterative method for all right-hand sides and all passes of refinement together. Looking at the
/// spectrum beforehand is not counted, and a number of terms is its own limit.
pub const MOST_PRODUCTS: usize = 1_000_000;

/// The relative residual asked for when nothing else is said.
pub const DEFAULT_TOLERANCE: f64 = 1e-10;

/// The step $\gamma$ of a method that has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Chosen: for the Neumann series from a bound on $\lambda_{\max}$, for the identity $n/\operatorname{tr}A$.
    Auto,
    /// Given.
    Given(f64),
}

/// What the answer is stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// IEEE single precision.
    Single,
    /// IEEE double precision.
    Double,
}

impl Storage {
    /// What of `x` is left once it is stored.
    pub fn keep(self, x: f64) -> f64 {
        match self {
            Self::Single => f64::from(x as f32),
            Self::Double => x,
        }
    }
}

/// A method and what is asked of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The step, for a method that has one; `None` is [`Step::Auto`].
    pub step: Option<Step>,
    /// The last index $K$ of Lemma 1's sum ($K+1$ summands); for conjugate gradient the number of iterations.
    pub terms: Option<usize>,
    /// A bound on the relative residual of every column. `None`: [`DEFAULT_TOLERANCE`] for a method that converges and no `terms`; otherwise
    /// whatever residual comes out is accepted and reported.
    pub tolerance: Option<f64>,
    /// The rows of $G$ in a mini-batch of the stochastic Neumann recursion.
    pub batch: Option<usize>,
    /// The seed of whatever is random.
    pub seed: u64,
    /// Whether the method works in single precision.
    pub single: bool,
    /// What the answer is stored in.
    pub storage: Storage,
}

/// What the arguments alone refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RequestError {
    /// The step is not a positive number.
    #[error("the step γ must be a positive number or `auto`; {0} was given")]
    Step(f64),
    /// The method has no step.
    #[error("the method {0} has no step γ; leave it out, or use neumann, stochastic-neumann or identity")]
    NoStep(Method),
    /// The tolerance does not lie between 0 and 1.
    #[error("the tolerance τ bounds ‖v − Ax‖/‖v‖, which is 1 at x = 0, and must lie between 0 and 1; {0} was given")]
    Tolerance(f64),
    /// The method has no terms.
    #[error("the method {0} sums no terms; leave K out, or use cg, block-cg, neumann or stochastic-neumann")]
    NoTerms(Method),
    /// No iterations.
    #[error("conjugate gradient takes at least one iteration; K = 0 was given")]
    NoIterations,
    /// Too many.
    #[error("at most {MOST_PRODUCTS} terms are summed; K = {0} was given")]
    TooMany(usize),
    /// The method has no mini-batches.
    #[error("the method {0} has no mini-batches; leave the rows out, or use stochastic-neumann")]
    NoBatch(Method),
    /// Not so many rows.
    #[error("a mini-batch has between 1 and N = {rows} rows of the gradients; {batch} were asked for")]
    Batch {
        /// The rows asked for.
        batch: usize,
        /// The rows there are.
        rows: usize,
    },
    /// The method needs gradients.
    #[error(
        "the method {0} works on gradients, not on a Hessian: give G as an N × n array of per-example gradients, or use exact, cg, block-cg or neumann"
    )]
    NeedsGradients(Method),
    /// The recursion and its closed form start from $\frac1\eta I$.
    #[error(
        "the method {method} starts from (ηI)⁻¹ and is not defined for η = 0 (G has {rows} rows of length {dim}): give a positive damping, or use exact, cg or block-cg"
    )]
    NeedsDamping {
        /// The method.
        method: Method,
        /// $N$.
        rows: usize,
        /// $n$.
        dim: usize,
    },
    /// Right-hand sides that do not fit.
    #[error("the system has dimension n = {dim}, the right-hand sides have length {given}")]
    Dimension {
        /// The dimension of the system.
        dim: usize,
        /// The length given.
        given: usize,
    },
    /// A matrix too large to be held dense.
    #[error(
        "exact needs the dense {0} × {0} matrix, which would take {gigabytes:.0} GB: use woodbury, which is exact for gradients with damping, or cg",
        gigabytes = (*.0 as f64).powi(2) * 8.0 / 1e9
    )]
    TooLarge(usize),
    /// A number beyond single precision.
    #[error(
        "an entry of the arrays is beyond the range of single precision; scale the arrays, or work in double precision"
    )]
    Single,
}

/// The largest matrix that is formed from gradients: 3.2 GB.
const MOST_DENSE: usize = 20_000;

impl Request {
    /// What the arguments decide by themselves.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn check(&self) -> Result<(), RequestError> {
        let method = self.method;
        match self.step {
            Some(_) if !method.has_step() => return Err(RequestError::NoStep(method)),
            Some(Step::Given(step)) if !(step > 0.0 && step.is_finite()) => return Err(RequestError::Step(step)),
            _ => {}
        }
        match self.tolerance {
            Some(tolerance) if !says_something(tolerance) => {
                return Err(RequestError::Tolerance(tolerance));
            }
            _ => {}
        }
        match self.terms {
            Some(_) if !method.has_terms() => return Err(RequestError::NoTerms(method)),
            Some(0) if matches!(method, Method::Cg | Method::BlockCg) => return Err(RequestError::NoIterations),
            Some(terms) if terms > MOST_PRODUCTS => return Err(RequestError::TooMany(terms)),
            _ => {}
        }
        if self.batch.is_some() && method != Method::StochasticNeumann {
            return Err(RequestError::NoBatch(method));
        }
        Ok(())
    }

    /// What the arguments and the system decide together; `length` is that of the right-hand sides.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn check_for(&self, system: &System, length: usize) -> Result<(), RequestError> {
        self.check()?;
        let (method, dim) = (self.method, system.dim());
        if length != dim {
            return Err(RequestError::Dimension { dim, given: length });
        }
        match &system.operator().inner {
            Curvature::Hessian { .. } if method.needs_gradients() => return Err(RequestError::NeedsGradients(method)),
            Curvature::Hessian { .. } => {}
            Curvature::Gradients(fisher) => {
                let rows = fisher.panel().nrows();
                // With fewer rows than columns the system is singular besides, and that is what is said of it.
                let starts_from_damping = matches!(method, Method::ShermanMorrison | Method::Woodbury);
                if starts_from_damping && system.damping() == 0.0 && rows >= dim {
                    return Err(RequestError::NeedsDamping { method, rows, dim });
                }
                if let Some(batch) = self.batch.filter(|batch| !(1..=rows).contains(batch)) {
                    return Err(RequestError::Batch { batch, rows });
                }
                if method == Method::Exact && dim > MOST_DENSE {
                    return Err(RequestError::TooLarge(dim));
                }
            }
        }
        Ok(())
    }

    /// The relative residual that must be reached, if one must.
    pub fn goal(&self) -> Option<f64> {
        let default = (self.method.converges() && self.terms.is_none()).then_some(DEFAULT_TOLERANCE);
        self.tolerance.or(default)
    }
}
