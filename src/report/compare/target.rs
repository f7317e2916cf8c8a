//! What is to be inverted, and one call for every estimator.

use ndarray::{Array1, Array2};
use rand_chacha::ChaCha8Rng;

use super::{Method, Setting};
use crate::{
    ihvp::{
        Certificate, InverseBound, Solution, Stop, block_cg, cg, diagonal, exact, identity, neumann, sherman_morrison,
        stochastic_neumann, woodbury,
    },
    linalg::{Contraction, Damped, DenseSymmetric, Diagonal, LinearOperator, PositiveDefinite},
    spectrum::extreme,
};

/// A symmetric operator on arrays.
pub type Operator<'a> = dyn Diagonal<Vector = Array1<f64>> + 'a;

/// Gradients of the problem: `(rows, group)` to `rows` gradients, each the mean over `group` examples.
pub type Gradients<'a> = dyn Fn(usize, usize) -> Array2<f64> + 'a;

/// A random operator of so many examples, whose mean is the operator.
pub type MiniBatches<'a> = dyn Fn(&mut ChaCha8Rng, usize) -> Box<dyn LinearOperator<Vector = Array1<f64>> + 'a> + 'a;

/// An operator with whatever else the estimators may use of it.
pub struct Target<'a> {
    /// The operator $A$.
    pub operator: &'a Operator<'a>,
    /// A lower bound on its eigenvalues, or why it is not known to be positive definite.
    pub definite: Result<InverseBound, String>,
    /// An upper bound on its largest eigenvalue.
    pub lambda_max: f64,
    /// Its matrix, where that can be had.
    pub matrix: Option<&'a DenseSymmetric<f64>>,
    /// Gradients, where there are any.
    pub gradients: Option<&'a Gradients<'a>>,
    /// Mini-batch operators, where there are any.
    pub batches: Option<&'a MiniBatches<'a>>,
}

/// An upper bound on the largest eigenvalue, from Lanczos; it holds with the probability that `spectrum` states by default.
///
/// # Errors
/// Why the spectrum could not be examined.
pub fn largest_eigenvalue(operator: &Operator<'_>) -> Result<f64, String> {
    // The step γ is a multiple of 1/λ_max: a per cent of slack is of no consequence.
    let params = extreme::Params { gap: 1e-2, ..extreme::Params::default() };
    let like = Array1::zeros(operator.dim());
    let (extremes, _) = extreme::extremes(&operator, &like, extreme::Ends::Largest, &params).map_err(text)?;
    Ok(extremes.largest.bound)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Target<'_> {
    /// Runs an estimator of $(A+\eta I)^{-1}v_j$, $\eta$ the damping of the setting; for the Fisher methods, of $(\eta I+\frac1NG^\top G)^{-1}v_j$.
    ///
    /// # Errors
    /// What the estimator says when it refuses, or what it lacks.
    pub fn solve(&self, setting: &Setting, vs: &[Array1<f64>], seed: u64) -> Result<Solution<Array1<f64>>, String> {
        let damping = setting.damping;
        match setting.method {
            Method::Exact => {
                let matrix =
                    self.matrix.ok_or("a dense factorisation needs a matrix, and this system is too large for one")?;
                let params = exact::Params { damping, ..exact::Params::default() };
                exact::solve(matrix, vs, &params).map(|(solution, _)| solution).map_err(text)
            }
            Method::ShermanMorrison => {
                let recursion =
                    sherman_morrison::ShermanMorrison::new(self.panel(setting)?, &woodbury::Params::new(damping));
                recursion.map_err(text)?.solve(vs).map_err(text)
            }
            Method::Woodbury => {
                let params = woodbury::Params::new(damping);
                let solved = woodbury::Woodbury::prepare_and_solve(self.panel(setting)?, vs, &params);
                solved.map(|(_, solution)| solution).map_err(text)
            }
            _ => self.iterate(setting, vs, seed),
        }
    }

    fn panel(&self, setting: &Setting) -> Result<Array2<f64>, String> {
        let gradients = self.gradients.ok_or("there are no gradients")?;
        Ok(gradients(setting.rows.unwrap_or(1), setting.group.unwrap_or(1)))
    }

    /// The methods that use the operator alone.
    fn iterate(&self, setting: &Setting, vs: &[Array1<f64>], seed: u64) -> Result<Solution<Array1<f64>>, String> {
        let damping = setting.damping;
        let operator = Damped { inner: self.operator, damping };
        let known = self.definite.clone()?;
        let definite =
            PositiveDefinite::from_bound(operator, known.lambda_min() + damping, known.certificate()).map_err(text)?;
        let (operator, bound) = (definite.operator(), Some(InverseBound::from(&definite)));
        let lambda_max = self.lambda_max + damping;
        let stop = Stop::terms(setting.terms.unwrap_or(0));
        let step = setting.step.unwrap_or(1.0) / lambda_max;
        match setting.method {
            Method::Cg => cg::solve(operator, vs, bound, &cg::Params { stop }).map_err(text),
            Method::BlockCg => block_cg::solve(operator, vs, bound, &block_cg::Params { stop }).map_err(text),
            Method::Neumann => {
                let contraction = Contraction::from_bound(definite, step, lambda_max, Certificate::Probabilistic);
                neumann::solve(&contraction.map_err(text)?, vs, &neumann::Params { stop }).map_err(text)
            }
            Method::StochasticNeumann => {
                let batches = self.batches.ok_or("there are no mini-batches")?;
                let size = setting.group.unwrap_or(1);
                let draw = |rng: &mut ChaCha8Rng| Damped { inner: Boxed(batches(rng, size)), damping };
                let terms = setting.terms.unwrap_or(0);
                let params = stochastic_neumann::Params { step, terms, repeats: 1, seed, tolerance: None };
                stochastic_neumann::solve(operator, draw, vs, bound, &params).map_err(text)
            }
            Method::Identity => {
                let params = identity::Params::mean_eigenvalue(operator).map_err(text)?;
                identity::solve(operator, vs, bound, &params).map_err(text)
            }
            Method::Diagonal => diagonal::solve(operator, vs, bound, &diagonal::Params).map_err(text),
            Method::Exact | Method::ShermanMorrison | Method::Woodbury => self.solve(setting, vs, seed),
        }
    }
}

/// An operator behind a box is one.
struct Boxed<'a>(Box<dyn LinearOperator<Vector = Array1<f64>> + 'a>);

impl LinearOperator for Boxed<'_> {
    type Vector = Array1<f64>;
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        self.0.apply(x, y);
    }
    fn apply_block(&self, xs: &[Array1<f64>], ys: &mut [Array1<f64>]) {
        self.0.apply_block(xs, ys);
    }
}
