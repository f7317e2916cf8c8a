#![warn(missing_docs)]
#![deny(unsafe_code)]
//! Numerical verification of the theory of differentiable architecture search, and certified inverse-Hessian estimators that run at full scale.
//!
//! Differentiable architecture search rests on a handful of theorems and approximations. `nasproof`
//! - **checks** them: every statement of the papers is a [claim](claims) with an executable check, a negative control and a verdict that comes
//!   from running; where a printed statement fails, the counterexample and the weakest correction that holds stand beside it;
//! - **measures** them: how far each approximation (Neumann, Sherman–Morrison, Taylor, finite difference) is from the exact answer;
//! - **uses** them: the estimators are written once, against [`Vector`](linalg::Vector), [`Panel`](linalg::Panel) and
//!   [`LinearOperator`](linalg::LinearOperator), and never know where their numbers live.
//!
//! # The one idea
//! Weights $\theta\in\R^d$; gates $Z\in\R^{E\times O}$, the multiplier on the output of operation $o$ on edge $e$; a supernet maps both to a loss
//! $L(\theta,Z)$. The *cost* of a gate is $C=\partial L/\partial Z$. What removing or nudging a gate does after retraining needs $H^{-1}v$ with
//! $H=\partial^2L/\partial\theta^2$, or an empirical Fisher in its place.
//!
//! # The map
//! | module | what it knows |
//! |---|---|
//! | [`linalg`] | vectors, panels, self-adjoint operators, their laws; the test ratio; witnesses of hypotheses |
//! | [`spectrum`] | Lanczos, extreme eigenvalues with bounds, traces |
//! | [`ihvp`] | $x=A^{-1}v$, one file an estimator, each answer with its certificate |
//! | [`cost`] | homogeneity, normalisation with its remainders, $C=L-H$, the distribution of cost over a cell |
//! | [`space`] | search spaces as data |
//! | [`relaxation`] | from architecture parameters to gates, and back |
//! | [`optimiser`] | SGD and Adam, as the systems use them |
//! | [`problem`] | supernets as the estimators see them, and small exact ones, on real images |
//! | [`taylor`] | predicted loss changes: first order, DARTS-IF, influential magnitude, remainders |
//! | [`search`] | one file a system: a relaxation and a schedule |
//! | [`criterion`] | operation strengths, and what to keep |
//! | [`claims`] | the ledger |
//! | [`report`] | files in and out, tables, comparisons |
//! | [`nearest`] | what a name that nobody has was meant to be |
//!
//! # An example
//! The inverse of a damped empirical Fisher, at its scale: 32 gradients of 10,000 weights.
//! ```
//! use nasproof::ihvp::{Certificate, woodbury::{Params, Woodbury}};
//! use ndarray::{Array1, Array2};
//!
//! // One gradient a row; any N × d.
//! let gradients = Array2::from_shape_fn((32, 10_000), |(i, j)| ((i * 7919 + j * 104_729) % 1013) as f64 / 1013.0 - 0.5);
//! let v = Array1::from_elem(10_000, 1.0);
//!
//! let fisher = Woodbury::new(&gradients, &Params::new(1e-2))?;   // ηI + GᵀG/N, prepared once
//! let solution = fisher.solve(&[v])?;                             // for any number of right-hand sides
//!
//! let report = &solution.reports[0];
//! assert!(report.relative_residual <= 1e-10);                     // recomputed from x, not the method's own
//! assert_eq!(report.certificate, Certificate::Proved);            // λ_min ≥ η by construction
//! println!("‖x − A⁻¹v‖ ≤ {:e}", report.error_bound.unwrap_or(f64::INFINITY));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod claims;
pub mod cost;
pub mod criterion;
pub mod enclosure;
pub mod ihvp;
pub mod linalg;
pub mod nearest;
pub mod optimiser;
pub mod problem;
pub mod relaxation;
pub mod report;
pub mod search;
pub mod space;
pub mod spectrum;
pub mod taylor;
#[cfg(feature = "torch")]
pub mod torch;
