#![doc = concat!(include_str!("../../../proofs/poster/equation-1.md"), "\n\n", include_str!("../../../proofs/influence/equation-1.md"))]

use crate::claims::{Claim, Statement, influence};

/// Equation (1): the bilevel problem, with $w$ for the paper's $\theta$.
pub fn claim() -> Claim {
    let paper = influence::equation_1::claim();
    Claim {
        id: "poster.equation-1",
        source: "poster, Eq. (1), part I",
        printed: Statement {
            text: "min_α 𝓛_val(w*(α), α) s.t. w*(α) = argmin_w 𝓛_train(w, α)", ..paper.printed
        },
        proof: concat!(
            include_str!("../../../proofs/poster/equation-1.md"),
            "\n\n",
            include_str!("../../../proofs/influence/equation-1.md")
        ),
        ..paper
    }
}
