//! Influential magnitude, `influence` Definition 1: $\mathcal I_{\mathcal M} = -\mathbf 1^\top M H^{-1}M^\top$, one number a gate.
//!
//! One inverse-Hessian-vector product serves all gates: $x=H^{-1}M^\top\mathbf 1$, then $\mathcal I_{\mathcal M}=-Mx$ since $H$ is symmetric.
//!
//! The paper does not say which parameters $\alpha$ are. On the *gates* the score is informative. On the *logits* of a softmax it is
//! identically zero: $\frac{\partial^2L}{\partial\theta\,\partial\alpha} = M^\top J$ with $J=\partial Z/\partial\alpha$ and $J\mathbf 1=0$, because adding a constant to the
//! logits of an edge changes no gate. Whatever an implementation prints there is rounding, or the noise of mini-batches.

use ndarray::Array2;

use super::InverseHessian;
use crate::{
    linalg::TestRatio,
    problem::{Hessian, Supernet},
};

/// $-M_jH_t^{-1}M_t^\top u$ at $(\theta, Z)$, $E\times O$.
///
/// Definition 1 has `training` and `judge` the same and `direction` 1 at every gate that is evaluated, 0 at the others.
///
/// # Errors
/// Those of the estimator.
pub fn on_gates<P, S>(
    at: &Hessian<'_, P>,
    judge: &P::Batch,
    direction: &Array2<f64>,
    inverse: &mut S,
) -> Result<Array2<f64>, S::Error>
where
    P: Supernet + ?Sized,
    S: InverseHessian<P> + ?Sized,
{
    let slope = at.problem.cross_adjoint(at.weights, at.gates, at.batch, direction);
    let x = inverse.solve_one(at, slope)?;
    Ok(-at.problem.cross_product(at.weights, at.gates, judge, &x))
}

/// The score on the parameters of a relaxation $\alpha\mapsto Z$.
#[derive(Debug, Clone)]
pub struct ParameterScore {
    /// $-J^\top M_jH_t^{-1}M_t^\top J\mathbf 1$.
    pub score: Array2<f64>,
    /// $J\mathbf 1$: how the gates move when every parameter grows alike.
    pub gate_direction: Array2<f64>,
    /// $|J\mathbf 1|$ against its own rounding: when it [passes](TestRatio::passes), the direction is null and the score carries no information.
    pub nullity: TestRatio,
}

/// The score on the parameters of a relaxation with Jacobian $J$ at the point, given by its products: `push` $u\mapsto Ju$ and `pull`
/// $c\mapsto J^\top c$, for instance those of [`softmax`](crate::relaxation::softmax).
///
/// # Errors
/// Those of the estimator.
pub fn on_parameters<P, S>(
    at: &Hessian<'_, P>,
    judge: &P::Batch,
    push: impl Fn(&Array2<f64>) -> Array2<f64>,
    pull: impl Fn(&Array2<f64>) -> Array2<f64>,
    inverse: &mut S,
) -> Result<ParameterScore, S::Error>
where
    P: Supernet + ?Sized,
    S: InverseHessian<P> + ?Sized,
{
    let shape = at.problem.gate_shape();
    let gate_direction = push(&Array2::ones(shape));
    // |J|1: the sum whose cancellation J1 is.
    let mut terms = Array2::<f64>::zeros(shape);
    let mut unit = Array2::zeros(shape);
    for index in ndarray::indices(shape) {
        unit[index] = 1.0;
        terms += &push(&unit).mapv(f64::abs);
        unit[index] = 0.0;
    }
    let nullity = gate_direction
        .iter()
        .zip(&terms)
        .map(|(&moved, &terms)| TestRatio::identity(moved, 0.0, terms, shape.1))
        .fold(TestRatio(0.0), TestRatio::max);
    let score = pull(&on_gates(at, judge, &gate_direction, inverse)?);
    Ok(ParameterScore { score, gate_direction, nullity })
}
