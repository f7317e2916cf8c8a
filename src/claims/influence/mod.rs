//! The claims of `influence` (*Interpreting Operation Selection in Differentiable Architecture Search*, NeurIPS 2022).

pub mod assumption_1;
pub mod assumption_2;
pub mod assumption_3;
mod boxed;
pub mod corollary_1;
pub mod definition_1;
pub mod definition_1_importance;
pub mod equation_1;
pub mod equation_2;
pub mod equation_3;
pub mod equation_4;
pub mod equation_5;
pub mod equation_6;
pub mod equation_7;
pub mod equation_8;
pub(in crate::claims) mod expansion;
pub mod figure_2_square;
pub mod lemma_1;
pub mod lemma_2;
pub mod lemma_2_hessian;
pub mod runs;
pub mod section_2_quadratic;
pub mod section_2_softmax;
pub mod section_3_first_part;
pub mod section_3_increases;
pub mod section_4_ones;
pub mod section_5_fisher_hessian;
pub mod section_5_neumann;
pub mod section_5_scaled;
pub mod section_5_sherman_morrison;
pub mod section_5_true_fisher;
pub mod section_6_1_spaces;
pub mod section_6_4_diagonal;
pub mod section_6_4_inverse;
mod supernet;
pub mod tables;
pub mod theorem_1;
pub mod theorem_1_bilevel;
pub mod theorem_2;

use nalgebra::DVector;

use super::{Claim, Measure};
use crate::linalg::TestRatio;

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![
        section_2_softmax::claim(),
        equation_1::claim(),
        equation_2::claim(),
        equation_3::claim(),
        equation_4::claim(),
        theorem_1::claim(),
        theorem_1_bilevel::claim(),
        equation_5::claim(),
        assumption_1::claim(),
        assumption_2::claim(),
        assumption_3::claim(),
        corollary_1::claim(),
        equation_6::claim(),
        theorem_2::claim(),
        equation_7::claim(),
        equation_8::claim(),
        definition_1::claim(),
        section_5_neumann::claim(),
        section_5_scaled::claim(),
        lemma_1::claim(),
        section_5_sherman_morrison::claim(),
        section_5_true_fisher::claim(),
        lemma_2::claim(),
        lemma_2_hessian::claim(),
        section_6_1_spaces::claim(),
        section_6_4_inverse::claim(),
        section_6_4_diagonal::claim(),
    ];
    claims.extend([
        section_2_quadratic::claim(),
        section_3_first_part::claim(),
        section_3_increases::claim(),
        section_4_ones::claim(),
        definition_1_importance::claim(),
        definition_1_importance::on_a_search(),
        section_5_fisher_hessian::claim(),
        figure_2_square::claim(),
    ]);
    claims.extend(runs::claims());
    claims.extend(tables::claims());
    claims
}

fn column(entries: &[f64]) -> DVector<f64> {
    DVector::from_column_slice(entries)
}

/// A case that could not be computed decides nothing: NaN never passes.
fn undecided() -> Measure {
    Measure::ratio(TestRatio(f64::NAN))
}
