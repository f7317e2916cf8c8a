//! The dense cell as a [`Supernet`]: first derivatives over `f64`, second ones over dual numbers.
//!
//! Along the direction $(\dot\theta,\dot Z)$ one pass over dual numbers gives the derivative of gradient and cost at once,
//!
//! $$\begin{pmatrix}\dot\nabla\\\dot C\end{pmatrix}=\begin{pmatrix}\partial^2_{\theta\theta}L&M^\top\\M&\partial^2_{ZZ}L\end{pmatrix}
//! \begin{pmatrix}\dot\theta\\\dot Z\end{pmatrix},\qquad M=\frac{\partial^2L}{\partial Z\,\partial\theta},$$
//!
//! and the four products of the trait are its four blocks.

use ndarray::{Array1, Array2};
use num_dual::Dual64;

use super::{
    Batch, DenseCell,
    graph::{EDGES, feature},
    head,
};
use crate::problem::{Derivatives, Supernet, only_active};

impl DenseCell {
    /// The derivatives of gradient and cost along `(weights_dot, gates_dot)`.
    ///
    /// # Panics
    /// When an array has not the shape that [`Supernet`] says.
    pub fn second_derivative(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        batch: &Batch,
        weights_dot: &Array1<f64>,
        gates_dot: &Array2<f64>,
    ) -> (Array1<f64>, Array2<f64>) {
        let along = |x: Vec<f64>, dot: Vec<f64>| -> Vec<Dual64> {
            x.into_iter().zip(dot).map(|(x, dot)| Dual64::new(x, dot)).collect()
        };
        let weights = along(self.checked(weights), self.checked(weights_dot));
        let gates = along(self.checked_gates(gates), self.checked_gates(gates_dot));
        let pass = self.pass(&weights, &gates, batch);
        let (_, head, backward) = pass.complete(&weights[self.graph.weight_count..], self.settings.classes);
        let gradient = backward.gradient.iter().chain(&head.gradient).map(|g| g.eps).collect();
        (gradient, self.shaped(backward.cost.iter().map(|c| c.eps)))
    }

    /// Numbers row by row in the shape of the gates.
    pub(super) fn shaped(&self, entries: impl Iterator<Item = f64>) -> Array2<f64> {
        let mut out = Array2::zeros(self.settings.mask.dim());
        out.iter_mut().zip(entries).for_each(|(out, x)| *out = x);
        out
    }

    /// The classifier's view of a batch.
    fn head(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch) -> head::Head<f64> {
        let (weights, gates) = (self.checked(weights), self.checked_gates(gates));
        let pass = self.pass(&weights, &gates, batch);
        let pooled = pass.pooled(&pass.forward()).unwrap_or_default();
        head::head(&weights[self.graph.weight_count..], &pooled, &batch.labels, self.settings.classes)
    }
}

impl Supernet for DenseCell {
    type Vector = Array1<f64>;
    type Batch = Batch;
    type Gradients = Array2<f64>;

    fn gate_shape(&self) -> (usize, usize) {
        self.settings.mask.dim()
    }

    fn weight_count(&self) -> usize {
        self.graph.weight_count + self.settings.classifier_weights()
    }

    fn loss(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch) -> f64 {
        self.head(weights, gates, batch).loss
    }

    fn gradient(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch) -> Array1<f64> {
        let base = self.base(&self.checked(weights), &self.checked_gates(gates), batch);
        base.backward.gradient.into_iter().chain(base.head.gradient).collect()
    }

    fn cost(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch) -> Array2<f64> {
        let base = self.base(&self.checked(weights), &self.checked_gates(gates), batch);
        self.shaped(base.backward.cost.into_iter())
    }

    fn cost_and_gradient(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &Batch,
    ) -> Derivatives<Array1<f64>> {
        let base = self.base(&self.checked(weights), &self.checked_gates(&only_active(gates, active)), batch);
        Derivatives {
            loss: base.head.loss,
            gradient: base.backward.gradient.into_iter().chain(base.head.gradient).collect(),
            cost: only_active(&self.shaped(base.backward.cost.into_iter()), active),
        }
    }

    fn constant_cost(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch) -> Option<Array1<f64>> {
        let base = self.base(&self.checked(weights), &self.checked_gates(gates), batch);
        let rows = 0..self.settings.mask.nrows();
        let target = |row: usize| feature(row / EDGES.len(), EDGES[row % EDGES.len()].1);
        Some(rows.map(|row| base.backward.cotangents[target(row)].iter().flatten().sum()).collect())
    }

    fn hessian_product(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        batch: &Batch,
        v: &Array1<f64>,
    ) -> Array1<f64> {
        self.second_derivative(weights, gates, batch, v, &Array2::zeros(gates.dim())).0
    }

    fn cross_product(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch, v: &Array1<f64>) -> Array2<f64> {
        self.second_derivative(weights, gates, batch, v, &Array2::zeros(gates.dim())).1
    }

    fn cross_adjoint(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch, u: &Array2<f64>) -> Array1<f64> {
        self.second_derivative(weights, gates, batch, &Array1::zeros(weights.len()), u).0
    }

    fn gate_hessian_product(
        &self,
        weights: &Array1<f64>,
        gates: &Array2<f64>,
        batch: &Batch,
        u: &Array2<f64>,
    ) -> Array2<f64> {
        self.second_derivative(weights, gates, batch, &Array1::zeros(weights.len()), u).1
    }

    /// Each group is its own batch, with its own statistics; the last may be smaller, and a `group` of 0 is taken as 1.
    fn gradients(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch, group: usize) -> Array2<f64> {
        let mut rows = Array2::zeros((batch.len().div_ceil(group.max(1)), weights.len()));
        for (mut row, group) in rows.rows_mut().into_iter().zip(batch.groups(group)) {
            row.assign(&self.gradient(weights, gates, &group));
        }
        rows
    }

    fn accuracy_and_entropy(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Batch) -> Option<(f64, f64)> {
        let head = self.head(weights, gates, batch);
        Some((head.accuracy, head.entropy))
    }
}
