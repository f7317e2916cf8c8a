//! A supernet whose cross products are finite differences.

use ndarray::{Array1, Array2};

use super::finite_difference;
use crate::{
    linalg::Vector,
    problem::{ConstantCost, Derivatives, Supernet},
};

/// The same supernet with [`cross_product`](Supernet::cross_product) and [`cross_adjoint`](Supernet::cross_adjoint) by the central differences of
/// [`finite_difference`], at the steps $\epsilon/\lVert v\rVert_2$ and $\epsilon/\lVert u\rVert_2$: what is predicted then is what codes without
/// second backward passes predict. DARTS has $\epsilon=0.01$.
#[derive(Debug)]
pub struct Differenced<'a, P: ?Sized> {
    /// The supernet.
    pub problem: &'a P,
    /// $\epsilon$.
    pub step: f64,
}

impl<P: Supernet + ?Sized> Supernet for Differenced<'_, P> {
    type Vector = P::Vector;
    type Batch = P::Batch;
    type Gradients = P::Gradients;

    fn cross_product(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch, v: &P::Vector) -> Array2<f64> {
        let norm = v.norm();
        // M0 = 0, and there is no step along 0.
        if norm == 0.0 {
            return Array2::zeros(gates.dim());
        }
        finite_difference::cross_product(self.problem, weights, gates, batch, v, self.step / norm)
    }

    fn cross_adjoint(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch, u: &Array2<f64>) -> P::Vector {
        let norm = Array1::from_iter(u.iter().copied()).norm();
        if norm == 0.0 {
            return weights.zeros_like();
        }
        finite_difference::cross_adjoint(self.problem, weights, gates, batch, u, self.step / norm)
    }

    fn gate_shape(&self) -> (usize, usize) {
        self.problem.gate_shape()
    }

    fn weight_count(&self) -> usize {
        self.problem.weight_count()
    }

    fn loss(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> f64 {
        self.problem.loss(weights, gates, batch)
    }

    fn gradient(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> P::Vector {
        self.problem.gradient(weights, gates, batch)
    }

    fn cost(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> Array2<f64> {
        self.problem.cost(weights, gates, batch)
    }

    fn cost_and_gradient(
        &self,
        weights: &P::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &P::Batch,
    ) -> Derivatives<P::Vector> {
        self.problem.cost_and_gradient(weights, gates, active, batch)
    }

    fn loss_and_cost(
        &self,
        weights: &P::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &P::Batch,
    ) -> (f64, Array2<f64>) {
        self.problem.loss_and_cost(weights, gates, active, batch)
    }

    fn constant_cost(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> Option<Array1<f64>> {
        self.problem.constant_cost(weights, gates, batch)
    }

    fn cost_and_constant(
        &self,
        weights: &P::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &P::Batch,
    ) -> Option<ConstantCost> {
        self.problem.cost_and_constant(weights, gates, active, batch)
    }

    fn hessian_product(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch, v: &P::Vector) -> P::Vector {
        self.problem.hessian_product(weights, gates, batch, v)
    }

    fn gate_hessian_product(
        &self,
        weights: &P::Vector,
        gates: &Array2<f64>,
        batch: &P::Batch,
        u: &Array2<f64>,
    ) -> Array2<f64> {
        self.problem.gate_hessian_product(weights, gates, batch, u)
    }

    fn gradients(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch, group: usize) -> P::Gradients {
        self.problem.gradients(weights, gates, batch, group)
    }

    fn accuracy_and_entropy(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> Option<(f64, f64)> {
        self.problem.accuracy_and_entropy(weights, gates, batch)
    }
}
