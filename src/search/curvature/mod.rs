//! The curvature in $\alpha$ of the validation loss, RobustDARTS's measure of sharpness, for every system that has an $\alpha$.
//!
//! RobustDARTS takes the largest algebraic eigenvalue of $\nabla^2_\alpha L_{\text{val}}(w,\mathrm{softmax}\,\alpha)$: the loss as DARTS moves $\alpha$ along it. What a
//! system moves its own $\alpha$ along is its [`Landscape`], and the record says which it is ([`Kind`]):
//!
//! | systems | the loss as a function of $\alpha$ | kind |
//! |---|---|---|
//! | DARTS, SDARTS, SETN | $L(\mathrm{softmax}\,\alpha)$ | `mixture` |
//! | PC-DARTS | $L(\mathrm{softmax}(\beta)\,\mathrm{softmax}(\alpha))$, in $(\alpha,\beta)$ | `edge-normalised-mixture` |
//! | SNAS | $\frac1S\sum_sL(\mathrm{softmax}((\alpha+G_s)/\lambda))$ at $S$ draws of the noise, the same in every epoch. Noise does not depend on $\alpha$: its expectation is $\nabla^2_\alpha\mathbb E_G\,L$ | `concrete` |
//! | DrNAS | $L$ at the mean of the Dirichlet, which is $\mathbb E\,L$ where $L$ is affine in each edge | `dirichlet-mean` |
//! | DSNAS, ProxylessNAS, GDAS | $\mathbb E_Z\,L(Z)$ over one-hot gates of probability $\mathrm{softmax}(\alpha)$, enumerated up to [`ENUMERATED`] paths | `expectation` |
//! | the same with more paths | $L(\mathrm{softmax}\,\alpha)$ in its place: the same where $L$ is affine in each edge and edges are independent, another function elsewhere | `mixture-surrogate` |
//! | ENAS | $\mathbb E_Z\,L(Z)$ over the controller's sequences, in biases added to the logits of its decisions: the weights of an LSTM are no coordinates of an architecture | `expectation-in-decisions` |
//! | the same with more paths | $L(\mathrm{softmax}\,\ell)$, $\ell$ the logits of the likeliest decisions | `mixture-surrogate-in-decisions` |
//! | RandomNAS | none: nothing depends on $\alpha$ | |
//!
//! Decay of $\alpha$ is not part of it; RobustDARTS adds it as $\text{decay}\cdot I$, which moves the eigenvalue by as much: the
//! [early stop](super::EarlyStopSettings) does.

mod expected;
mod hessian;

pub use expected::{ENUMERATED, expected_hessian};
pub use hessian::AlphaHessian;

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::Layout;
use crate::{
    linalg::{Closure, LinearOperator, Vector},
    problem::Supernet,
    relaxation::{Smooth, Softmax},
    spectrum::{Ends, extreme, extremes, negligible},
};

/// What was differentiated twice; see the [table](self).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// $L(\mathrm{softmax}\,\alpha)$.
    Mixture,
    /// $L(\mathrm{softmax}(\beta)\,\mathrm{softmax}(\alpha))$ in both.
    EdgeNormalisedMixture,
    /// The mean over draws of the concrete relaxation.
    Concrete {
        /// $\lambda$.
        temperature: f64,
        /// $S$.
        draws: usize,
    },
    /// $L$ at the mean of the Dirichlet.
    DirichletMean,
    /// $\mathbb E\,L$ over one-hot gates.
    Expectation {
        /// How many were enumerated.
        paths: usize,
    },
    /// $\mathbb E\,L$ over the sequences of a controller, in biases of its decisions.
    ExpectationInDecisions {
        /// How many were enumerated.
        paths: usize,
    },
    /// $L(\mathrm{softmax}\,\alpha)$ in the place of an expectation over too many paths.
    MixtureSurrogate,
    /// $L(\mathrm{softmax}\,\ell)$ in the place of an expectation over too many sequences.
    MixtureSurrogateInDecisions,
    /// What a system from outside says.
    Own {
        /// In its words.
        of: String,
    },
}

/// The largest eigenvalue of a Hessian in $\alpha$.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curvature {
    /// Of which function.
    #[serde(flatten)]
    pub kind: Kind,
    /// The largest Ritz value of Lanczos: from below, up to rounding. `None` where a product was not finite.
    pub eigenvalue: Option<f64>,
    /// The largest eigenvalue is at most this, with a probability of $1-10^{-6}$ over Lanczos's random start.
    pub bound: Option<f64>,
}

/// The validation loss as a function of $\alpha$.
pub enum Landscape {
    /// The mean of $L$ over gates that are smooth in $\alpha$.
    Gates {
        /// What it is called.
        kind: Kind,
        /// The gates, all at the same $\alpha$.
        draws: Vec<Box<dyn Smooth>>,
    },
    /// $\mathbb E\,L$ over one-hot gates.
    Paths(Policy),
}

/// From a path to the probabilities of its decisions.
pub type Conditionals = dyn Fn(&[usize]) -> Array2<f64>;

/// A distribution of one-hot gates: decision after decision.
pub struct Policy {
    /// The probabilities of each decision given the earlier ones of a path, rows of $\alpha\times O$.
    pub conditionals: Box<Conditionals>,
    /// What stands for them where there are too many paths.
    pub likely: Array2<f64>,
    /// Whether they are those of a controller.
    pub in_decisions: bool,
}

impl Landscape {
    /// $L(\mathrm{softmax}\,\alpha)$.
    pub fn mixture(alpha: &Array2<f64>) -> Self {
        Self::Gates { kind: Kind::Mixture, draws: vec![Box::new(Softmax.at(alpha))] }
    }

    /// $\mathbb E\,L$ over one-hot gates of these probabilities, edges independent.
    pub fn independent(probabilities: Array2<f64>) -> Self {
        let likely = probabilities.clone();
        Self::Paths(Policy { conditionals: Box::new(move |_| probabilities.clone()), likely, in_decisions: false })
    }

    /// Its curvature for the loss of a batch at some weights; `alpha` are the parameters as the system keeps them.
    pub fn curvature<P: Supernet>(
        self,
        (problem, layout): (&P, &Layout),
        weights: &P::Vector,
        alpha: &Array2<f64>,
        batch: &P::Batch,
    ) -> Curvature {
        let of = |kind, alpha: &Array2<f64>, draws| {
            largest(kind, &AlphaHessian::new((problem, layout), weights, alpha, draws, batch), weights.epsilon())
        };
        let policy = match self {
            Self::Gates { kind, draws } => return of(kind, alpha, draws),
            Self::Paths(policy) => policy,
        };
        let Some((paths, hessian)) = expected_hessian((problem, layout), weights, &policy, batch) else {
            let logits = policy.likely.mapv(f64::ln);
            let kind = if policy.in_decisions { Kind::MixtureSurrogateInDecisions } else { Kind::MixtureSurrogate };
            return of(kind, &logits, vec![Box::new(Softmax.at(&logits))]);
        };
        let kind =
            if policy.in_decisions { Kind::ExpectationInDecisions { paths } } else { Kind::Expectation { paths } };
        let product = |x: &Array1<f64>, y: &mut Array1<f64>| y.assign(&hessian.dot(x));
        largest(kind, &Closure::<Array1<f64>, _>::new(hessian.nrows(), product), weights.epsilon())
    }
}

/// Lanczos until the bound is within a twentieth of the Ritz value; `epsilon` is that of what products are computed in.
fn largest<A: LinearOperator<Vector = Array1<f64>>>(kind: Kind, operator: &A, epsilon: f64) -> Curvature {
    let params = extreme::Params { gap: 0.05, max_steps: operator.dim().max(1), ..extreme::Params::default() };
    let Ok((found, process)) = extremes(operator, &Array1::zeros(operator.dim()), Ends::Largest, &params) else {
        return Curvature { kind, eigenvalue: None, bound: None };
    };
    // The bound knows of the rounding of f64; products of a network in f32 round by as much more.
    let rounding = if epsilon > f64::EPSILON {
        2.0 * (found.steps as f64).sqrt() * negligible(operator.dim(), epsilon, process.norm())
    } else {
        0.0
    };
    Curvature { kind, eigenvalue: Some(found.largest.ritz), bound: Some(found.largest.bound + rounding) }
}
