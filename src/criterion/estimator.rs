//! The inverse-Hessian estimators of the papers, for any supernet.

use ndarray::Array1;

use crate::{
    ihvp::{
        Stop, cg, exact, identity, neumann,
        sherman_morrison::ShermanMorrison,
        woodbury::{self, Woodbury},
    },
    linalg::{Damped, DenseSymmetric, Vector, dense},
    problem::{Hessian, Supernet},
    spectrum::{self, Step},
    taylor::InverseHessian,
};

/// An estimator of $(H+\eta I)^{-1}v$ or $(F+\eta I)^{-1}v$, $F$ the empirical Fisher of the batch at the point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Estimator {
    /// A dense factorisation: $d$ products with $H$, $d^2$ numbers. For small supernets.
    Exact {
        /// $\eta$.
        damping: f64,
    },
    /// Conjugate gradient.
    ConjugateGradient {
        /// $\eta$.
        damping: f64,
        /// When to stop.
        stop: Stop,
    },
    /// The Neumann series of `influence`, Lemma 1.
    Neumann {
        /// $\eta$.
        damping: f64,
        /// The last index $K$.
        terms: usize,
        /// $\gamma$.
        step: Step,
    },
    /// The Sherman–Morrison recursion of `influence`, Lemma 2.
    ShermanMorrison {
        /// $\eta$.
        damping: f64,
        /// Examples averaged in one gradient.
        group: usize,
    },
    /// The same inverse in Gram form.
    Woodbury {
        /// $\eta$.
        damping: f64,
        /// Examples averaged in one gradient.
        group: usize,
    },
    /// $\gamma v$: no curvature at all.
    Identity {
        /// $\gamma$.
        step: f64,
    },
}

/// An estimator refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the inverse by {method} was refused: {reason}")]
pub struct Refused {
    /// The estimator.
    pub method: &'static str,
    /// What it said.
    pub reason: String,
}

impl Estimator {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Exact { .. } => "exact",
            Self::ConjugateGradient { .. } => "cg",
            Self::Neumann { .. } => "neumann",
            Self::ShermanMorrison { .. } => "sherman-morrison",
            Self::Woodbury { .. } => "woodbury",
            Self::Identity { .. } => "identity",
        }
    }

    /// The relative residual that answers are held to where `epsilon` is that of the weights' precision: 1e-10 in `f64`; in `f32`, whose recomputed residual
    /// cannot tell less than its rounding over many weights, 3e-4.
    pub fn tolerance(epsilon: f64) -> f64 {
        if epsilon > f64::EPSILON { 3e-4 } else { 1e-10 }
    }

    fn refused(&self) -> impl Fn(String) -> Refused + use<> {
        let method = self.name();
        move |reason| Refused { method, reason }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl<P: Supernet> InverseHessian<P> for Estimator {
    type Error = Refused;

    fn solve(&mut self, at: &Hessian<'_, P>, vs: &[P::Vector]) -> Result<Vec<P::Vector>, Refused> {
        let params = |damping| woodbury::Params { tolerance: Self::tolerance(at.weights.epsilon()), damping };
        let panel = |group: usize| at.problem.gradients(at.weights, at.gates, at.batch, group);
        let solved = match *self {
            Self::Exact { damping } => densely(at, vs, damping),
            Self::ConjugateGradient { damping, stop } => {
                cg::solve(&Damped { inner: *at, damping }, vs, None, &cg::Params { stop })
                    .map(|solution| solution.columns)
                    .map_err(text)
            }
            Self::Neumann { damping, terms, step } => {
                let operator = Damped { inner: *at, damping };
                // Whether λ_min is positive and about how large λ_max is: more of the spectrum would cost hundreds of products.
                let params = spectrum::extreme::Params { gap: 0.5, ..Default::default() };
                spectrum::contraction(operator, at.weights, step, &params)
                    .map_err(text)
                    .and_then(|contraction| {
                        let params = neumann::Params { stop: Stop::terms(terms) };
                        neumann::solve(&contraction, vs, &params).map_err(text)
                    })
                    .map(|solution| solution.columns)
            }
            Self::ShermanMorrison { damping, group } => ShermanMorrison::new(panel(group), &params(damping))
                .map_err(text)
                .and_then(|prepared| prepared.solve(vs).map_err(text))
                .map(|solution| solution.columns),
            Self::Woodbury { damping, group } => Woodbury::prepare_and_solve(panel(group), vs, &params(damping))
                .map_err(text)
                .map(|(_, solution)| solution.columns),
            Self::Identity { step } => {
                identity::solve(at, vs, None, &identity::Params { step }).map(|solution| solution.columns).map_err(text)
            }
        };
        solved.map_err(self.refused())
    }
}

/// By a dense factorisation, through the entries.
fn densely<P: Supernet>(at: &Hessian<'_, P>, vs: &[P::Vector], damping: f64) -> Result<Vec<P::Vector>, String> {
    let epsilon = at.weights.epsilon();
    let matrix = DenseSymmetric::symmetrised(dense(at, at.weights), epsilon).map_err(text)?;
    let columns: Vec<Array1<f64>> = vs.iter().map(|v| v.to_vec().into()).collect();
    let params = exact::Params { damping, ..exact::Params::default() };
    let (solution, _) = exact::solve(&matrix, &columns, &params).map_err(text)?;
    Ok(vs.iter().zip(solution.columns).map(|(v, x)| v.with_entries(&x.to_vec())).collect())
}
