#![doc = include_str!("../../../proofs/poster/equation-5.md")]

use proptest::prelude::*;

use super::theorem_1::{Corrected, Printed, Seen, corrected_cases, printed_cases};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    linalg::TestRatio,
};

/// Third and higher derivatives are zero, so "≈" is "=".
fn exact(seen: Option<Seen>) -> Measure {
    match seen {
        Some(seen) => Measure::equality(seen.truth, seen.predicted, seen.size, seen.n),
        None => Measure::ratio(TestRatio(f64::NAN)),
    }
}

/// Equation (5), where nothing is left out.
pub fn claim() -> Claim {
    Claim {
        id: "poster.equation-5",
        source: "poster, Eq. (5), part II",
        hypotheses: &[
            "θ* = argmin L_train(·, α), θ̂* = argmin L_train(·, α̂), 𝓛 the validation loss (the poster's Eq. (1))",
            "∂𝓛(θ*, α̂)/∂θ = 0, as printed in the theorem it stands in",
            "∂²𝓛/∂θ∂θ positive definite, third and higher derivatives zero, α̂ − α of any size",
        ],
        printed: Statement {
            text: "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ 𝓛(θ*, α̂) − 𝓛(θ*, α) − 1/2 ∂𝓛(θ*, α̂)/∂θᵀ [∂²𝓛(θ*, α̂)/∂θ∂θ]⁻¹ ∂𝓛(θ*, α̂)/∂θ",
            decision: Decision::Assertion(Check::new(printed_cases().prop_map(Printed::flat), |case| {
                exact(case.seen(0.0))
            })),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "the same, with = for ≈, where ∂𝓛(θ̂*, α̂)/∂θ = 0 and 𝓛 is quadratic in θ, for any θ*",
            decision: Decision::Assertion(Check::new(corrected_cases().prop_map(Corrected::flat), |case| {
                exact(case.seen(0.0, -1.0))
            })),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected equation with + before its last term",
            check: Check::new(corrected_cases().prop_map(Corrected::flat), |case| exact(case.seen(0.0, 1.0))),
        }),
        proof: include_str!("../../../proofs/poster/equation-5.md"),
    }
}
