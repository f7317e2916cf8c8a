//! What a reader of an estimate needs to judge it.

use serde::Serialize;

use crate::{
    ihvp::{Certificate, Column, Status, exact::Inertia},
    spectrum::Extremes,
};

/// The ends of a spectrum as Lanczos saw them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ends {
    /// The largest Ritz value: $\lambda_{\max}$ is at least this, up to rounding.
    pub largest: f64,
    /// An eigenvalue is this near to `largest`.
    pub largest_residual: f64,
    /// The smallest Ritz value: $\lambda_{\min}$ is at most this. Negative: the matrix is indefinite.
    pub smallest: f64,
    /// An eigenvalue is this near to `smallest`.
    pub smallest_residual: f64,
    /// $\lambda_{\max}$ is at most this, but with `failure_probability`.
    pub largest_bound: f64,
    /// $\lambda_{\min}$ is at least this, but with `failure_probability`.
    pub smallest_bound: f64,
    /// The probability that either bound fails.
    pub failure_probability: f64,
    /// Lanczos went on until the distance from Ritz value to bound, of the matrix with its damping, was at most this part of the Ritz value (or it had taken
    /// all the steps it may): at both ends where an estimator needed both, else at the largest.
    pub gap: f64,
    /// Products taken.
    pub steps: usize,
}

impl Ends {
    /// Of an operator, from what was found of it damped.
    pub(super) fn undamped(found: &Extremes, damping: f64, gap: f64) -> Self {
        Self {
            largest: found.largest.ritz - damping,
            largest_residual: found.largest.residual,
            smallest: found.smallest.ritz - damping,
            smallest_residual: found.smallest.residual,
            largest_bound: found.largest.bound - damping,
            smallest_bound: found.smallest.bound - damping,
            failure_probability: found.failure_probability,
            gap,
            steps: found.steps,
        }
    }
}

/// What is known of one or more solutions $x\approx A^{-1}v$.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Solves {
    /// How many.
    pub count: usize,
    /// Whether all reached the tolerance.
    pub status: Status,
    /// The largest $\lVert v-Ax\rVert/\lVert v\rVert$, recomputed.
    pub relative_residual: f64,
    /// A bound on every $\lVert x-A^{-1}v\rVert$, where there is one for all.
    pub error_bound: Option<f64>,
    /// How the bounds are known, the weakest.
    pub certificate: Certificate,
    /// Iterations of the method, the most.
    pub iterations: usize,
    /// The step $\gamma$, where the method has one: that of the last.
    pub step: Option<f64>,
    /// A lower bound on $\min|\lambda(A)|$, the smallest, where known.
    pub smallest_eigenvalue_bound: Option<f64>,
}

impl Solves {
    pub(super) fn one(column: &Column, status: Status, step: Option<f64>, bound: Option<f64>) -> Self {
        Self {
            count: 1,
            status,
            relative_residual: column.relative_residual,
            error_bound: column.error_bound,
            certificate: column.certificate,
            iterations: column.iterations,
            step,
            smallest_eigenvalue_bound: bound,
        }
    }

    /// The worse of each.
    pub(super) fn and(self, other: Self) -> Self {
        let both = |x: Option<f64>, y: Option<f64>, f: fn(f64, f64) -> f64| x.zip(y).map(|(x, y)| f(x, y));
        Self {
            count: self.count + other.count,
            status: if self.status == Status::Converged { other.status } else { self.status },
            relative_residual: self.relative_residual.max(other.relative_residual),
            error_bound: both(self.error_bound, other.error_bound, f64::max),
            certificate: self.certificate.min(other.certificate),
            iterations: self.iterations.max(other.iterations),
            step: other.step,
            smallest_eigenvalue_bound: both(self.smallest_eigenvalue_bound, other.smallest_eigenvalue_bound, f64::min),
        }
    }
}

/// The influence on logits, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Logits {
    /// Whether it was computed.
    pub written: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// $|J\mathbf 1|$ against its own rounding, at most 30 where it is nothing else: then the direction is null and the score is rounding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nullity: Option<f64>,
    /// $\max|\cdot|$ of the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest: Option<f64>,
    /// Its solution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solve: Option<Solves>,
}

/// The numbers of an estimate that are no arrays.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The number of weights $d$.
    pub weights: usize,
    /// $(E, O)$, all cells together.
    pub gates: (usize, usize),
    /// $L$.
    pub loss: f64,
    /// The mean entropy $H$ of the predicted distribution.
    pub entropy: f64,
    /// The share of examples predicted right.
    pub accuracy: f64,
    /// Of $\partial^2L/\partial\theta^2$, without damping.
    pub eigenvalues_theta: Ends,
    /// Of $\partial^2L/\partial\alpha^2$ for the logits $\alpha$ of the gates; `None` where a row of gates is off the simplex.
    pub eigenvalues_alpha: Option<Ends>,
    /// The signs of the eigenvalues of $A$, where a dense factorisation told them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inertia: Option<Inertia>,
    /// The solution behind the influence.
    pub influence: Solves,
    /// The influence on logits.
    pub influence_logits: Logits,
    /// The solutions behind the removals.
    pub removal: Option<Solves>,
    /// Graphs kept in memory at the point.
    pub kept_graphs: usize,
    /// Graphs made for the influence: kept ones once, others once a product.
    pub graphs_made: u64,
    /// The bytes a graph takes, the largest; `None` where none was made, or it cannot be measured.
    pub bytes_per_graph: Option<u64>,
    /// Whether graphs were made that could not be measured: then none is kept, unless the budget is without limit.
    pub graphs_unmeasured: bool,
    /// The relative residual that had to be reached.
    pub tolerance: Option<f64>,
    /// The time taken.
    pub seconds: f64,
}
