//! When an iterative estimator stops.

/// When to stop: at a tolerance, after a number of terms, or at the tolerance within a number of terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// A bound $\tau$ on the true relative residual $\lVert v-Ax\rVert_2/\lVert v\rVert_2$ of every column. A solve that does not reach it is an error.
    pub tolerance: Option<f64>,
    /// The iterations of conjugate gradient, or the last index $K$ of a Neumann sum. Without a tolerance this is a truncation: exactly so many are
    /// taken and whatever they give is reported.
    pub terms: Option<usize>,
    /// The operator products, all columns together, after which a tolerance is given up.
    pub products: usize,
}

/// A criterion that cannot be met or says nothing.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum StopError {
    /// The tolerance does not lie between 0 and 1.
    #[error(
        "the tolerance bounds a relative residual, which is 1 at zero, and must lie between 0 and 1; {0:e} was given"
    )]
    Tolerance(f64),
    /// Neither a tolerance nor a number of terms.
    #[error("give a tolerance, a number of terms, or both")]
    Nothing,
}

/// Whether a bound on $\lVert v-Ax\rVert/\lVert v\rVert$ asks for anything: $x=0$ attains 1.
pub(super) fn says_something(tolerance: f64) -> bool {
    tolerance > 0.0 && tolerance < 1.0
}

impl Default for Stop {
    /// [`Stop::tolerance`] of $10^{-10}$.
    fn default() -> Self {
        Self::tolerance(1e-10)
    }
}

impl Stop {
    /// The budget where none is given: $10^6$ products.
    pub const PRODUCTS: usize = 1_000_000;

    /// At this tolerance.
    pub fn tolerance(tolerance: f64) -> Self {
        Self { tolerance: Some(tolerance), terms: None, products: Self::PRODUCTS }
    }

    /// After so many terms.
    pub fn terms(terms: usize) -> Self {
        Self { tolerance: None, terms: Some(terms), products: Self::PRODUCTS }
    }

    pub(crate) fn check(&self) -> Result<(), StopError> {
        match (self.tolerance, self.terms) {
            (Some(tolerance), _) if !says_something(tolerance) => Err(StopError::Tolerance(tolerance)),
            (None, None) => Err(StopError::Nothing),
            _ => Ok(()),
        }
    }
}
