//! The scaled identity: $A^{-1}v\approx\gamma v$.
//!
//! The baseline every estimator must beat: the $K=0$ term of the Neumann series with step $\gamma$, and what first-order methods use without
//! saying so. Of all multiples of the identity, $\gamma=d/\operatorname{tr}A$, one over the mean eigenvalue, is the one with
//! $\operatorname{tr}(\gamma A)=\operatorname{tr}I$. The residual is $v-\gamma Av$, so that
//! $\lVert v-Ax\rVert\le\max_i|1-\gamma\lambda_i|\,\lVert v\rVert$: large, as a rule, and reported.

use super::{
    InverseBound, Solution, Status,
    columns::{Columns, ColumnsError, Solved},
};
use crate::linalg::{Diagonal, LinearOperator};

/// The scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The scale $\gamma>0$.
    pub step: f64,
}

/// Why the scaled identity gives no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The right-hand sides.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// $\gamma$ is not positive and finite.
    #[error(
        "the scale of the identity must be positive and finite, {0:e} was given; one over the mean eigenvalue is a sensible one"
    )]
    Step(f64),
    /// The mean eigenvalue is not positive.
    #[error(
        "the mean eigenvalue tr A/d = {0:e} is not positive, so that one over it is no scale for the identity; add damping, or give the scale"
    )]
    Mean(f64),
}

impl Params {
    /// One over the mean eigenvalue, $\gamma=d/\operatorname{tr}A$.
    ///
    /// # Errors
    /// [`Error::Mean`].
    pub fn mean_eigenvalue<A: Diagonal>(operator: &A) -> Result<Self, Error> {
        let mean = operator.trace() / operator.dim() as f64;
        // Written so that NaN is refused.
        if mean > 0.0 && mean.is_finite() { Ok(Self { step: 1.0 / mean }) } else { Err(Error::Mean(mean)) }
    }
}

/// $x=\gamma v$ for each column of `vs`, with its true residual.
///
/// `bound` is what is known of $\min|\lambda|$, for the error bounds; where it is `None`, what the operator knows by construction is used.
/// No tolerance is met, so the status is [`Status::Budget`].
///
/// # Errors
/// [`Error`].
pub fn solve<A: LinearOperator>(
    operator: &A,
    vs: &[A::Vector],
    bound: Option<InverseBound>,
    params: &Params,
) -> Result<Solution<A::Vector>, Error> {
    use crate::linalg::Vector;
    if !(params.step > 0.0 && params.step.is_finite()) {
        return Err(Error::Step(params.step));
    }
    let columns = Columns::new(operator, vs)?;
    let bound = bound.or_else(|| InverseBound::by_construction(operator));
    let solved = (0..vs.len()).map(|column| {
        let mut vector = columns.column(column);
        vector.scale(params.step);
        Solved { vector, iterations: 1, trace: Vec::new() }
    });
    let mut solution = columns.finish(operator, solved, bound, Status::Budget, Some(params.step))?;
    solution.reports.iter_mut().for_each(|report| report.trace = vec![report.relative_residual]);
    Ok(solution)
}
