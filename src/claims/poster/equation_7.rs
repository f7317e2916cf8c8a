#![doc = include_str!("../../../proofs/poster/equation-7.md")]

use proptest::prelude::*;

use super::theorem_2::{Case, Formula, corrected_cases, printed_cases};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    linalg::TestRatio,
};

/// Third and higher derivatives are zero, so "≈" is "=", for $\Delta\alpha=\delta$ of any size.
fn exact(case: &Case, formula: Formula) -> Measure {
    match case.seen(formula, 0.0, 1.0) {
        Some(seen) => Measure::equality(seen.truth, seen.terms.iter().sum(), seen.size, seen.n),
        None => Measure::ratio(TestRatio(f64::NAN)),
    }
}

/// Equation (7), where nothing is left out.
pub fn claim() -> Claim {
    Claim {
        id: "poster.equation-7",
        source: "poster, Eq. (7), part II",
        hypotheses: &[
            "∂𝓛/∂θ = 0 and ∂𝓛/∂α = 0 at (θ*, α), θ̂* = argmin 𝓛(·, α + Δα)",
            "the joint Hessian positive definite, third and higher derivatives zero",
            "dim α = dim θ, without which the printed product does not exist",
        ],
        printed: Statement {
            text: "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ −1/2 Δαᵀ ∂²𝓛(θ*, α)/∂α∂α H⁻¹ ∂²𝓛(θ*, α)/∂θ∂θ Δα",
            decision: Decision::Assertion(Check::new(printed_cases().prop_map(Case::flat), |case| {
                exact(case, Formula::Printed)
            })),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "Δ𝓛 = Δαᵀ ∂𝓛/∂α + 1/2 Δαᵀ (∂²𝓛/∂α∂α − ∂²𝓛/∂α∂θ H⁻¹ ∂²𝓛/∂θ∂α) Δα for quadratic 𝓛 with ∂𝓛(θ*, α)/∂θ = 0",
            decision: Decision::Assertion(Check::new(corrected_cases().prop_map(Case::flat), |case| {
                exact(case, Formula::Corrected)
            })),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected equation without 1/2 Δαᵀ ∂²𝓛/∂α∂α Δα",
            check: Check::new(corrected_cases().prop_map(Case::flat), |case| {
                exact(case, Formula::WithoutGateCurvature)
            }),
        }),
        proof: include_str!("../../../proofs/poster/equation-7.md"),
    }
}
