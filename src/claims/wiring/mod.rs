//! The claims of `wiring` (*Understanding the wiring evolution in differentiable neural architecture search*, AISTATS 2021).

pub mod appendix_d_convolution;
pub mod appendix_d_projection;
pub mod appendix_f_normal_logits;
pub mod appendix_h_layer;
pub mod appendix_h_others;
mod classifier;
pub mod corollary_1_1;
pub mod corollary_1_1_sums;
pub mod corollary_1_2;
mod dense;
mod edge;
pub mod equation_16;
pub mod equation_17;
pub mod equation_18;
pub mod equation_19;
pub mod equation_21;
pub mod equation_22;
pub mod equation_3;
pub mod equation_4;
pub mod equation_9;
pub mod flows;
pub mod gaussian;
mod groups;
mod margins;
mod network;
mod normalisation_line;
mod one_example;
mod patterns;
mod searched;
pub mod section_2_2;
pub mod section_4_costs;
pub mod section_4_relaxed;
pub mod section_5_2_dynamics;
pub mod section_5_2_trend;
pub mod section_5_cell;
pub mod simulations;
pub mod theorem_1;
pub mod theorem_1_normalisations;
pub mod theorem_1_operation;
pub mod theorem_1_skip;
pub mod theorem_2;
pub mod theorem_2_high;
pub mod theorem_2_high_inequality;
pub mod theorem_2_loss;
pub mod theorem_2_low;
pub mod theorem_2_low_expectation;
pub mod theorem_2_monotone;
mod view;

use super::Claim;

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![
        theorem_1::claim(),
        theorem_1_operation::claim(),
        theorem_1_skip::claim(),
        theorem_1_normalisations::claim(),
        corollary_1_1::claim(),
        corollary_1_1_sums::claim(),
        corollary_1_2::claim(),
        theorem_2::claim(),
        equation_9::claim(),
        theorem_2_monotone::claim(),
        theorem_2_low::claim(),
        theorem_2_high::claim(),
    ];
    claims.extend([
        section_2_2::equation_1(),
        section_2_2::equation_2(),
        section_2_2::gumbel_claim(),
        section_4_relaxed::snas(),
        section_4_relaxed::dsnas(),
        section_4_costs::one_hot_claim(),
        section_4_costs::darts_claim(),
        section_4_costs::proxyless_claim(),
        equation_4::claim(),
        equation_4::darts(),
    ]);
    claims.extend(section_5_cell::claims());
    claims.extend(flows::claims());
    claims.extend(simulations::claims());
    claims.extend(appendix_d_convolution::claims());
    claims.extend([
        equation_16::claim(),
        equation_17::chain(),
        equation_17::partials(),
        equation_17::closed(),
        equation_18::mean(),
        equation_18::variance(),
        gaussian::mean(),
    ]);
    claims.extend(equation_19::claims());
    claims.extend([gaussian::variance(), appendix_d_projection::claim()]);
    claims.extend([
        equation_3::claim(),
        theorem_2_loss::claim(),
        theorem_2_low_expectation::claim(),
        theorem_2_high_inequality::claim(),
        section_5_2_dynamics::claim(),
        section_5_2_trend::claim(),
    ]);
    claims.extend(equation_21::claims());
    claims.extend([
        equation_3::restated(),
        equation_22::chain(),
        equation_22::claim(),
        appendix_f_normal_logits::claim(),
    ]);
    claims.extend(appendix_h_layer::claims());
    claims.extend(appendix_h_others::claims());
    claims
}
