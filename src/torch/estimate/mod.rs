//! Costs, influence and curvature of a supernet at a point $(\theta, Z)$, with what is known of each number.
//!
//! | result | definition |
//! |---|---|
//! | cost | $C=\partial L/\partial Z$ (`wiring` Eq. 4) |
//! | influence | $-\mathbf 1^\top M(A)^{-1}M^\top$ on the gates, $M=\partial^2L/\partial Z\,\partial\theta$, $\mathbf 1$ over all evaluated gates (`influence` Definition 1) |
//! | influence on logits | the same for any $\ell$ with $\mathrm{softmax}(\ell_e)=Z_e$: identically zero, and reported with how far from it rounding is |
//! | removal | $L(\theta,\hat Z)-L(\theta,Z)-\frac12g^\top A^{-1}g$ for each operation, its gate set to 0 and no other changed, $g$ and $A$ at $(\theta,\hat Z)$ (`influence` Eq. 5) |
//!
//! $L$ is the mean over the mini-batches. $A=H+\eta I$ with $H=\partial^2L/\partial\theta^2$ for exact, cg, neumann and identity; $A=\eta I+\frac1NG^\top G$ for
//! sherman-morrison and woodbury, the rows of $G$ being the gradients of the $N$ mini-batches, or of single examples, each normalised by itself.
//!
//! Nothing here knows what the network is, and every estimator is the one of [`ihvp`](crate::ihvp) that small dense problems validate.

mod inverse;
mod point;
mod report;
mod settings;
mod spectra;

pub use point::{Estimate, estimate};
pub use report::{Ends, Logits, Report, Solves};
pub use settings::{Failure, METHODS, MOST_EXACT, Settings};
