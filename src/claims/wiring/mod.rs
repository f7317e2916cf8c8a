//! The claims of `wiring` (*Understanding the wiring evolution in differentiable neural architecture search*, AISTATS 2021).

pub mod appendix_d_convolution;
pub mod appendix_d_normalisation;
pub mod appendix_f;
pub mod appendix_h_layer;
pub mod appendix_h_others;
mod classifier;
pub mod corollary_1_1;
pub mod corollary_1_1_sums;
pub mod corollary_1_2;
mod dense;
mod edge;
pub mod equation_4;
pub mod equation_9;
pub mod flows;
mod groups;
mod network;
mod normalisation_line;
mod one_example;
mod patterns;
mod searched;
pub mod section_2_2;
pub mod section_4_costs;
pub mod section_4_relaxed;
pub mod section_5_cell;
pub mod simulations;
pub mod theorem_1;
pub mod theorem_1_normalisations;
pub mod theorem_1_operation;
pub mod theorem_1_skip;
pub mod theorem_2;
pub mod theorem_2_high;
pub mod theorem_2_low;
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
    claims.extend(appendix_d_normalisation::claims());
    claims.extend(appendix_f::claims());
    claims.extend(appendix_h_layer::claims());
    claims.extend(appendix_h_others::claims());
    claims
}
