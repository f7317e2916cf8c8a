#![doc = concat!(include_str!("../../../proofs/poster/lemma-2.md"), "\n\n", include_str!("../../../proofs/influence/lemma-2.md"))]

use crate::claims::{Claim, influence};

/// Lemma 2: the recursion for the empirical Fisher, word for word that of the paper.
pub fn claim() -> Claim {
    Claim {
        id: "poster.lemma-2",
        source: "poster, Lemma 2, part III",
        hypotheses: &[
            "the chain from F_n⁻¹v on; H = F_n is decided in influence.lemma-2-hessian",
            "n = N, all the gradients there are; F_n as printed, without η",
            "N ≥ d gradients of full rank, so that the printed F_n⁻¹ exists; η > 0",
        ],
        proof: concat!(
            include_str!("../../../proofs/poster/lemma-2.md"),
            "\n\n",
            include_str!("../../../proofs/influence/lemma-2.md")
        ),
        ..influence::lemma_2::claim()
    }
}
