//! The $\alpha$-gradient of second-order DARTS: through one step of the weights.
//!
//! With $w'=w-\xi(\mu v+\nabla_wL_{\text{tr}}(w,\alpha)+\text{decay}\,w)$, $v$ the momentum held fixed, the chain rule gives
//! $$\frac{d}{d\alpha}L_{\text{val}}(w'(\alpha),\alpha)=\nabla_\alpha L_{\text{val}}(w',\alpha)-\xi\,\nabla^2_{\alpha w}L_{\text{tr}}(w,\alpha)\,\nabla_{w'}L_{\text{val}}(w',\alpha).$$
//! DARTS takes the product in the second term by central differences with $\epsilon=0.01/\lVert\nabla_{w'}L_{\text{val}}\rVert$, over $2\epsilon$:
//! [`finite_difference`](crate::taylor::finite_difference). Here the exact product is to be had as well, $J^\top M\,\nabla_{w'}L_{\text{val}}$ with the supernet's own $M$.

use ndarray::Array2;

use super::{CrossProduct, Pair, Run};
use crate::{
    linalg::Vector,
    problem::Supernet,
    relaxation::{Draw, Softmax},
    taylor::finite_difference,
};

/// The gradient and its parts, rows of $\alpha\times O$.
#[derive(Debug, Clone, PartialEq)]
pub struct Unrolled {
    /// $\nabla_\alpha L_{\text{val}}(w',\alpha)$.
    pub direct: Array2<f64>,
    /// $\nabla^2_{\alpha w}L_{\text{tr}}\nabla_{w'}L_{\text{val}}$ by central differences.
    pub finite: Option<Array2<f64>>,
    /// The same exactly.
    pub exact: Option<Array2<f64>>,
    /// $\xi$.
    pub rate: f64,
}

impl Unrolled {
    /// The whole gradient, with the exact product where it was computed.
    pub fn gradient(&self) -> Array2<f64> {
        match self.exact.as_ref().or(self.finite.as_ref()) {
            Some(product) => &self.direct - &(product * self.rate),
            None => self.direct.clone(),
        }
    }

    /// $\lVert\text{finite}-\text{exact}\rVert/\lVert\text{exact}\rVert$, where both were computed.
    pub fn discrepancy(&self) -> Option<f64> {
        let norm = |a: &Array2<f64>| a.iter().map(|x| x * x).sum::<f64>().sqrt();
        let (finite, exact) = (self.finite.as_ref()?, self.exact.as_ref()?);
        Some(norm(&(finite - exact)) / norm(exact))
    }
}

/// The gradient of second-order DARTS at the present state of a run.
pub fn unrolled<P: Supernet>(run: &Run<'_, P>, pair: Pair<'_, P>, product: CrossProduct) -> Unrolled {
    let Run { problem, layout, .. } = *run;
    let draw = Softmax.at(&run.alpha);
    let gates = layout.sharing.expand(draw.gates());
    let active = layout.sharing.expand(draw.active());
    let pull = |cost: &Array2<f64>| draw.pull_back(&layout.sharing.collect(cost));

    let rate = run.rate();
    let sgd = run.sgd.settings();
    let mut direction = problem.cost_and_gradient(&run.weights, &gates, &active, pair.training).gradient;
    direction.axpy(sgd.momentum, run.sgd.velocity());
    direction.axpy(sgd.decay, &run.weights);
    let mut ahead = run.weights.clone();
    ahead.axpy(-rate, &direction);

    let at = problem.cost_and_gradient(&ahead, &gates, &active, pair.validation);
    let by_difference = |v: &P::Vector| {
        let step = finite_difference::darts_step(v.norm());
        pull(&finite_difference::cross_product(problem, &run.weights, &gates, pair.training, v, step))
    };
    let exactly = |v: &P::Vector| pull(&problem.cross_product(&run.weights, &gates, pair.training, v));
    // A gradient of 0 has no direction to step along, and its product is 0.
    let finite = product.by_difference().then(|| {
        if at.gradient.norm() > 0.0 { by_difference(&at.gradient) } else { Array2::zeros(draw.gates().dim()) }
    });
    Unrolled { direct: pull(&at.cost), finite, exact: product.exactly().then(|| exactly(&at.gradient)), rate }
}
