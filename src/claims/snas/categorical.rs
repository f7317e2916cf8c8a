//! Independent categorical choices, one an edge, and exact expectations over all of them.

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::enclosure::{Field, Undefined, numbers, shares};

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

    /// $\alpha^k/\sum_l\alpha^l$, edges by operations.
    ///
    /// # Errors
    /// None for positive weights.
    pub fn probabilities<F: Field>(&self) -> Result<Vec<Vec<F>>, Undefined> {
        self.alpha.iter().map(|alpha| shares(&numbers(alpha)?)).collect()
    }

    /// All choices with their $p(\mathbf Z)$.
    ///
    /// # Errors
    /// As of [`probabilities`](Self::probabilities).
    pub fn outcomes<F: Field>(&self) -> Result<Vec<(Vec<usize>, F)>, Undefined> {
        let p = self.probabilities::<F>()?;
        let probability = |z: &[usize]| p.iter().zip(z).fold(F::one(), |product, (p, &k)| product * p[k].clone());
        Ok(self.choices().into_iter().map(|z| (z.clone(), probability(&z))).collect())
    }

    /// $\mathbb E_{\mathbf Z\sim p}\lbrack f(\mathbf Z)\rbrack $ by enumeration.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn expect<F: Field>(&self, f: impl Fn(&[usize]) -> Result<F, Undefined>) -> Result<F, Undefined> {
        self.outcomes()?.into_iter().try_fold(F::zero(), |sum, (z, p): (_, F)| Ok(sum + p * f(&z)?))
    }
}
