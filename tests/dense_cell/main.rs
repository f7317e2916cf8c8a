//! The dense cell against an independent forward pass that `num-dual` differentiates.

mod derivatives;
mod hessian;
mod oracle;
mod point;
mod refusals;
mod trace;
