//! The Hessian in $\alpha$ of a loss at gates that are smooth in $\alpha$.
//!
//! With $S$ the copying of rows over cells and $J=\partial Z/\partial\alpha$ at the noise drawn,
//! $$\nabla^2_\alpha L\,u=J^\top S^\top\frac{\partial^2L}{\partial Z\,\partial Z}SJu+\frac{d}{dt}\big\lbrack J(\alpha+tu)\big\rbrack^\top S^\top C ,$$
//! one product with the gates' Hessian, and a closed form ([`Smooth`]). For a softmax, shifts of an edge are in its null space: $J\mathbf1=0$ at every $\alpha$.

use ndarray::{Array1, Array2};

use super::Layout;
use crate::{
    linalg::{LinearOperator, dense},
    problem::Supernet,
    relaxation::Smooth,
};

/// A draw with the cost there.
struct Point {
    draw: Box<dyn Smooth>,
    /// One row for each gate row of the supernet.
    gates: Array2<f64>,
    /// $S^\top C$.
    cost: Array2<f64>,
}

/// $\nabla^2_\alpha L$ at a point, the mean over some draws, as an operator on vectors of the entries of $\alpha$ that there are (the finite ones), row by row.
pub struct AlphaHessian<'a, P: Supernet> {
    problem: &'a P,
    layout: &'a Layout,
    weights: &'a P::Vector,
    batch: &'a P::Batch,
    points: Vec<Point>,
    shape: (usize, usize),
    entries: Vec<(usize, usize)>,
}

impl<'a, P: Supernet> AlphaHessian<'a, P> {
    /// At weights and `alpha`, for the loss of a batch at the gates of each draw, all made at `alpha`.
    pub fn new(
        (problem, layout): (&'a P, &'a Layout),
        weights: &'a P::Vector,
        alpha: &Array2<f64>,
        draws: Vec<Box<dyn Smooth>>,
        batch: &'a P::Batch,
    ) -> Self {
        let point = |draw: Box<dyn Smooth>| {
            let gates = layout.sharing.expand(draw.gates());
            let cost = layout.sharing.collect(&problem.cost(weights, &gates, batch));
            Point { draw, gates, cost }
        };
        let entries = alpha.indexed_iter().filter(|(_, a)| **a > f64::NEG_INFINITY).map(|(index, _)| index).collect();
        let points = draws.into_iter().map(point).collect();
        Self { problem, layout, weights, batch, points, shape: alpha.dim(), entries }
    }

    /// The product with `u`, in the shape of $\alpha$.
    pub fn product(&self, u: &Array2<f64>) -> Array2<f64> {
        let sharing = &self.layout.sharing;
        let mut sum = Array2::zeros(self.shape);
        for Point { draw, gates, cost } in &self.points {
            let moved = sharing.expand(&draw.push(u));
            let turned = self.problem.gate_hessian_product(self.weights, gates, self.batch, &moved);
            sum += &draw.pull_back(&sharing.collect(&turned));
            sum += &draw.bend(cost, u);
        }
        sum / self.points.len() as f64
    }

    /// All entries, one product for each entry of $\alpha$, as published; symmetrised.
    pub fn dense(&self) -> Array2<f64> {
        let out = dense(self, &Array1::zeros(self.dim()));
        0.5 * (&out + &out.t())
    }
}

impl<P: Supernet> LinearOperator for AlphaHessian<'_, P> {
    type Vector = Array1<f64>;

    fn dim(&self) -> usize {
        self.entries.len()
    }

    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        let mut u = Array2::zeros(self.shape);
        self.entries.iter().zip(x).for_each(|(&index, &x)| u[index] = x);
        let product = self.product(&u);
        y.iter_mut().zip(&self.entries).for_each(|(y, &index)| *y = product[index]);
    }
}
