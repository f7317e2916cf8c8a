//! The Hessian in $\alpha$ of the loss of a softmax mixture, $\nabla^2_\alpha L(\theta,\mathrm{softmax}\,\alpha)$: RobustDARTS's measure of sharpness.
//!
//! With $S$ the copying of rows over cells and $J$ the Jacobian of the softmax,
//! $$\nabla^2_\alpha L\,u=J^\top S^\top\frac{\partial^2L}{\partial Z\,\partial Z}SJu+\frac{d}{dt}\big\lbrack J(\alpha+tu)\big\rbrack^\top S^\top C ,$$
//! one product with the gates' Hessian, and a closed form. Shifts of an edge are in its null space: $J\mathbf1=0$ at every $\alpha$.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2};

use super::Layout;
use crate::{linalg::LinearOperator, problem::Supernet, relaxation::softmax};

/// $\nabla^2_\alpha L$ at a point, as an operator on vectors of all entries of $\alpha$, row by row; 0 for what an edge does not have.
pub struct AlphaHessian<'a, P: Supernet> {
    problem: &'a P,
    layout: &'a Layout,
    weights: &'a P::Vector,
    batch: &'a P::Batch,
    gates: Array2<f64>,
    expanded: Array2<f64>,
    cost: Array2<f64>,
}

impl<'a, P: Supernet> AlphaHessian<'a, P> {
    /// At weights and logits, for the loss of a batch.
    pub fn new(
        problem: &'a P,
        layout: &'a Layout,
        weights: &'a P::Vector,
        alpha: &Array2<f64>,
        batch: &'a P::Batch,
    ) -> Self {
        let gates = softmax::gates(alpha);
        let expanded = layout.sharing.expand(&gates);
        let cost = layout.sharing.collect(&problem.cost(weights, &expanded, batch));
        Self { problem, layout, weights, batch, gates, expanded, cost }
    }

    /// The product with `u`, rows of $\alpha\times O$.
    pub fn product(&self, u: &Array2<f64>) -> Array2<f64> {
        let sharing = &self.layout.sharing;
        let moved = sharing.expand(&softmax::push(&self.gates, u));
        let bent = self.problem.gate_hessian_product(self.weights, &self.expanded, self.batch, &moved);
        softmax::pull(&self.gates, &sharing.collect(&bent)) + softmax::pull_derivative(&self.gates, &self.cost, u)
    }

    /// All entries, one product for each entry of $\alpha$, as published; symmetrised.
    pub fn dense(&self) -> Array2<f64> {
        let (shape, n) = (self.gates.dim(), self.dim());
        let mut out = Array2::zeros((n, n));
        let mut unit = Array2::zeros(shape);
        for (k, index) in ndarray::indices(shape).into_iter().enumerate() {
            unit[index] = 1.0;
            out.row_mut(k).iter_mut().zip(&self.product(&unit)).for_each(|(out, x)| *out = *x);
            unit[index] = 0.0;
        }
        0.5 * (&out + &out.t())
    }

    /// The largest algebraic eigenvalue; NaN when an entry is not finite.
    pub fn largest_eigenvalue(&self) -> f64 {
        let dense = self.dense();
        if dense.iter().any(|x| !x.is_finite()) {
            return f64::NAN;
        }
        let matrix = DMatrix::from_fn(dense.nrows(), dense.nrows(), |i, j| dense[(i, j)]);
        SymmetricEigen::new(matrix).eigenvalues.max()
    }
}

impl<P: Supernet> LinearOperator for AlphaHessian<'_, P> {
    type Vector = Array1<f64>;

    fn dim(&self) -> usize {
        self.gates.len()
    }

    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        let columns = self.gates.ncols();
        let u = Array2::from_shape_fn(self.gates.dim(), |(e, o)| x[e * columns + o]);
        y.iter_mut().zip(&self.product(&u)).for_each(|(y, p)| *y = *p);
    }
}
