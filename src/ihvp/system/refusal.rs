//! Systems that the mathematics refuses to solve as asked.

use serde::Serialize;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every column reached the tolerance.
    Converged,
    /// What could be spent was spent: the terms asked for, or, in a refusal, the products allowed or the precision there is.
    Budget,
    /// The step is too long, or a product left the range of its format.
    Diverged,
    /// The system has a negative eigenvalue, and the method needs positive ones.
    Indefinite,
    /// The system is singular to the precision it is given in.
    Singular,
}

/// Why there is no answer: what was seen, and what to try.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Fewer gradients than weights and no damping.
    #[error(
        "the system is singular: {rows} gradients span at most {rows} of {dim} dimensions, and without damping the rest has curvature 0; \
         give a positive --damping"
    )]
    RankDeficient {
        /// $N$.
        rows: usize,
        /// $n$.
        dim: usize,
    },
    /// An eigenvalue that rounding cannot tell from 0.
    #[error("the system is numerically singular: {0}; give a larger --damping, or the arrays in higher precision")]
    Singular(String),
    /// A negative eigenvalue or curvature.
    #[error(
        "{method} needs a positive definite system and this one is indefinite: {evidence}; {}, or use exact, which takes any nonsingular system",
        .damping.map_or("give a larger --damping".to_owned(), |damping| format!("raise --damping by more than {damping:.3e}"))
    )]
    Indefinite {
        /// The method.
        method: super::Method,
        /// What was found.
        evidence: String,
        /// The further damping that would lift what was found to 0.
        damping: Option<f64>,
    },
    /// The baseline $x=\gamma v$ without a $\gamma$.
    #[error(
        "the mean eigenvalue tr A/n = {0:.3e} is not positive, so one over it is no scale for the identity: give one with --step, or a larger --damping"
    )]
    NoScale(f64),
    /// A step beyond $2/\lambda_{\max}$, or a product out of range.
    #[error("{0}")]
    Diverged(String),
    /// The tolerance was not reached.
    #[error("{message}")]
    Tolerance {
        /// What was seen and what to try.
        message: String,
        /// The relative residual of every column, where an approximation was at hand.
        reached: Vec<f64>,
        /// Iterations spent.
        iterations: usize,
    },
    /// The answer does not fit into what it is to be stored in.
    #[error("the solution of column {0} is beyond the range of its format; scale V down, or save it as float64")]
    Overflow(usize),
}

impl Refusal {
    /// The outcome it stands for.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::RankDeficient { .. } | Self::Singular(_) => Outcome::Singular,
            Self::Indefinite { .. } | Self::NoScale(_) => Outcome::Indefinite,
            Self::Diverged(_) | Self::Overflow(_) => Outcome::Diverged,
            Self::Tolerance { .. } => Outcome::Budget,
        }
    }
}
