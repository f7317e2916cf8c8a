//! One edge as the search systems see it: its operations, its gates, and a loss behind it, over any field.

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::strategies,
    enclosure::{Dual, Field, Symbolic, Undefined, inner, numbers, shares, sum},
};

/// Operations on the edge.
pub(super) const OPERATIONS: usize = 3;

/// What the instances of an identity about it are, for a reader.
pub(super) const OVER: &str = "edges of small integers, any positive number for each e^α";

/// One edge: $x_j=\sum_kZ_kO_k+r$ and a loss that is quadratic in $x_j$, so quadratic in the gates too.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Edge {
    /// $O_k$, one row an operation.
    pub(super) outputs: Vec<Vec<f64>>,
    /// $r$: what the other edges add.
    rest: Vec<f64>,
    /// $\mathcal L=\frac12x^\top\operatorname{diag}(a)x+b^\top x$.
    curvature: Vec<f64>,
    slope: Vec<f64>,
    /// The arguments $\alpha$ of the softmax.
    pub(super) logits: Vec<f64>,
    /// Over the rationals, $e^\alpha$.
    #[serde(rename = "symbols_for_exponentials")]
    exponentials: Vec<f64>,
    /// The operation that is sampled.
    pub(super) sampled: usize,
}

pub(super) fn edges() -> impl Strategy<Value = Edge> + Send + Sync {
    let n = 3;
    let vectors = [(); 3].map(|()| strategies::integers(n));
    let exponentials = vec((1u8..=64).prop_map(f64::from), OPERATIONS).no_shrink();
    let outputs = vec(strategies::integers(n), OPERATIONS);
    (outputs, vectors, strategies::integers(OPERATIONS), exponentials, 0..OPERATIONS).prop_map(
        |(outputs, [rest, curvature, slope], logits, exponentials, sampled)| Edge {
            outputs,
            rest,
            curvature,
            slope,
            logits: logits.into_iter().map(|a| a / 4.0).collect(),
            exponentials,
            sampled,
        },
    )
}

/// One direction of several: 1 at `at`, 0 elsewhere.
fn unit<F: Field>(k: usize, at: usize) -> F {
    if k == at { F::one() } else { F::zero() }
}

/// Numbers with a slope of 1 for the one at `at`.
fn seeded<F: Field>(values: &[F], at: usize) -> Vec<Dual<F>> {
    values.iter().enumerate().map(|(k, value)| Dual { value: value.clone(), slope: unit(k, at) }).collect()
}

impl Edge {
    fn mixture<F: Symbolic>(&self, logits: &[F]) -> Result<Vec<F>, Undefined> {
        let exponential = |(logit, &symbol): (&F, &f64)| logit.exp_or(symbol);
        shares(&logits.iter().zip(&self.exponentials).map(exponential).collect::<Result<Vec<F>, _>>()?)
    }

    /// $\hat Z=p=\operatorname{softmax}\alpha$.
    pub(super) fn softmax<F: Symbolic>(&self) -> Result<Vec<F>, Undefined> {
        self.mixture(&numbers(&self.logits)?)
    }

    /// $\hat Z$ with $\partial\hat Z/\partial\alpha_l$.
    pub(super) fn softmax_along<F: Symbolic>(&self, l: usize) -> Result<Vec<Dual<F>>, Undefined> {
        self.mixture(&seeded(&numbers::<F>(&self.logits)?, l))
    }

    /// $Z=e_s$, $s$ the operation sampled.
    pub(super) fn one_hot<F: Field>(&self) -> Vec<F> {
        (0..OPERATIONS).map(|k| unit(k, self.sampled)).collect()
    }

    /// The same edge with another operation sampled.
    pub(super) fn sampling(&self, sampled: usize) -> Self {
        Self { sampled, ..self.clone() }
    }

    /// $\sum_kZ_kO_k$.
    pub(super) fn map<F: Field>(&self, gates: &[F]) -> Result<Vec<F>, Undefined> {
        let component = |i: usize| {
            let outputs: Vec<F> = self.outputs.iter().map(|o| F::number(o[i])).collect::<Result<_, _>>()?;
            Ok(inner(gates, &outputs))
        };
        (0..self.rest.len()).map(component).collect()
    }

    fn node<F: Field>(&self, gates: &[F]) -> Result<Vec<F>, Undefined> {
        Ok(self.map(gates)?.into_iter().zip(numbers::<F>(&self.rest)?).map(|(x, r)| x + r).collect())
    }

    fn loss<F: Field>(&self, gates: &[F]) -> Result<F, Undefined> {
        let half = F::one().over(&F::integer(2))?;
        let (a, b) = (numbers::<F>(&self.curvature)?, numbers::<F>(&self.slope)?);
        let term = |((x, a), b): ((F, F), F)| half.clone() * a * x.squared() + b * x;
        Ok(sum(self.node(gates)?.into_iter().zip(a).zip(b).map(term)))
    }

    /// $\partial\mathcal L/\partial x_j$.
    pub(super) fn cotangent<F: Field>(&self, gates: &[F]) -> Result<Vec<F>, Undefined> {
        let (a, b) = (numbers::<F>(&self.curvature)?, numbers::<F>(&self.slope)?);
        Ok(self.node(gates)?.into_iter().zip(a).zip(b).map(|((x, a), b)| a * x + b).collect())
    }

    /// $\frac{\partial\mathcal L}{\partial x_j}O_k$, operation by operation.
    pub(super) fn cost<F: Field>(&self, gates: &[F]) -> Result<Vec<F>, Undefined> {
        let g = self.cotangent(gates)?;
        self.outputs.iter().map(|o| Ok(inner(&numbers(o)?, &g))).collect()
    }

    /// $\partial\mathcal L/\partial Z$ by dual numbers.
    pub(super) fn gate_slopes<F: Field>(&self, gates: &[F]) -> Result<Vec<F>, Undefined> {
        (0..OPERATIONS).map(|k| Ok(self.loss(&seeded(gates, k))?.slope)).collect()
    }

    /// $\frac{d}{d\alpha}\mathcal L(\operatorname{softmax}\alpha)$ by dual numbers.
    pub(super) fn total_slopes<F: Symbolic>(&self) -> Result<Vec<F>, Undefined> {
        (0..OPERATIONS).map(|l| Ok(self.loss(&self.softmax_along::<F>(l)?)?.slope)).collect()
    }

    /// The cost of each operation when it is the one that is selected.
    pub(super) fn selected_costs<F: Field>(&self) -> Result<Vec<F>, Undefined> {
        (0..OPERATIONS).map(|k| Ok(self.gate_slopes(&self.sampling(k).one_hot::<F>())?[k].clone())).collect()
    }

    /// A bound on the loss's terms and those of its derivatives: entries are at most 4, gates at most 1.
    pub(super) fn size(&self) -> f64 {
        let entry = |v: &[f64]| v.iter().map(|x| x.abs()).sum::<f64>();
        let outputs: f64 = self.outputs.iter().map(|o| entry(o)).sum();
        (1.0 + outputs) * (entry(&self.curvature) * (entry(&self.rest) + outputs) + entry(&self.slope))
    }
}

/// $J^\top c$ with the Jacobian of the softmax, $\operatorname{diag}(Z)-ZZ^\top$, without its second part unless `whole`.
pub(super) fn pulled<F: Field>(gates: &[F], cost: &[F], whole: bool) -> Vec<F> {
    let mean = if whole { inner(gates, cost) } else { F::zero() };
    gates.iter().zip(cost).map(|(z, c)| z.clone() * (c.clone() - mean.clone())).collect()
}

/// Entry by entry.
pub(super) fn pairs<F>(left: Vec<F>, right: Vec<F>) -> impl Iterator<Item = [F; 2]> {
    left.into_iter().zip(right).map(|(l, r)| [l, r])
}
