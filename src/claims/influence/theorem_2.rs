#![doc = include_str!("../../../proofs/influence/theorem-2.md")]

use super::{
    equation_7::{self, Terms, measure},
    expansion::{Kind, Nudge, Said, nudges},
};
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict};

/// The right-hand side of Eq. (7) against $\mathcal L(\hat\theta^\ast,\hat\alpha)-\mathcal L(\theta^\ast,\hat\alpha)$, what retraining gains.
fn gain(case: &Nudge) -> Measure {
    let (theta, _) = case.origin();
    case.limit_of(|moved| {
        let (after, s1) = case.loss.value(&moved.weights, &moved.gates);
        let (before, s2) = case.loss.value(&theta, &moved.gates);
        let value = -0.5 * moved.gates.dot(&(equation_7::response(&case.loss)? * &moved.gates));
        Some((after - before, Said { value, kept: vec![value], size: s1 + s2 }))
    })
}

const PRINTED: Kind = Kind { bent: false, optimal_gates: true };
const BENT: Kind = Kind { bent: true, optimal_gates: true };

/// Theorem 2: the change of the loss under an infinitesimal change of optimised gates.
pub fn claim() -> Claim {
    Claim {
        id: "influence.theorem-2",
        source: "influence, Theorem 2, section 4",
        hypotheses: &[
            "α optimised and θ* optimal for it, in the strictest sense: (θ*, α) is the minimum of 𝓛, unique and nondegenerate",
            "θ̂* = argmin 𝓛(·, α̂), one loss for training and validation",
            "Δα infinitesimal: Δα = t δ, t → 0",
            "third and higher derivatives exactly zero",
        ],
        printed: Statement {
            text: "[…] the change of validation loss can be estimated as: Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ −1/2 Δαᵀ ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α Δα, where H = ∂²𝓛(θ*, α)/∂θ∂θ is the Hessian matrix",
            decision: Decision::Assertion(Check::new(nudges(PRINTED), |case| {
                measure(case, Terms { slope: false, gates: false })
            })),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "Δ𝓛 ≈ 1/2 Δαᵀ [∂²𝓛(θ*, α)/∂α∂α − ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α] Δα ≥ 0; the printed right-hand side estimates what retraining gains, 𝓛(θ̂*, α̂) − 𝓛(θ*, α̂) ≤ 0",
            decision: Decision::Assertion(Check::new(nudges(BENT), |case| {
                measure(case, Terms { slope: false, gates: true }).and(gain(case))
            })),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected statement with 𝓛(θ̂*, α̂) − 𝓛(θ*, α) in place of the gain of retraining, so with ∂²𝓛/∂α∂α dropped",
            check: Check::new(nudges(BENT), |case| measure(case, Terms { slope: false, gates: false })),
        }),
        proof: include_str!("../../../proofs/influence/theorem-2.md"),
    }
}
