//! The statements of `wiring`, one module each: the derivation, then what a run must show.

#[macro_use]
#[path = "../ledger.rs"]
mod ledger;

mod corollary_1_1;
mod corollary_1_1_sums;
mod corollary_1_2;
mod dense_cell;
mod equation_9;
mod theorem_1;
mod theorem_1_normalisations;
mod theorem_1_operation;
mod theorem_1_skip;
mod theorem_2;
mod theorem_2_high;
mod theorem_2_low;
mod theorem_2_monotone;
