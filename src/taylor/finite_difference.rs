//! Cross products by central differences, as DARTS computes them, and where they break.
//!
//! $$M^\top u \approx \frac{g(\theta, Z+\epsilon u) - g(\theta, Z-\epsilon u)}{2\epsilon},\qquad
//!   Mv\approx\frac{C(\theta+\epsilon v, Z)-C(\theta-\epsilon v, Z)}{2\epsilon},$$
//! DARTS's $\epsilon$ being $0.01/\lVert v\rVert_2$. The error is the sum of a truncation $\frac{\epsilon^2}6\lVert\partial^3(\cdot)\lbrack v,v,v\rbrack\rVert$ and a cancellation of about
//! $n\,u\,\lVert C\rVert/\epsilon$ ($u$ the unit roundoff): on a log-log plot against $\epsilon$ a line of slope 2 and one of slope −1. They cross near
//! $\epsilon\approx u^{1/3}$, where about a third of the digits is lost. A quadratic has no truncation.
//!
//! The quotient is over $2\epsilon$: two ports of DARTS computed `(p - n) / 2. * eps`, which multiplies by $\epsilon$ and scales the product by
//! $\epsilon^2$, silently.

use ndarray::Array2;
use serde::Serialize;

use crate::{linalg::Vector, problem::Supernet};

/// DARTS's step, $0.01/\lVert v\rVert_2$.
pub fn darts_step(norm: f64) -> f64 {
    0.01 / norm
}

/// $Mv$ by central differences of the cost, $E\times O$.
pub fn cross_product<P: Supernet + ?Sized>(
    problem: &P,
    weights: &P::Vector,
    gates: &Array2<f64>,
    batch: &P::Batch,
    v: &P::Vector,
    step: f64,
) -> Array2<f64> {
    let cost = |step: f64| {
        let mut moved = weights.clone();
        moved.axpy(step, v);
        problem.cost(&moved, gates, batch)
    };
    (cost(step) - cost(-step)) / (2.0 * step)
}

/// $M^\top u$ by central differences of the gradient.
pub fn cross_adjoint<P: Supernet + ?Sized>(
    problem: &P,
    weights: &P::Vector,
    gates: &Array2<f64>,
    batch: &P::Batch,
    u: &Array2<f64>,
    step: f64,
) -> P::Vector {
    let gradient = |step: f64| problem.gradient(weights, &(gates + &(u * step)), batch);
    let mut difference = gradient(step);
    difference.axpy(-1.0, &gradient(-step));
    difference.scale(1.0 / (2.0 * step));
    difference
}

/// The error of a difference quotient at one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepError {
    /// $\epsilon$.
    pub step: f64,
    /// $\lVert\text{quotient}-\text{exact}\rVert/\lVert\text{exact}\rVert$, 2-norm.
    pub relative_error: f64,
}

/// A sweep over steps, and the two slopes found in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sweep {
    /// In the order of the steps given.
    pub errors: Vec<StepError>,
    /// The step with the smallest error.
    pub best: StepError,
    /// The slope of $\log(\text{error})$ against $\log\epsilon$ over the steps from 10 times the best one up; 2 for a smooth loss.
    pub truncation_order: Option<f64>,
    /// The slope over the steps from a tenth of the best one down; −1 on average.
    pub cancellation_order: Option<f64>,
}

/// The error of [`cross_product`] along `v` against the exact product, at each of `steps`; `None` without steps.
pub fn sweep_cross_product<P: Supernet + ?Sized>(
    problem: &P,
    weights: &P::Vector,
    gates: &Array2<f64>,
    batch: &P::Batch,
    v: &P::Vector,
    steps: &[f64],
) -> Option<Sweep> {
    let exact = problem.cross_product(weights, gates, batch, v);
    let size = (&exact * &exact).sum().sqrt();
    sweep(steps, |step| {
        let difference = cross_product(problem, weights, gates, batch, v, step) - &exact;
        (&difference * &difference).sum().sqrt() / size
    })
}

/// The error of [`cross_adjoint`] along `u` against the exact product, at each of `steps`; `None` without steps.
pub fn sweep_cross_adjoint<P: Supernet + ?Sized>(
    problem: &P,
    weights: &P::Vector,
    gates: &Array2<f64>,
    batch: &P::Batch,
    u: &Array2<f64>,
    steps: &[f64],
) -> Option<Sweep> {
    let exact = problem.cross_adjoint(weights, gates, batch, u);
    sweep(steps, |step| {
        let mut difference = cross_adjoint(problem, weights, gates, batch, u, step);
        difference.axpy(-1.0, &exact);
        difference.norm() / exact.norm()
    })
}

fn sweep(steps: &[f64], error: impl Fn(f64) -> f64) -> Option<Sweep> {
    let errors: Vec<StepError> = steps.iter().map(|&step| StepError { step, relative_error: error(step) }).collect();
    let best = *errors.iter().min_by(|a, b| a.relative_error.total_cmp(&b.relative_error))?;
    let slope_where = |keep: &dyn Fn(f64) -> bool| {
        let points: Vec<(f64, f64)> = errors
            .iter()
            .filter(|e| keep(e.step) && e.relative_error > 0.0)
            .map(|e| (e.step.ln(), e.relative_error.ln()))
            .collect();
        slope(&points)
    };
    Some(Sweep {
        best,
        truncation_order: slope_where(&|step| step >= 10.0 * best.step),
        cancellation_order: slope_where(&|step| step <= 0.1 * best.step),
        errors,
    })
}

/// The slope of the least-squares line through the points; `None` for fewer than two abscissae.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let mean = points.iter().map(|(x, _)| x / n).sum::<f64>();
    // The mean of the ordinates has no part in it: the distances from the mean abscissa sum to zero.
    let (xx, xy) = points.iter().fold((0.0, 0.0), |(xx, xy), (x, y)| (xx + (x - mean).powi(2), xy + (x - mean) * y));
    (xx > 0.0).then_some(xy / xx)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::TestRatio;

    /// An error of zero is the best there is, and lies on no line in logarithms.
    #[test]
    fn errors_of_zero_are_left_out_of_the_orders() {
        let steps = [1e-4, 1e-3, 1e-2, 1e-1, 1.0];
        let found = sweep(&steps, |step| if steps[..2].contains(&step) { 0.0 } else { step * step }).unwrap();
        assert_eq!(found.best, StepError { step: 1e-4, relative_error: 0.0 });
        assert!(TestRatio::identity(found.truncation_order.unwrap(), 2.0, 2.0, 16).passes());
        assert_eq!(found.cancellation_order, None);
    }
}
