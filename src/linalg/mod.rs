//! Vectors, panels and self-adjoint operators: the vocabulary every estimator is written in.
//!
//! Three traits carry the whole library. A [`Vector`] is an element of $\mathbb R^d$; a [`Panel`] is a tall
//! stack of $N$ of them ($N\times d$, one gradient a row); a [`LinearOperator`] is a self-adjoint map
//! $\mathbb R^d\to\mathbb R^d$ given by its product. An estimator that is generic over them does not know
//! whether it runs on an `ndarray` or on a tensor of a GPU.
//!
//! Numbers are judged by their [`TestRatio`]: the residual divided by what rounding can explain.

mod diagonal;
pub(crate) mod kernel;
mod ndarray_impl;
mod operator;
mod panel;
mod real;
mod test_ratio;
mod vector;
mod witness;

pub mod laws;
pub mod samples;

pub use diagonal::Diagonal;
pub use operator::{Closure, Damped, DenseSymmetric, Fisher, LinearOperator, Scaled, Sum, SymmetryError, dense};
pub use panel::{Panel, Streamed};
pub use real::Real;
pub use test_ratio::{Rounded, TestRatio, gamma};
pub(crate) use vector::scale_by_power;
pub use vector::{Scalar, Vector};
pub use witness::{Contraction, PositiveDefinite, WitnessError};
