//! The inverse of the diagonal: $x_i=v_i/A_{ii}$.
//!
//! Exact where $A$ is diagonal; elsewhere a baseline, and Jacobi's preconditioner. For positive definite $A$ the diagonal is positive, since
//! $A_{ii}=e_i^\top Ae_i\ge\lambda_{\min}$. The residual is $v-A\operatorname{diag}(A)^{-1}v$, minus the off-diagonal part of $A$ applied to $x$.

use super::{
    InverseBound, Solution, Status,
    columns::{Columns, ColumnsError, Solved},
};
use crate::linalg::{Diagonal, Vector};

/// Nothing to choose.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Params;

/// Why the diagonal has no inverse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The right-hand sides.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// An entry of the diagonal is zero or not finite.
    #[error("entry {index} of the diagonal is {value:e} and has no inverse; add damping, or use another method")]
    Entry {
        /// Its index, from 0.
        index: usize,
        /// Its value.
        value: f64,
    },
}

/// $x_i=v_i/A_{ii}$ for each column of `vs`, with its true residual.
///
/// `bound` is what is known of $\min|\lambda|$, for the error bounds; where it is `None`, what the operator knows by construction is used.
/// No tolerance is met, so the status is [`Status::Budget`].
///
/// # Errors
/// [`Error`].
pub fn solve<A: Diagonal>(
    operator: &A,
    vs: &[A::Vector],
    bound: Option<InverseBound>,
    _: &Params,
) -> Result<Solution<A::Vector>, Error> {
    let columns = Columns::new(operator, vs)?;
    let bound = bound.or_else(|| InverseBound::by_construction(operator));
    let diagonal = operator.diagonal();
    if let Some((index, &value)) = diagonal.to_vec().iter().enumerate().find(|(_, x)| **x == 0.0 || !x.is_finite()) {
        return Err(Error::Entry { index, value });
    }
    let solved = (0..vs.len()).map(|column| {
        let mut x = columns.column(column);
        x.divide(&diagonal);
        Solved { vector: x, iterations: 1, trace: Vec::new() }
    });
    let mut solution = columns.finish(operator, solved, bound, Status::Budget, None)?;
    solution.reports.iter_mut().for_each(|report| report.trace = vec![report.relative_residual]);
    Ok(solution)
}
