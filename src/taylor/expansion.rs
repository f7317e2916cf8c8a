//! Taylor's polynomial of a loss in weights and gates, term by term.

use ndarray::Array2;

use crate::{
    linalg::Vector,
    problem::{Hessian, Supernet},
};

/// The terms of $L(\theta+\Delta\theta, Z+\Delta Z) - L(\theta, Z)$ to second order, all derivatives at $(\theta, Z)$.
///
/// $$\langle C,\Delta Z\rangle + \langle g,\Delta\theta\rangle + \tfrac12\langle\Delta Z, L_{ZZ}\Delta Z\rangle + \langle\Delta Z, M\Delta\theta\rangle +
///   \tfrac12\langle\Delta\theta,H\Delta\theta\rangle$$
///
/// With $\Delta\theta=-H_t^{-1}M_t^\top\Delta Z$, the response of the trained weights to first order, [`Expansion::second_order`] predicts the
/// judge's loss after retraining. Where the judge is the training loss itself, $g=0$ and the last two terms add up to
/// $-\frac12\Delta Z^\top MH^{-1}M^\top\Delta Z$, which is `influence` Eq. 7; the printed equation leaves out the two terms in $\Delta Z$ alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expansion {
    /// $\langle C,\Delta Z\rangle$.
    pub gates: f64,
    /// $\langle g,\Delta\theta\rangle$.
    pub weights: f64,
    /// $\frac12\langle\Delta Z, L_{ZZ}\Delta Z\rangle$.
    pub gates_gates: f64,
    /// $\langle\Delta Z, M\Delta\theta\rangle$.
    pub gates_weights: f64,
    /// $\frac12\langle\Delta\theta, H\Delta\theta\rangle$.
    pub weights_weights: f64,
}

impl Expansion {
    /// The terms for the loss of `batch` along (`weight_change`, `gate_change`).
    pub fn new<P: Supernet + ?Sized>(
        problem: &P,
        weights: &P::Vector,
        gates: &Array2<f64>,
        batch: &P::Batch,
        weight_change: &P::Vector,
        gate_change: &Array2<f64>,
    ) -> Self {
        Along::new(Hessian { problem, weights, gates, batch }, gate_change).step(weight_change)
    }

    /// The terms of first order.
    pub fn first_order(&self) -> f64 {
        self.gates + self.weights
    }

    /// All terms.
    pub fn second_order(&self) -> f64 {
        self.first_order() + self.gates_gates + self.gates_weights + self.weights_weights
    }

    /// The sum of the magnitudes of the terms: what rounding is relative to.
    pub fn magnitude(&self) -> f64 {
        [self.gates, self.weights, self.gates_gates, self.gates_weights, self.weights_weights]
            .iter()
            .map(|x| x.abs())
            .sum()
    }
}

/// The expansions for one change of gates: what does not depend on $\Delta\theta$, computed once.
pub struct Along<'a, P: Supernet + ?Sized> {
    at: Hessian<'a, P>,
    gates: f64,
    gates_gates: f64,
    /// $g$.
    gradient: P::Vector,
    /// $M^\top\Delta Z$.
    slope: P::Vector,
}

impl<'a, P: Supernet + ?Sized> Along<'a, P> {
    /// For the loss of `at.batch` at (`at.weights`, `at.gates`) along `gate_change`.
    pub fn new(at: Hessian<'a, P>, gate_change: &Array2<f64>) -> Self {
        let Hessian { problem, weights, gates, batch } = at;
        let inner = |a: &Array2<f64>| a.iter().zip(gate_change).map(|(a, z)| a * z).sum::<f64>();
        Self {
            at,
            gates: inner(&problem.cost(weights, gates, batch)),
            gates_gates: 0.5 * inner(&problem.gate_hessian_product(weights, gates, batch, gate_change)),
            gradient: problem.gradient(weights, gates, batch),
            slope: problem.cross_adjoint(weights, gates, batch, gate_change),
        }
    }

    /// The terms when the weights move by `step` besides.
    pub fn step(&self, step: &P::Vector) -> Expansion {
        let Hessian { problem, weights, gates, batch } = self.at;
        Expansion {
            gates: self.gates,
            weights: self.gradient.dot(step),
            gates_gates: self.gates_gates,
            gates_weights: self.slope.dot(step),
            weights_weights: 0.5 * problem.hessian_product(weights, gates, batch, step).dot(step),
        }
    }
}
