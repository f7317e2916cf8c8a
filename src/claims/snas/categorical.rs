//! Independent categorical choices, one an edge, and exact expectations over all of them.

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::linalg::Real;

/// $p_{\boldsymbol\alpha}(\mathbf Z)=\prod_{i,j}\alpha_{i,j}^{k}/\sum_l\alpha_{i,j}^l$, $k$ the operation chosen on edge $(i,j)$.
#[derive(Debug, Clone, Serialize)]
pub struct Categorical {
    /// Positive weights, edges by operations.
    pub alpha: Vec<Vec<f64>>,
}

/// Edges and operations in these ranges, with weights $1\dots4$.
pub fn categoricals(
    edges: std::ops::RangeInclusive<usize>,
    operations: std::ops::RangeInclusive<usize>,
) -> impl Strategy<Value = Categorical> {
    (edges, operations)
        .prop_flat_map(|(edges, operations)| vec(vec((1u8..=4).prop_map(f64::from), operations), edges))
        .prop_map(|alpha| Categorical { alpha })
}

/// $\alpha^k/\sum_l\alpha^l$ of one edge.
pub fn probabilities<T: Real>(alpha: &[T]) -> Vec<T> {
    let total = alpha.iter().fold(T::zero(), |sum, &a| sum + a);
    alpha.iter().map(|&a| a / total).collect()
}

/// All choices of one of `operations[e]` on each edge, the last edge fastest.
pub fn choices(operations: &[usize]) -> Vec<Vec<usize>> {
    operations.iter().fold(vec![Vec::new()], |before, &count| {
        before.iter().flat_map(|z| (0..count).map(move |k| [z.as_slice(), &[k]].concat())).collect()
    })
}

impl Categorical {
    /// Operations on each edge.
    pub fn operations(&self) -> Vec<usize> {
        self.alpha.iter().map(Vec::len).collect()
    }

    /// All choices.
    pub fn choices(&self) -> Vec<Vec<usize>> {
        choices(&self.operations())
    }

    /// Probabilities, edges by operations.
    pub fn probabilities(&self) -> Vec<Vec<f64>> {
        self.alpha.iter().map(|alpha| probabilities(alpha)).collect()
    }

    /// $p(\mathbf Z)$ of a choice.
    pub fn probability(&self, choice: &[usize]) -> f64 {
        self.probabilities().iter().zip(choice).map(|(p, &k)| p[k]).product()
    }

    /// $\mathbb E_{\mathbf Z\sim p}\lbrack f(\mathbf Z)\rbrack $ by enumeration.
    pub fn expect(&self, mut f: impl FnMut(&[usize]) -> f64) -> f64 {
        self.choices().iter().map(|z| self.probability(z) * f(z)).sum()
    }
}
