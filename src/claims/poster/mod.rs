//! The claims of `poster`, the poster of `influence`, with its own versions of the statements.

pub mod algorithm_1;
pub mod algorithm_2;
pub mod corollary_1;
pub mod definition_1;
pub mod equation_1;
pub mod equation_2;
pub mod equation_5;
pub mod equation_7;
pub mod lemma_1;
pub mod lemma_2;
mod library;
pub mod table_4;
pub mod theorem_1;
pub mod theorem_2;

use super::Claim;

/// The claims, in the order of the poster.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![
        equation_1::claim(),
        equation_2::claim(),
        theorem_1::claim(),
        equation_5::claim(),
        algorithm_1::claim(),
        corollary_1::claim(),
        theorem_2::claim(),
        equation_7::claim(),
        definition_1::claim(),
        algorithm_2::claim(),
        lemma_1::claim(),
        lemma_2::claim(),
    ];
    claims.extend(table_4::claims());
    claims
}
