//! The Gauss–Newton matrix of the cross-entropy.
//!
//! With logits $z=f(\theta)$, $J=\partial z/\partial\theta$ and $p$ the softmax of $z$, the Hessian of the loss is $J^\top SJ$ plus a term in the
//! curvature of $f$, where $S=\frac1N(\operatorname{diag}p-pp^\top)$ for each example is that of the cross-entropy. $J^\top SJ$ is positive semidefinite.
//!
//! There is no forward mode; $Jv$ is the derivative in $w$ of $\langle J^\top w,v\rangle$, a second backward pass through one that is linear in $w$. The
//! forward pass and the first backward pass, $J^\top w$, are the same for every product at a point, and are kept between them as graphs of losses are.

use ndarray::Array2;
use tch::{Kind, TchError, Tensor, no_grad, with_grad};

use std::rc::Rc;

use super::{
    TorchSupernet,
    graph::{backward, flat},
    pass::{At, Setting, accumulate, mean},
};
use crate::{
    linalg::{LinearOperator, Vector},
    torch::{Error, MiniBatch, Network, TensorVector, error::Doing, fault},
};

impl<N: Network> TorchSupernet<N> {
    /// $J^\top SJv$, the mean over the mini-batches.
    ///
    /// # Errors
    /// [`Error`]: shapes, labels beyond the classes, no mini-batch, or libtorch.
    pub fn gauss_newton_product(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        batch: &[MiniBatch],
        v: &TensorVector,
    ) -> Result<TensorVector, Error> {
        self.check_weights("the direction of a product", v)?;
        let mut sum = None;
        let record =
            |setting: &Setting<'_>, (logits, _): (Tensor, Tensor)| Jacobian::record(Rc::clone(&setting.leaves), logits);
        let product = |jacobian: &Jacobian, kept| jacobian.curved(v.tensor(), kept);
        self.with_recorded(&At { weights, gates, batch }, false, record, product, |part| {
            accumulate(&mut sum, Some(part))
        })?;
        sum.map_or_else(
            || TensorVector::zeros(self.weight_count, self.place()),
            |sum| TensorVector::new(&mean(sum, batch.len())?),
        )
    }
}

fn inner(x: &Tensor, y: &Tensor) -> Result<Tensor, TchError> {
    x.f_reshape([-1])?.f_dot(&y.f_reshape([-1])?)
}

/// The logits of a mini-batch and $J^\top w$, both recorded.
#[derive(Debug)]
pub(super) struct Jacobian {
    leaves: Rc<Vec<Tensor>>,
    /// N×K.
    logits: Tensor,
    /// N×K, at 0.
    w: Tensor,
    /// $J^\top w$, flat.
    pulled: Tensor,
}

const DOING: &str = "a product with a Jacobian";

impl Jacobian {
    fn record(leaves: Rc<Vec<Tensor>>, logits: Tensor) -> Result<Self, Error> {
        let w = no_grad(|| logits.f_zeros_like()?.f_set_requires_grad(true)).doing(DOING)?;
        let scalar = with_grad(|| inner(&logits, &w)).doing(DOING)?;
        let parts = backward(&scalar, &leaves.iter().collect::<Vec<_>>(), true, true, DOING)?;
        let pulled = with_grad(|| flat(&parts))?;
        Ok(Self { leaves, logits, w, pulled })
    }

    /// $J^\top SJv$, flat. The graphs are spent by this unless they are to be `kept`.
    fn curved(&self, v: &Tensor, kept: bool) -> Result<Tensor, Error> {
        let along = with_grad(|| inner(&self.pulled, v)).doing(DOING)?;
        // $Jv$, N×K; the logits are differentiated once more.
        let along = backward(&along, &[&self.w], true, false, DOING)?.swap_remove(0);
        let curved = no_grad(|| softmax_curvature(&self.logits, &along)).doing("the curvature of the cross-entropy")?;
        let scalar = with_grad(|| inner(&self.logits, &curved)).doing(DOING)?;
        flat(&backward(&scalar, &self.leaves.iter().collect::<Vec<_>>(), kept, false, DOING)?)
    }
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
        // Not beside the one before.
        y.vacate();
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
