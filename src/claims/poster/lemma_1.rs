#![doc = concat!(include_str!("../../../proofs/poster/lemma-1.md"), "\n\n", include_str!("../../../proofs/influence/lemma-1.md"))]

use crate::claims::{Claim, influence};

/// Lemma 1: the Neumann series with a step, word for word that of the paper.
pub fn claim() -> Claim {
    Claim {
        id: "poster.lemma-1",
        source: "poster, Lemma 1, part III",
        proof: concat!(
            include_str!("../../../proofs/poster/lemma-1.md"),
            "\n\n",
            include_str!("../../../proofs/influence/lemma-1.md")
        ),
        ..influence::lemma_1::claim()
    }
}
