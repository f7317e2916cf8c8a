//! The statements of `poster`, one module each: the derivation, then what a run must show.

#[macro_use]
#[path = "../ledger.rs"]
mod ledger;

mod algorithm_1;
mod algorithm_2;
mod corollary_1;
mod definition_1;
mod equation_1;
mod equation_2;
mod equation_5;
mod equation_7;
mod lemma_1;
mod lemma_2;
mod table_4_darts;
mod table_4_enas;
mod table_4_gdas;
mod table_4_optimal;
mod table_4_pc_darts;
mod table_4_random_nas;
mod table_4_setn;
mod table_4_snas;
mod table_4_valid;
mod theorem_1;
mod theorem_2;
mod trained;
