//! What an operator's spectrum is like, from products alone.
//!
//! | | gives | rests on |
//! |---|---|---|
//! | [`lanczos`] | an orthonormal basis and a tridiagonal $T$ | nothing |
//! | [`extreme`] | Ritz values with residuals; one-sided bounds on $\lambda_{\min}$ and $\lambda_{\max}$ | a stated failure probability over the random start |
//! | [`definite`] | the witnesses [`PositiveDefinite`](crate::linalg::PositiveDefinite) and [`Contraction`](crate::linalg::Contraction) | the same, or the operator's construction |
//! | [`power`] | the eigenvalue of largest magnitude | a gap |
//! | [`trace`] | the trace with a confidence interval | near-normal averages |

pub mod definite;
pub mod extreme;
pub mod lanczos;
pub mod power;
pub mod trace;

pub use definite::{Step, contraction, positive_definite};
pub use extreme::{End, Ends, Extremes, extremes};
pub use lanczos::Lanczos;

/// How small a Rayleigh quotient $x^\top Ax/x^\top x$ is nothing but rounding: $4\sqrt n\,\epsilon\,\lVert A\rVert$.
///
/// Storing $A$, or forming it from data, perturbs each entry by about $\epsilon$ of the row's size; a random symmetric perturbation with entries of
/// variance $s^2$ has norm close to $2s\sqrt n$, and its product with $x$ rounds by as much again. An operator with a quotient this small is
/// singular to the precision it is given in. The worst case is $n\epsilon$, which for a million weights in single precision is 0.1 and says nothing.
pub fn negligible(n: usize, epsilon: f64, norm: f64) -> f64 {
    4.0 * (n as f64).sqrt() * epsilon * norm
}
