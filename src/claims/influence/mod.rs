//! The claims of `influence` (*Interpreting Operation Selection in Differentiable Architecture Search*, NeurIPS 2022).

pub(super) mod lemma_1;

use super::Claim;

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    vec![lemma_1::claim()]
}
