#![warn(missing_docs)]
#![deny(unsafe_code)]
//! Numerical verification of the theory of differentiable architecture search.

pub mod claims;
pub mod cost;
pub mod ihvp;
pub mod linalg;
pub mod problem;
pub mod relaxation;
pub mod report;
pub mod spectrum;
pub mod taylor;
