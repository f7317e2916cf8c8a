//! The statements of `wiring`, one module each: the derivation, then what a run must show.

#[macro_use]
#[path = "../ledger.rs"]
mod ledger;

mod appendix_d_projection;
mod appendix_f_normal_logits;
mod corollary_1_1;
mod corollary_1_1_sums;
mod corollary_1_2;
mod dense_cell;
mod equation_16;
mod equation_17_chain;
mod equation_17_closed;
mod equation_17_partials;
mod equation_18_gaussian_mean;
mod equation_18_mean;
mod equation_18_variance;
mod equation_19_gaussian_variance;
mod equation_19_line_1;
mod equation_19_line_2;
mod equation_19_line_3;
mod equation_19_line_4;
mod equation_19_line_5;
mod equation_21_line_2;
mod equation_21_line_3;
mod equation_21_line_4;
mod equation_21_line_5;
mod equation_21_line_6;
mod equation_21_line_7;
mod equation_21_loss;
mod equation_22;
mod equation_22_chain;
mod equation_23;
mod equation_24;
mod equation_3;
mod equation_9;
mod section_5_2_dynamics;
mod section_5_2_trend;
mod theorem_1;
mod theorem_1_normalisations;
mod theorem_1_operation;
mod theorem_1_skip;
mod theorem_2;
mod theorem_2_high;
mod theorem_2_high_inequality;
mod theorem_2_loss;
mod theorem_2_low;
mod theorem_2_low_expectation;
mod theorem_2_monotone;
