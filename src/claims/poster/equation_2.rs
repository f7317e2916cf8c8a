#![doc = concat!(include_str!("../../../proofs/poster/equation-2.md"), "\n\n", include_str!("../../../proofs/influence/equation-4.md"))]

use crate::claims::{Claim, influence};

/// Equation (2): the second-order expansion in the weights, the paper's Eq. (4).
pub fn claim() -> Claim {
    Claim {
        id: "poster.equation-2",
        source: "poster, Eq. (2), part II",
        proof: concat!(
            include_str!("../../../proofs/poster/equation-2.md"),
            "\n\n",
            include_str!("../../../proofs/influence/equation-4.md")
        ),
        ..influence::equation_4::claim()
    }
}
