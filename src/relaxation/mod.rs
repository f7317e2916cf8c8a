//! Maps from architecture parameters $\alpha$ to gates $Z$, with the pull-back of the cost: all that tells one search system from another, but its
//! schedule.
//!
//! Everything is an $E\times O$ array of `f64`. A [`Relaxation`] draws a [`Draw`]: the gates, the operations that must be evaluated for them, and
//! what was random, so that the cost $C=\partial L/\partial Z$ can be pulled back to $\partial L/\partial\alpha$. Every relaxation can also be asked for the draw
//! that belongs to given noise (`at`), which is what its proofs integrate over.
//!
//! | system | relaxation | expectation of the pull-back |
//! |---|---|---|
//! | DARTS | [`Softmax`] | the derivative of $L(\mathrm{softmax}\,\alpha)$, no noise |
//! | SNAS | [`Concrete`] | $\nabla_\alpha\mathbb E\,L(Z_\lambda)$ for any smooth $L$; that of $\mathbb E\,L(Z_0)$ up to $O(\lambda^2)$ if $L$ is affine in each edge |
//! | DSNAS | [`OneHot`] | $\nabla_\alpha\mathbb E\,L$ if $L$ is affine in each edge; if it is homogeneous of degree $m$ in the one that is chosen, $m$ times as much |
//! | ProxylessNAS | [`BinaryGate`] | the same; with two paths, pairs reweighted: see there |
//! | GDAS | [`HardSoft`] | for affine $L$, one half of $\nabla_\alpha\mathbb E\,L$ up to $O(\tau)$ |
//! | DrNAS | [`Dirichlet`] | $\nabla_\alpha\mathbb E\,L$ for any smooth $L$ |
//! | SDARTS | [`Perturbed`] | the derivative at the perturbed gates |
//! | PC-DARTS | [`EdgeNormalised`] | the derivative, no noise |
//! | RandomNAS, SETN | [`UniformPath`] | 0: $\alpha$ has no say |
//! | ENAS | [`Controller`] | $\nabla\,\mathbb E\,R$ for any reward $R$, through [`Score`] |
//!
//! **Operations that an edge does not have** have $\alpha_{eo}=-\infty$: then every gate is 0 there, nothing is drawn there and nothing is pulled back.

mod binary_gate;
mod categorical;
mod concrete;
pub mod controller;
mod dirichlet;
mod edge_normalised;
mod error;
mod hard_soft;
mod one_hot;
mod perturbed;
pub mod resource;
mod sharing;
pub mod softmax;
mod uniform_path;

pub use binary_gate::{BinaryDraw, BinaryGate, Paths};
pub use categorical::{entropy, log_probabilities, one_hot};
pub use concrete::{Concrete, ConcreteDraw, gumbel};
pub use controller::{Controller, ControllerDraw};
pub use dirichlet::{
    Anchor, Dirichlet, DirichletDraw, DirichletMean, beta_sensitivity, concentrations, log_gamma_sensitivity, trigamma,
};
pub use edge_normalised::{EdgeNormalised, EdgeNormalisedDraw};
pub use error::Error;
pub use hard_soft::{HardSoft, HardSoftDraw, Unsampled};
pub use one_hot::{OneHot, OneHotDraw};
pub use perturbed::{Adversarial, Perturbed, PerturbedDraw};
pub use sharing::Sharing;
pub use softmax::{Softmax, SoftmaxDraw};
pub use uniform_path::{UniformPath, UniformPathDraw};

use ndarray::Array2;
use rand::Rng;

/// A map $\alpha\mapsto Z$, perhaps random.
pub trait Relaxation {
    /// What is drawn.
    type Draw: Draw;

    /// Draws gates.
    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, rng: &mut R) -> Self::Draw;

    /// What the relaxation stands for without noise, $E\times O$: the weights by which operations are ranked and mixed when nothing is drawn.
    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64>;
}

/// Gates that were drawn, and what is needed to pull a cost back.
pub trait Draw {
    /// $Z$, $E\times O$.
    fn gates(&self) -> &Array2<f64>;

    /// The operations whose output or cost is needed, $E\times O$.
    fn active(&self) -> &Array2<bool>;

    /// What the system takes for $\partial L/\partial\alpha$ when $\partial L/\partial Z$ is `cost`, in the shape of $\alpha$.
    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64>;
}

/// A draw whose gates are a smooth function of $\alpha$ at the noise drawn, so that a loss at them has a Hessian in $\alpha$:
/// $$\nabla^2_\alpha L(Z(\alpha))\,u=J^\top\frac{\partial^2L}{\partial Z\,\partial Z}Ju+\frac{d}{dt}\big\lbrack J(\alpha+tu)\big\rbrack^\top C,\qquad J=\frac{\partial Z}{\partial\alpha}.$$
///
/// # Laws
/// [`Draw::pull_back`] is $J^\top$: $\langle Ju,C\rangle=\langle u,J^\top C\rangle$. As a function of $u$, [`Smooth::bend`] is self-adjoint.
pub trait Smooth: Draw {
    /// $Ju$, $E\times O$, for `u` in the shape of $\alpha$.
    fn push(&self, u: &Array2<f64>) -> Array2<f64>;

    /// $\frac{d}{dt}J(\alpha+tu)^\top C$ for a fixed cost $C$, in the shape of $\alpha$.
    fn bend(&self, cost: &Array2<f64>, u: &Array2<f64>) -> Array2<f64>;
}

/// A draw whose probability has a gradient: $\nabla_\alpha\mathbb E\,R=\mathbb E\lbrack R\,\nabla_\alpha\log p\rbrack$ for any reward $R$ (REINFORCE).
pub trait Score: Draw {
    /// $\log p(Z)$.
    fn log_probability(&self) -> f64;

    /// $\nabla_\alpha\log p(Z)$, in the shape of $\alpha$.
    fn score(&self) -> Array2<f64>;
}

/// The operations that the edges have: those with $\alpha_{eo}>-\infty$.
pub fn present(alpha: &Array2<f64>) -> Array2<bool> {
    alpha.mapv(|a| a > f64::NEG_INFINITY)
}
