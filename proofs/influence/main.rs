//! The statements of `influence`, one module each: the derivation, then what a run must show.

#[macro_use]
#[path = "../ledger.rs"]
mod ledger;

mod assumption_1;
mod assumption_2;
mod assumption_3;
mod common;
mod corollary_1;
mod definition_1;
mod equation_1;
mod equation_2;
mod equation_3;
mod equation_4;
mod equation_5;
mod equation_6;
mod equation_7;
mod equation_8;
mod lemma_1;
mod lemma_2;
mod lemma_2_hessian;
mod section_2_softmax;
mod section_5_neumann;
mod section_5_sherman_morrison;
mod section_6_4_diagonal;
mod section_6_4_inverse;
mod theorem_1;
mod theorem_1_bilevel;
mod theorem_2;
