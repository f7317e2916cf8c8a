//! Supernets as the estimators see them, and the small exact ones the theory is checked on.
//!
//! A [`Supernet`] maps weights $\theta$ and gates $Z$ to a loss and offers its first and second derivatives. A [`Bilevel`] problem can also
//! be solved for its weights, so that what the approximations predict can be compared with the truth.

pub mod dense_cell;
pub mod digits;
pub mod quadratic;
pub mod softmax_regression;

use ndarray::{Array1, Array2};

use crate::linalg::{LinearOperator, Panel, Vector};

/// What one pass over a batch yields.
#[derive(Debug, Clone)]
pub struct Derivatives<V> {
    /// $L$.
    pub loss: f64,
    /// $\partial L/\partial\theta$.
    pub gradient: V,
    /// $C=\partial L/\partial Z$, $E\times O$; 0 at the operations that were not evaluated.
    pub cost: Array2<f64>,
}

/// What one pass yields with a constant on every edge.
#[derive(Debug, Clone)]
pub struct ConstantCost {
    /// $L$.
    pub loss: f64,
    /// $C=\partial L/\partial Z$, $E\times O$; 0 at the operations that were not evaluated.
    pub cost: Array2<f64>,
    /// $\langle\partial L/\partial y_e,\mathbf 1\rangle$ for each of the $E$ edges.
    pub constant: Array1<f64>,
}

/// How a supernet does on a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    /// $L$.
    pub loss: f64,
    /// In $\lbrack 0,1\rbrack$; `None` where there are no classes.
    pub accuracy: Option<f64>,
    /// $H$, the mean entropy of the predicted distribution; `None` where there are no classes.
    pub entropy: Option<f64>,
}

/// The gates with those of the operations that are not `active` set to 0.
pub fn only_active(gates: &Array2<f64>, active: &Array2<bool>) -> Array2<f64> {
    let mut gates = gates.clone();
    gates.zip_mut_with(active, |z, &on| *z = if on { *z } else { 0.0 });
    gates
}

/// A differentiable supernet: $L(\theta, Z; \text{batch})$ with gates $Z\in\mathbb R^{E\times O}$.
///
/// Row $e$ of the gates belongs to one (cell instance, edge) pair, column $o$ to one operation; $Z_{eo}$ multiplies the output of operation
/// $o$ on edge $e$. Gates are untied: sharing over cells is the relaxation's business. $L$ is a mean over the examples of the batch,
/// plus the problem's regulariser where it has one.
///
/// The cost of `wiring`, Eq. 4, is [`Supernet::cost`].
pub trait Supernet {
    /// Where the weights live.
    type Vector: Vector;
    /// The data a loss is taken over: a split, a mini-batch, a list of them.
    type Batch: ?Sized;
    /// Gradients as rows.
    type Gradients: Panel<Vector = Self::Vector>;

    /// $(E, O)$.
    fn gate_shape(&self) -> (usize, usize);

    /// The number of weights $d$.
    fn weight_count(&self) -> usize;

    /// $L(\theta, Z)$.
    fn loss(&self, weights: &Self::Vector, gates: &Array2<f64>, batch: &Self::Batch) -> f64;

    /// $\partial L/\partial\theta$.
    fn gradient(&self, weights: &Self::Vector, gates: &Array2<f64>, batch: &Self::Batch) -> Self::Vector;

    /// $C = \partial L/\partial Z$, $E\times O$.
    fn cost(&self, weights: &Self::Vector, gates: &Array2<f64>, batch: &Self::Batch) -> Array2<f64>;

    /// Loss, gradient and cost when only the operations marked in `active` ($E\times O$) are evaluated.
    ///
    /// One that is not contributes nothing: its gate counts as 0, its weights have no gradient and its cost is reported as 0, not as the
    /// $\partial L/\partial Z$ that evaluating it would have told. This is how systems that sample run: an implementation that skips what is not active
    /// saves its time and memory; the default evaluates everything three times and returns the same numbers.
    fn cost_and_gradient(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &Self::Batch,
    ) -> Derivatives<Self::Vector> {
        let gates = only_active(gates, active);
        Derivatives {
            loss: self.loss(weights, &gates, batch),
            gradient: self.gradient(weights, &gates, batch),
            cost: only_active(&self.cost(weights, &gates, batch), active),
        }
    }

    /// Loss and cost as [`Supernet::cost_and_gradient`] has them, where the gradient is of no use: when $\alpha$ moves and the weights do not. An
    /// implementation that leaves the weights out of its backward pass saves their part of it; the default throws the gradient away.
    fn loss_and_cost(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &Self::Batch,
    ) -> (f64, Array2<f64>) {
        let Derivatives { loss, cost, .. } = self.cost_and_gradient(weights, gates, active, batch);
        (loss, cost)
    }

    /// $\langle\partial L/\partial y_e,\mathbf 1\rangle$ for each of the $E$ edges, $y_e$ the map that the edge adds its gated outputs to: the cost of an
    /// operation that returns 1 everywhere. The published code of GDAS takes it for the cost of every operation that was not sampled. `None`
    /// where the problem does not tell.
    fn constant_cost(&self, weights: &Self::Vector, gates: &Array2<f64>, batch: &Self::Batch) -> Option<Array1<f64>> {
        let _ = (weights, gates, batch);
        None
    }

    /// [`Supernet::loss_and_cost`] and [`Supernet::constant_cost`] at the same gates. The default makes a pass for each; one is enough.
    fn cost_and_constant(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &Self::Batch,
    ) -> Option<ConstantCost> {
        let constant = self.constant_cost(weights, &only_active(gates, active), batch)?;
        let (loss, cost) = self.loss_and_cost(weights, gates, active, batch);
        Some(ConstantCost { loss, cost, constant })
    }

    /// $\frac{\partial^2 L}{\partial\theta\,\partial\theta}\,v$.
    fn hessian_product(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        batch: &Self::Batch,
        v: &Self::Vector,
    ) -> Self::Vector;

    /// $M v$, $M=\frac{\partial^2 L}{\partial Z\,\partial\theta}$: the change of the cost when the weights move along `v`, $E\times O$.
    fn cross_product(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        batch: &Self::Batch,
        v: &Self::Vector,
    ) -> Array2<f64>;

    /// $M^\top u$: the change of the gradient when the gates move along `u`.
    fn cross_adjoint(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        batch: &Self::Batch,
        u: &Array2<f64>,
    ) -> Self::Vector;

    /// $\frac{\partial^2 L}{\partial Z\,\partial Z}\,u$, $E\times O$.
    fn gate_hessian_product(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        batch: &Self::Batch,
        u: &Array2<f64>,
    ) -> Array2<f64>;

    /// The gradients of consecutive groups of `group` examples, one mean gradient a row (`group = 1`: single examples).
    /// Without the regulariser: its curvature is added as damping.
    fn gradients(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        batch: &Self::Batch,
        group: usize,
    ) -> Self::Gradients;

    /// Loss, and accuracy and entropy where the problem has them. An implementation may find all of them in one pass, and leave out the
    /// operations whose gate is 0; the default asks for one after the other.
    fn evaluation(&self, weights: &Self::Vector, gates: &Array2<f64>, batch: &Self::Batch) -> Evaluation {
        let rest = self.accuracy_and_entropy(weights, gates, batch);
        let (accuracy, entropy) = rest.unzip();
        Evaluation { loss: self.loss(weights, gates, batch), accuracy, entropy }
    }

    /// Accuracy in $\lbrack 0,1\rbrack$ and mean entropy $H$ of the predicted distribution, for classifiers; `None` for other problems.
    fn accuracy_and_entropy(
        &self,
        weights: &Self::Vector,
        gates: &Array2<f64>,
        batch: &Self::Batch,
    ) -> Option<(f64, f64)> {
        let _ = (weights, gates, batch);
        None
    }
}

/// A supernet whose inner problem $\theta^\ast(Z)=\arg\min_\theta L_{\text{train}}(\theta, Z)$ is solved, not approximated.
pub trait Bilevel: Supernet {
    /// The batch whose loss defines $\theta^\ast$.
    fn training(&self) -> &Self::Batch;

    /// The batch $\alpha$ is judged on.
    fn validation(&self) -> &Self::Batch;

    /// $\theta^\ast(Z)$ to rounding.
    ///
    /// # Errors
    /// [`SolveError`] when the inner problem could not be solved.
    fn solve(&self, gates: &Array2<f64>, start: &Self::Vector) -> Result<Self::Vector, SolveError>;
}

/// The inner problem could not be solved.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "the inner problem was not solved: ‖∂L/∂θ‖ = {gradient_norm:e} after {iterations} iterations, wanted {wanted:e}; {advice}"
)]
pub struct SolveError {
    /// The gradient norm reached.
    pub gradient_norm: f64,
    /// The gradient norm wanted.
    pub wanted: f64,
    /// The iterations spent.
    pub iterations: usize,
    /// What to try.
    pub advice: String,
}

/// $\frac{\partial^2 L}{\partial\theta\,\partial\theta}$ of a supernet at a point, as an operator.
pub struct Hessian<'a, P: Supernet + ?Sized> {
    /// The supernet.
    pub problem: &'a P,
    /// The weights.
    pub weights: &'a P::Vector,
    /// The gates.
    pub gates: &'a Array2<f64>,
    /// The batch.
    pub batch: &'a P::Batch,
}

// By hand: deriving would ask the same of the problem.
impl<P: Supernet + ?Sized> Clone for Hessian<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Supernet + ?Sized> Copy for Hessian<'_, P> {}

impl<P: Supernet + ?Sized> LinearOperator for Hessian<'_, P> {
    type Vector = P::Vector;

    fn dim(&self) -> usize {
        self.problem.weight_count()
    }

    fn apply(&self, x: &P::Vector, y: &mut P::Vector) {
        // Not beside the one before.
        y.vacate();
        *y = self.product(x);
    }

    fn product(&self, x: &P::Vector) -> P::Vector {
        self.problem.hessian_product(self.weights, self.gates, self.batch, x)
    }
}
