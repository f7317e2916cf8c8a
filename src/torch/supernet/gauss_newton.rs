//! The Gauss–Newton matrix of the cross-entropy.
//!
//! With logits $z=f(\theta)$, $J=\partial z/\partial\theta$ and $p$ the softmax of $z$, the Hessian of the loss is $J^\top SJ$ plus a term in the
//! curvature of $f$, where $S=\frac1N(\operatorname{diag}p-pp^\top)$ for each example is that of the cross-entropy. $J^\top SJ$ is positive semidefinite.
//!
//! There is no forward mode; $Jv$ is the derivative in $w$ of $\langle J^\top w,v\rangle$, a second backward pass through one that is linear in $w$.

use ndarray::Array2;
use tch::{Kind, TchError, Tensor, no_grad, with_grad};

use super::{
    TorchSupernet,
    graph::{backward, flat},
    pass::{accumulate, at_least_one, mean},
};
use crate::{
    linalg::{LinearOperator, Vector},
    torch::{Error, MiniBatch, Network, TensorVector, error::Doing, fault},
};

impl<N: Network> TorchSupernet<N> {
    /// $J^\top SJv$, the mean over the mini-batches.
    ///
    /// # Errors
    /// [`Error`]: shapes, no mini-batch, or libtorch.
    pub fn gauss_newton_product(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        v: &TensorVector,
    ) -> Result<TensorVector, Error> {
        self.check_weights("the direction of a product", v)?;
        let setting = self.setting(weights, gates, &self.network().gates().mask, self.normalisation(), false)?;
        let inputs: Vec<&Tensor> = setting.leaves.iter().collect();
        let mut sum = None;
        for (index, mini_batch) in at_least_one(batch)?.iter().enumerate() {
            let (logits, _) = with_grad(|| self.forward(&setting, index, mini_batch.images(), mini_batch.labels()))?;
            let along = jacobian_product(&logits, &inputs, v.tensor())?;
            let curved = no_grad(|| softmax_curvature(&logits, &along)).doing("the curvature of the cross-entropy")?;
            let scalar = with_grad(|| inner(&logits, &curved)).doing("a product with a Jacobian")?;
            let parts = backward(&scalar, &inputs, false, false, "a product with a Jacobian")?;
            accumulate(&mut sum, Some(flat(&parts)?))?;
        }
        sum.map_or_else(
            || TensorVector::zeros(self.weight_count, self.place()),
            |sum| TensorVector::new(&mean(sum, batch.len())?),
        )
    }
}

fn inner(x: &Tensor, y: &Tensor) -> Result<Tensor, TchError> {
    x.f_reshape([-1])?.f_dot(&y.f_reshape([-1])?)
}

/// $Jv$, N×K.
fn jacobian_product(logits: &Tensor, inputs: &[&Tensor], v: &Tensor) -> Result<Tensor, Error> {
    let doing = "a product with a Jacobian";
    let w = no_grad(|| logits.f_zeros_like()?.f_set_requires_grad(true)).doing(doing)?;
    let scalar = with_grad(|| inner(logits, &w)).doing(doing)?;
    let pulled = backward(&scalar, inputs, true, true, doing)?;
    let along = with_grad(|| flat(&pulled).map(|pulled| inner(&pulled, v)))?.doing(doing)?;
    backward(&along, &[&w], true, false, doing).map(|mut parts| parts.swap_remove(0))
}

/// $Sx$ for each example: $\frac1N(p\odot x-p\,p^\top x)$.
fn softmax_curvature(logits: &Tensor, x: &Tensor) -> Result<Tensor, TchError> {
    let p = logits.f_softmax(1, None::<Kind>)?;
    let px = p.f_mul(x)?;
    let mean = px.f_sum_dim_intlist(1, true, None::<Kind>)?;
    px.f_sub(&p.f_mul(&mean)?)?.f_div_scalar(logits.size()[0] as f64)
}

/// The Gauss–Newton matrix of a supernet at a point, as an operator: positive semidefinite by construction.
#[derive(Debug)]
pub struct GaussNewton<'a, N> {
    /// The supernet.
    pub supernet: &'a TorchSupernet<N>,
    /// The weights.
    pub weights: &'a TensorVector,
    /// The gates.
    pub gates: &'a Array2<f64>,
    /// The mini-batches.
    pub batch: &'a [MiniBatch],
}

impl<N: Network> LinearOperator for GaussNewton<'_, N> {
    type Vector = TensorVector;

    fn dim(&self) -> usize {
        self.weights.dim()
    }

    fn apply(&self, x: &TensorVector, y: &mut TensorVector) {
        *y = self.product(x);
    }

    fn product(&self, x: &TensorVector) -> TensorVector {
        let product = self.supernet.gauss_newton_product(self.weights, self.gates, self.batch, x);
        fault::kept(product, || self.supernet.nan_vector())
    }

    fn lower_bound(&self) -> Option<f64> {
        Some(0.0)
    }
}
