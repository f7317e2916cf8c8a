//! A change of gates on a trained supernet, and what each method predicts of it.

use ndarray::Array2;

use super::{Expansion, InverseHessian};
use crate::{
    linalg::Vector,
    problem::{Hessian, Supernet},
};

/// The gates with operation `operation` removed from edge `edge`: its gate set to zero, the others as they are.
///
/// # Panics
/// When there is no such gate, as indexing does.
pub fn without(gates: &Array2<f64>, edge: usize, operation: usize) -> Array2<f64> {
    let mut gates = gates.clone();
    gates[(edge, operation)] = 0.0;
    gates
}

/// A change of gates from `before` to `after` at weights trained for `before`; see the [module docs](super) for the predictions.
pub struct Discretisation<'a, P: Supernet + ?Sized> {
    /// The supernet.
    pub problem: &'a P,
    /// $\theta^\ast(Z)$.
    pub weights: &'a P::Vector,
    /// $Z$.
    pub before: &'a Array2<f64>,
    /// $\hat Z$.
    pub after: &'a Array2<f64>,
    /// The loss $L_t$ that $\theta^\ast$ minimises.
    pub training: &'a P::Batch,
}

impl<'a, P: Supernet + ?Sized> Discretisation<'a, P> {
    /// $L_j(\theta^\ast,\hat Z)-L_j(\theta^\ast,Z)$: what DARTS-PT measures (on the loss; DARTS-PT itself uses accuracy).
    pub fn perturbation(&self, judge: &P::Batch) -> f64 {
        self.change_at(self.weights, judge)
    }

    /// $L_j(\theta,\hat Z)-L_j(\theta^\ast,Z)$: the true change when `weights` is $\hat\theta^\ast$, a prediction when it is an estimate of it.
    pub fn change_at(&self, weights: &P::Vector, judge: &P::Batch) -> f64 {
        self.problem.loss(weights, self.after, judge) - self.problem.loss(self.weights, self.before, judge)
    }

    /// What of a prediction does not depend on the step, computed once for many steps.
    pub fn model(&self, judge: &'a P::Batch) -> Model<'a, P> {
        let before = self.problem.loss(self.weights, self.before, judge);
        Model {
            before,
            perturbation: self.problem.loss(self.weights, self.after, judge) - before,
            gradient: self.problem.gradient(self.weights, self.after, judge),
            at: Hessian { problem: self.problem, weights: self.weights, gates: self.after, batch: judge },
        }
    }

    /// $\Delta\theta\approx-H_t^{-1}g_t$ at $(\theta^\ast,\hat Z)$: Newton's step towards $\hat\theta^\ast$.
    ///
    /// # Errors
    /// Those of the estimator.
    pub fn newton_step<S: InverseHessian<P> + ?Sized>(&self, inverse: &mut S) -> Result<P::Vector, S::Error> {
        let at = Hessian { problem: self.problem, weights: self.weights, gates: self.after, batch: self.training };
        let gradient = self.problem.gradient(self.weights, self.after, self.training);
        let mut step = inverse.solve_one(&at, gradient)?;
        step.scale(-1.0);
        Ok(step)
    }

    /// $\Delta\theta\approx-H_t^{-1}M_t^\top\Delta Z$ at $(\theta^\ast,Z)$: the implicit function theorem, with a Hessian that does not depend on
    /// the change, so that one factorisation serves all of them.
    ///
    /// # Errors
    /// Those of the estimator.
    pub fn implicit_step<S: InverseHessian<P> + ?Sized>(&self, inverse: &mut S) -> Result<P::Vector, S::Error> {
        let at = Hessian { problem: self.problem, weights: self.weights, gates: self.before, batch: self.training };
        let slope = self.problem.cross_adjoint(self.weights, self.before, self.training, &self.gate_change());
        let mut step = inverse.solve_one(&at, slope)?;
        step.scale(-1.0);
        Ok(step)
    }

    /// DARTS-IF, Eq. 5 of `influence`: [`Model::influence`] of the training loss.
    pub fn influence(&self, step: &P::Vector) -> f64 {
        self.model(self.training).influence(step)
    }

    /// Second-order influence: the quadratic model of the judge's loss at the best multiple of `step` for the training loss.
    pub fn second_order_influence(&self, step: &P::Vector, judge: &'a P::Batch) -> f64 {
        let mut scaled = step.clone();
        scaled.scale(self.model(self.training).best_multiple(step));
        self.model(judge).at_step(&scaled)
    }

    /// The terms of the expansion at $(\theta^\ast,Z)$ along (`step`, $\hat Z-Z$) for the judge's loss.
    pub fn expansion(&self, step: &P::Vector, judge: &P::Batch) -> Expansion {
        Expansion::new(self.problem, self.weights, self.before, judge, step, &self.gate_change())
    }

    /// $\hat Z-Z$.
    pub fn gate_change(&self) -> Array2<f64> {
        self.after - self.before
    }
}

/// A loss $L_j$ around $(\theta^\ast,\hat Z)$, relative to $L_j(\theta^\ast,Z)$, from which predictions for any step follow.
pub struct Model<'a, P: Supernet + ?Sized> {
    at: Hessian<'a, P>,
    before: f64,
    /// $P_j=L_j(\theta^\ast,\hat Z)-L_j(\theta^\ast,Z)$.
    pub perturbation: f64,
    /// $g_j=\partial L_j/\partial\theta$ at $(\theta^\ast,\hat Z)$.
    pub gradient: P::Vector,
}

impl<P: Supernet + ?Sized> Model<'_, P> {
    /// $P_j+\frac12g_j^\top\Delta\theta$: Eq. 5 of `influence` when $\Delta\theta=-H_j^{-1}g_j$.
    pub fn influence(&self, step: &P::Vector) -> f64 {
        self.perturbation + 0.5 * self.gradient.dot(step)
    }

    /// The quadratic model: $P_j+g_j^\top\Delta\theta+\frac12\Delta\theta^\top H_j\Delta\theta$.
    pub fn at_step(&self, step: &P::Vector) -> f64 {
        self.perturbation + self.gradient.dot(step) + 0.5 * self.curvature(step)
    }

    /// The $t$ that minimises the model at $t\,$`step`: $-g^\top\Delta\theta/\Delta\theta^\top H\Delta\theta$, 1 for Newton's step. Where the curvature along the
    /// step is not positive there is no minimum, and $t=1$.
    pub fn best_multiple(&self, step: &P::Vector) -> f64 {
        let curvature = self.curvature(step);
        let multiple = -self.gradient.dot(step) / curvature;
        if multiple.is_finite() && curvature > 0.0 { multiple } else { 1.0 }
    }

    fn curvature(&self, step: &P::Vector) -> f64 {
        let Hessian { problem, weights, gates, batch } = self.at;
        problem.hessian_product(weights, gates, batch, step).dot(step)
    }

    /// $L_j(\theta^\ast+\Delta\theta,\hat Z)-L_j(\theta^\ast,Z)$.
    pub fn moved(&self, step: &P::Vector) -> f64 {
        let mut weights = self.at.weights.clone();
        weights.axpy(1.0, step);
        self.at.problem.loss(&weights, self.at.gates, self.at.batch) - self.before
    }
}
