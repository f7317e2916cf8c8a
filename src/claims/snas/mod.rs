//! The claims of `snas` (*SNAS: Stochastic Neural Architecture Search*, ICLR 2019).
//!
//! A file is an equation or a sentence, or a few that one check decides.

pub mod categorical;
pub mod cell;
pub mod compared;
pub mod concrete;
pub mod equation_1;
pub mod equation_10;
pub mod equation_11;
pub mod equation_2;
pub mod equation_20;
pub mod equation_21;
pub mod equation_23;
pub mod equation_24;
pub mod equation_26;
pub mod equation_3;
pub mod equation_32;
pub mod equation_4;
pub mod equation_5;
pub mod equation_6;
pub mod equation_7;
pub mod equation_8;
pub mod equation_9;
pub mod policy;
pub mod reported;
pub mod resources;
pub mod section_f;
pub mod section_f_kinds;
pub mod setting;
pub mod taylor;
pub mod temperature;
pub mod trajectory;
pub mod unit;

use super::{Claim, Measure};
use crate::linalg::TestRatio;

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![
        equation_1::claim(),
        equation_2::claim(),
        equation_3::claim(),
        equation_4::claim(),
        equation_5::claim(),
        equation_5::limit_claim(),
        temperature::unbiased(),
        temperature::variance(),
        equation_6::claim(),
        equation_6::operation_claim(),
        equation_6::architecture_claim(),
        trajectory::equivalence(),
        equation_7::claim(),
        policy::policy(),
        equation_8::claim(),
        equation_8::distributed(),
        policy::chosen(),
        equation_9::claim(),
        equation_11::differentiable(),
        equation_10::claim(),
        equation_10::linear(),
        equation_11::claim(),
        equation_11::analytic(),
        temperature::searching(),
        setting::reduction(),
        reported::hours(),
        reported::child(),
        reported::orders(),
        reported::outperforms(),
        trajectory::transitions(),
        trajectory::trajectories(),
        trajectory::same(),
        trajectory::conditionals(),
        equation_3::restated(),
        equation_4::restated(),
        trajectory::independent(),
        unit::objective_claim(),
        unit::relaxation(),
        unit::unbounded(),
        equation_20::claim(),
        equation_21::claim(),
        equation_5::restated(),
        equation_23::claim(),
        equation_24::claim(),
        equation_23::substituted(),
        equation_26::claim(),
        equation_6::unit_claim(),
        equation_6::unit_operation_claim(),
        equation_6::unit_architecture_claim(),
        equation_7::reparameterised(),
        equation_7::variables(),
        equation_7::log_derivative(),
        taylor::expansion(),
        taylor::definition(),
        taylor::relu(),
        taylor::decomposition(),
        reported::layers(),
        equation_32::claim(),
        equation_32::edges(),
        equation_32::weighted(),
        section_f::parameters(),
        section_f::operations(),
        section_f::access(),
        section_f_kinds::proportional(),
        section_f_kinds::correlated(),
        section_f_kinds::sufficient(),
        section_f::pooling(),
        section_f::skip(),
        section_f::free_access(),
        section_f_kinds::same(),
        section_f_kinds::distinguish(),
        setting::operations(),
    ];
    claims.extend(compared::claims());
    claims
}

/// The worst of several outcomes; of none, a case that decides nothing.
fn worst(measures: impl IntoIterator<Item = Measure>) -> Measure {
    measures.into_iter().reduce(Measure::and).unwrap_or(Measure::ratio(TestRatio(f64::NAN)))
}
