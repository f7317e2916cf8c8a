#![doc = include_str!("../../../proofs/influence/theorem-1.md")]

use super::{
    column,
    equation_5::{self, Case},
    expansion, undecided,
};
use crate::claims::{Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict};

/// Theorem 1 with `halves` of $g^\top H^{-1}g$, as all third and higher derivatives go to zero in proportion to $s$.
fn measure(case: &Case, halves: i32) -> Measure {
    let at = |s: f64| {
        let (start, gates, loss) = (column(&case.weights), column(&case.gates), case.loss.with_bend(s));
        let end = loss.minimise(&gates)?;
        equation_5::sides(&loss, [&start, &end], &gates, halves)
    };
    let n = case.weights.len();
    let points = || {
        // What bends is s φ(uᵀθ + …), of curvature at most s‖u‖²/4, against λ_min(H) ≥ 1.
        let reach = 1.0 + case.loss.ridges.iter().map(|r| column(&r.weights).norm_squared()).sum::<f64>();
        expansion::limit_points(reach, |s| {
            let sides = at(s)?;
            let rounding = n as f64 * f64::EPSILON * sides.size;
            Some(LimitPoint { t: s, error: (sides.left - sides.right).abs(), kept: sides.quadratic, rounding })
        })
    };
    points().map_or_else(undecided, |points| Measure::limit(&points))
}

/// Theorem 1: the change of the loss when the architecture is discretised, no retraining.
pub fn claim() -> Claim {
    Claim {
        id: "influence.theorem-1",
        source: "influence, Theorem 1, section 3",
        hypotheses: &[
            "third and higher derivatives of 𝓛 zero or sufficiently small: all of them proportional to s → 0, α̂ − α fixed",
            "∂𝓛(θ̂*, α̂)/∂θ = 0, as printed: for the same loss 𝓛 whose change is estimated; θ* arbitrary",
            "∂²𝓛/∂θ∂θ nonsingular (here positive definite)",
        ],
        printed: Statement {
            text: "If the third and higher derivatives of the loss function 𝓛 at optimum is zero or sufficiently small, and with ∂𝓛(θ̂*, α̂)/∂θ = 0, we have Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ 𝓛(θ*, α̂) − 𝓛(θ*, α) − 1/2 ∂𝓛(θ*, α̂)/∂θᵀ [∂²𝓛(θ*, α̂)/∂θ∂θ]⁻¹ ∂𝓛(θ*, α̂)/∂θ",
            decision: Decision::Assertion(Check::new(equation_5::cases(true), |case| measure(case, -1))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "the 1/2 left out",
            check: Check::new(equation_5::cases(true), |case| measure(case, -2)),
        }),
        proof: include_str!("../../../proofs/influence/theorem-1.md"),
    }
}
