//! Inverse-Hessian-vector products $x = A^{-1}v$, one file an estimator, each with its certificate.
//!
//! Every estimator is generic over [`Vector`] and [`LinearOperator`](crate::linalg::LinearOperator) (the Fisher ones over
//! [`Panel`](crate::linalg::Panel)), takes any number of right-hand sides, and returns a [`Solution`] whose residuals are recomputed from
//! what is returned.

mod certificate;
mod columns;
mod direct;
mod orthonormal;
mod stop;

pub mod block_cg;
pub mod cg;
pub mod diagonal;
pub mod exact;
pub mod identity;
pub mod neumann;
pub mod refine;
pub mod sherman_morrison;
pub mod stochastic_neumann;
pub mod system;
pub mod woodbury;

pub use certificate::{Certificate, Column, InverseBound, certify};
pub use columns::ColumnsError;
pub use direct::DirectError;
pub use stop::{Stop, StopError};

use serde::Serialize;

use crate::linalg::Vector;

/// How a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Every column reached the tolerance asked for.
    Converged,
    /// The number of terms asked for was summed; no tolerance was asked for.
    Budget,
}

/// The answer of an estimator.
#[derive(Debug, Clone)]
pub struct Solution<V> {
    /// The approximate solutions, one for each right-hand side.
    pub columns: Vec<V>,
    /// The report on each of them.
    pub reports: Vec<Column>,
    /// How the solve ended.
    pub status: Status,
    /// Iterations of the method: the largest over the columns.
    pub iterations: usize,
    /// The step $\gamma$ used, where the method has one.
    pub step: Option<f64>,
}

impl<V: Vector> Solution<V> {
    /// The weakest certificate of a column.
    pub fn certificate(&self) -> Certificate {
        self.reports.iter().map(|report| report.certificate).min().unwrap_or(Certificate::Proved)
    }
}
