//! $\theta^\ast(Z)$ by Newton's method, to rounding.
//!
//! The loss is $\lambda$-strongly convex and smooth, so Newton's method with backtracking converges from anywhere and quadratically at the
//! end. It is run until the gradient stops shrinking by half, which only rounding can cause, and the result is accepted when the
//! gradient is what rounding explains: a sum of $n$ products $r_{ic}h_{if}$ and one of $\lambda W_{cf}$.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use ndarray::{Array1, Array2};

use super::{Examples, SoftmaxRegression, forward::Pass, hessian::assemble};
use crate::{
    linalg::{TestRatio, Vector},
    problem::{Bilevel, SolveError},
};

/// Far more than the five to ten steps that strong convexity and quadratic convergence leave in practice.
const STEPS: usize = 100;
/// The share of the predicted decrease that a step must achieve (Armijo).
const DECREASE: f64 = 1e-4;

/// A minimum found by Newton's method.
#[derive(Debug, Clone)]
pub struct Minimum {
    /// $\theta^\ast$.
    pub weights: Array1<f64>,
    /// $\lVert\partial L/\partial\theta\rVert_2$ there.
    pub gradient_norm: f64,
    /// The gradient against its own rounding.
    pub ratio: TestRatio,
    /// Half the squared Newton decrement, $\frac12 g^\top H^{-1}g$, at the last factorised Hessian: how far the loss is above its minimum.
    pub excess: f64,
    /// Newton steps taken.
    pub steps: usize,
}

impl SoftmaxRegression {
    /// Minimises the loss of `batch`, which must be regularised, over the weights.
    ///
    /// # Errors
    /// [`SolveError`] when the gradient cannot be brought down to rounding.
    pub fn minimise(&self, gates: &Array2<f64>, batch: &Examples, start: &Array1<f64>) -> Result<Minimum, SolveError> {
        let mut weights = Array1::zeros(self.classes * self.width());
        let mut pass = Pass::new(self, &weights, gates, batch);
        let given = Pass::new(self, start, gates, batch);
        // Saturated probabilities leave no curvature but λ, and Newton's steps from there are useless; W = 0 is never saturated.
        if given.loss(start) < pass.loss(&weights) {
            (weights, pass) = (start.clone(), given);
        }
        let mut gradient = pass.gradient(&weights);
        let mut last = Factor::new(&pass);
        let mut steps = 0;
        loop {
            let norm = gradient.norm();
            let unit = (batch.rows.len() + self.width()) as f64 * f64::EPSILON;
            let ratio = TestRatio::quotient(norm, unit * pass.gradient_scale(&weights));
            let fail = move |advice: &str| SolveError {
                gradient_norm: norm,
                wanted: norm / ratio.0 * TestRatio::PASS,
                iterations: steps,
                advice: advice.to_owned(),
            };
            // At rounding already, the factor of the previous step serves: the step is only a last polish.
            if !ratio.passes() {
                last = Factor::new(&pass);
            }
            let Some(factor) = &last else {
                return Err(fail(
                    "the Hessian is not positive definite: regularise the batch, or check for non-finite input",
                ));
            };
            let step = factor.solve(&gradient);
            let decrement = step.dot(&gradient);
            if steps == STEPS {
                return Err(fail("Newton's method did not converge: check the scale of the features"));
            }
            steps += 1;
            let next = backtrack(&pass, &weights, gates, &step, norm, decrement);
            let improved = next.as_ref().is_some_and(|next| next.gradient.norm() <= 0.5 * norm);
            if ratio.passes() && !improved {
                return Ok(Minimum { weights, gradient_norm: norm, ratio, excess: 0.5 * decrement, steps });
            }
            let Some(next) = next else {
                return Err(fail("no step along Newton's direction lowers the loss or the gradient"));
            };
            Next { weights, pass, gradient } = next;
        }
    }
}

struct Factor(Cholesky<f64, Dyn>);

impl Factor {
    fn new(pass: &Pass<'_>) -> Option<Self> {
        let hessian = assemble(pass);
        let n = hessian.nrows();
        // Symmetric, so row-major and column-major are the same.
        Cholesky::new(DMatrix::from_iterator(n, n, hessian.iter().copied())).map(Self)
    }

    fn solve(&self, v: &Array1<f64>) -> Array1<f64> {
        let x = self.0.solve(&DVector::from_iterator(v.len(), v.iter().copied()));
        x.iter().copied().collect()
    }
}

struct Next<'a> {
    weights: Array1<f64>,
    pass: Pass<'a>,
    gradient: Array1<f64>,
}

/// The first of the steps 1, ½, ¼, … that lowers the loss enough; once the decrease to expect is below the rounding of the loss, one
/// that lowers the gradient.
fn backtrack<'a>(
    pass: &Pass<'a>,
    weights: &Array1<f64>,
    gates: &Array2<f64>,
    step: &Array1<f64>,
    norm: f64,
    decrement: f64,
) -> Option<Next<'a>> {
    let loss = pass.loss(weights);
    let resolved = decrement > pass.batch.rows.len() as f64 * f64::EPSILON * loss;
    (0..50).find_map(|halvings| {
        let t = 0.5f64.powi(halvings);
        let mut trial = weights.clone();
        trial.scaled_add(-t, step);
        let pass = Pass::new(pass.problem, &trial, gates, pass.batch);
        let gradient = pass.gradient(&trial);
        let accepted =
            if resolved { pass.loss(&trial) <= loss - DECREASE * t * decrement } else { gradient.norm() < norm };
        accepted.then_some(Next { weights: trial, pass, gradient })
    })
}

impl Bilevel for SoftmaxRegression {
    fn training(&self) -> &Examples {
        &self.training
    }

    fn validation(&self) -> &Examples {
        &self.validation
    }

    fn solve(&self, gates: &Array2<f64>, start: &Array1<f64>) -> Result<Array1<f64>, SolveError> {
        self.minimise(gates, &self.training, start).map(|minimum| minimum.weights)
    }
}
