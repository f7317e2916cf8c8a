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
    /// $\theta^*(Z)$.
    pub weights: &'a P::Vector,
    /// $Z$.
    pub before: &'a Array2<f64>,
    /// $\hat Z$.
    pub after: &'a Array2<f64>,
    /// The loss $L_t$ that $\theta^*$ minimises.
    pub training: &'a P::Batch,
}

impl<P: Supernet + ?Sized> Discretisation<'_, P> {
    /// $L_j(\theta^*,\hat Z)-L_j(\theta^*,Z)$: what DARTS-PT measures (on the loss; DARTS-PT itself uses accuracy).
    pub fn perturbation(&self, judge: &P::Batch) -> f64 {
        self.change_at(self.weights, judge)
    }

    /// $L_j(\theta,\hat Z)-L_j(\theta^*,Z)$: the true change when `weights` is $\hat\theta^*$, a prediction when it is an estimate of it.
    pub fn change_at(&self, weights: &P::Vector, judge: &P::Batch) -> f64 {
        self.problem.loss(weights, self.after, judge) - self.problem.loss(self.weights, self.before, judge)
    }

    /// $\Delta\theta\approx-H_t^{-1}g_t$ at $(\theta^*,\hat Z)$: Newton's step towards $\hat\theta^*$.
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

    /// $\Delta\theta\approx-H_t^{-1}M_t^\top\Delta Z$ at $(\theta^*,Z)$: the implicit function theorem, with a Hessian that does not depend on
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

    /// DARTS-IF, Eq. 5 of `influence`: $P_t-\frac12g_t^\top x$ with $x=-\,$`step`, from [`Discretisation::newton_step`].
    pub fn influence(&self, step: &P::Vector) -> f64 {
        let gradient = self.problem.gradient(self.weights, self.after, self.training);
        self.perturbation(self.training) + 0.5 * gradient.dot(step)
    }

    /// Second-order influence: $P_j+g_j^\top\Delta\theta+\frac12\Delta\theta^\top H_j\Delta\theta$ at $(\theta^*,\hat Z)$.
    pub fn second_order_influence(&self, step: &P::Vector, judge: &P::Batch) -> f64 {
        let gradient = self.problem.gradient(self.weights, self.after, judge);
        let curved = self.problem.hessian_product(self.weights, self.after, judge, step);
        self.perturbation(judge) + gradient.dot(step) + 0.5 * curved.dot(step)
    }

    /// The terms of the expansion at $(\theta^*,Z)$ along (`step`, $\hat Z-Z$) for the judge's loss.
    pub fn expansion(&self, step: &P::Vector, judge: &P::Batch) -> Expansion {
        Expansion::new(self.problem, self.weights, self.before, judge, step, &self.gate_change())
    }

    /// $\hat Z-Z$.
    pub fn gate_change(&self) -> Array2<f64> {
        self.after - self.before
    }
}
