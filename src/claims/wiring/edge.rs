//! One edge as the search systems see it: its operations, its gates, and a loss behind it.

use ndarray::Array2;
use num_dual::{Dual64, DualNum};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{claims::strategies, relaxation::softmax};

/// Operations on the edge.
pub(super) const OPERATIONS: usize = 3;

/// One edge: $x_j=\sum_kZ_kO_k+r$ and a loss that is quadratic in $x_j$, so quadratic in the gates too.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Edge {
    /// $O_k$, one row an operation.
    pub(super) outputs: Vec<Vec<f64>>,
    /// $r$: what the other edges add.
    pub(super) rest: Vec<f64>,
    /// $\mathcal L=\frac12x^\top\operatorname{diag}(a)x+b^\top x$.
    pub(super) curvature: Vec<f64>,
    pub(super) slope: Vec<f64>,
    /// $\log\alpha$.
    pub(super) logits: Vec<f64>,
    /// The operation that is sampled.
    pub(super) sampled: usize,
}

pub(super) fn edges() -> impl Strategy<Value = Edge> + Send + Sync {
    let n = 3;
    let vectors = [(); 4].map(|()| strategies::integers(n));
    (vec(strategies::integers(n), OPERATIONS), vectors, strategies::integers(OPERATIONS), 0..OPERATIONS).prop_map(
        |(outputs, [rest, curvature, slope, _], logits, sampled)| Edge {
            outputs,
            rest,
            curvature,
            slope,
            logits: logits.into_iter().map(|a| a / 4.0).collect(),
            sampled,
        },
    )
}

impl Edge {
    pub(super) fn softmax(&self) -> Vec<f64> {
        let logits = Array2::from_shape_fn((1, OPERATIONS), |(_, k)| self.logits[k]);
        softmax::gates(&logits).iter().copied().collect()
    }

    pub(super) fn one_hot(&self) -> Vec<f64> {
        (0..OPERATIONS).map(|k| f64::from(u8::from(k == self.sampled))).collect()
    }

    /// $\mathcal L$ over numbers that may carry a derivative.
    pub(super) fn loss(&self, gates: &[Dual64]) -> Dual64 {
        (0..self.rest.len()).fold(Dual64::from(0.0), |sum, i| {
            let x = (0..OPERATIONS).fold(Dual64::from(self.rest[i]), |x, k| x + gates[k] * self.outputs[k][i]);
            sum + x * x * (0.5 * self.curvature[i]) + x * self.slope[i]
        })
    }

    /// $\partial\mathcal L/\partial x_j$.
    pub(super) fn cotangent(&self, gates: &[f64]) -> Vec<f64> {
        (0..self.rest.len())
            .map(|i| {
                let x = self.rest[i] + (0..OPERATIONS).map(|k| gates[k] * self.outputs[k][i]).sum::<f64>();
                self.curvature[i] * x + self.slope[i]
            })
            .collect()
    }

    /// $\frac{\partial\mathcal L}{\partial x_j}O_k$, operation by operation.
    pub(super) fn cost(&self, gates: &[f64]) -> Vec<f64> {
        let g = self.cotangent(gates);
        self.outputs.iter().map(|o| o.iter().zip(&g).map(|(o, g)| o * g).sum()).collect()
    }

    /// $\partial\mathcal L/\partial\hat Z$ by dual numbers.
    pub(super) fn gate_slopes(&self, gates: &[f64]) -> Vec<f64> {
        let along =
            |k: usize| (0..OPERATIONS).map(|j| Dual64::new(gates[j], f64::from(u8::from(j == k)))).collect::<Vec<_>>();
        (0..OPERATIONS).map(|k| self.loss(&along(k)).eps).collect()
    }

    /// $\frac{d}{d\alpha}\mathcal L(\operatorname{softmax}\alpha)$ by dual numbers.
    pub(super) fn total_slopes(&self) -> Vec<f64> {
        let along = |k: usize| {
            let exps: Vec<Dual64> =
                (0..OPERATIONS).map(|j| Dual64::new(self.logits[j], f64::from(u8::from(j == k))).exp()).collect();
            let total = exps.iter().fold(Dual64::from(0.0), |s, e| s + *e);
            exps.into_iter().map(|e| e / total).collect::<Vec<_>>()
        };
        (0..OPERATIONS).map(|k| self.loss(&along(k)).eps).collect()
    }

    /// A bound on the loss's terms and those of its derivatives: entries are at most 4, gates at most 1.
    pub(super) fn size(&self) -> f64 {
        let entry = |v: &[f64]| v.iter().map(|x| x.abs()).sum::<f64>();
        let outputs: f64 = self.outputs.iter().map(|o| entry(o)).sum();
        (1.0 + outputs) * (entry(&self.curvature) * (entry(&self.rest) + outputs) + entry(&self.slope))
    }
}

/// $J^\top c$ with the Jacobian of the softmax, without $-ZZ^\top$ unless `whole`.
pub(super) fn pulled(gates: &[f64], cost: &[f64], whole: bool) -> Vec<f64> {
    let mean = if whole { gates.iter().zip(cost).map(|(z, c)| z * c).sum() } else { 0.0 };
    gates.iter().zip(cost).map(|(z, c)| z * (c - mean)).collect()
}

/// The library's own product.
pub(super) fn library(gates: &[f64], cost: &[f64]) -> Vec<f64> {
    let array = |v: &[f64]| Array2::from_shape_fn((1, v.len()), |(_, k)| v[k]);
    softmax::pull(&array(gates), &array(cost)).iter().copied().collect()
}
