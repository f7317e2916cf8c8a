#![doc = include_str!("../../../proofs/influence/equation-6.md")]

use super::expansion::{Kind, Nudge, Said, nudges};
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict};

/// Where $\partial\mathcal L(\bar\theta^\ast,\alpha)/\partial\alpha$ is taken.
#[derive(Clone, Copy)]
enum Bar {
    /// $\bar\theta^\ast=\hat\theta^\ast$.
    Retrained,
    /// $\bar\theta^\ast=\theta^\ast$.
    Trained,
}

/// Eq. (6), with $\tfrac12\Delta\alpha^\top G\Delta\alpha$ added or not.
fn measure(case: &Nudge, bar: Bar, second: bool) -> Measure {
    let (theta, alpha) = case.origin();
    case.limit(|moved| {
        let at = match bar {
            Bar::Retrained => &moved.weights,
            Bar::Trained => &theta,
        };
        let h = case.loss.hessian(&theta, &alpha);
        let quadratic = 0.5 * moved.weights.dot(&(h * &moved.weights));
        let linear = moved.gates.dot(&case.loss.gate_gradient(at, &alpha));
        let gates =
            if second { 0.5 * moved.gates.dot(&(case.loss.gate_hessian(&theta, &alpha) * &moved.gates)) } else { 0.0 };
        // The linear term is of first order, or of the second and may cross zero; the quadratic ones are definite.
        Some(Said { value: quadratic + linear + gates, kept: vec![quadratic, gates], size: linear.abs() })
    })
}

/// The reading under which the printed formula does better.
fn either(case: &Nudge) -> Measure {
    let (hat, bare) = (measure(case, Bar::Retrained, false), measure(case, Bar::Trained, false));
    if hat.test_ratio().max(bare.test_ratio()) == hat.test_ratio() { bare } else { hat }
}

const PRINTED: Kind = Kind { bent: false, optimal_gates: false };
const BENT: Kind = Kind { bent: true, optimal_gates: false };

/// Eq. (6): first order in the gates, second in the weights.
pub fn claim() -> Claim {
    Claim {
        id: "influence.equation-6",
        source: "influence, Eq. (6), section 4",
        hypotheses: &[
            "∂𝓛(θ*, α)/∂θ = 0, θ̂* = argmin 𝓛(·, α̂)",
            "Δα = t δ, t → 0",
            "third and higher derivatives zero",
            "θ̄* = θ̂* or θ̄* = θ*, whichever does better",
        ],
        printed: Statement {
            text: "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ 1/2 Δθᵀ ∂²𝓛(θ*, α)/∂θ∂θ Δθ + Δαᵀ ∂𝓛(θ̄*, α)/∂α",
            decision: Decision::Assertion(Check::new(nudges(PRINTED), either)),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "Δ𝓛 ≈ 1/2 Δθᵀ ∂²𝓛(θ*, α)/∂θ∂θ Δθ + Δαᵀ ∂𝓛(θ̂*, α)/∂α + 1/2 Δαᵀ ∂²𝓛(θ*, α)/∂α∂α Δα",
            decision: Decision::Assertion(Check::new(nudges(BENT), |case| measure(case, Bar::Retrained, true))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected formula with θ* for θ̂* in ∂𝓛/∂α: the mixed term dropped",
            check: Check::new(nudges(BENT), |case| measure(case, Bar::Trained, true)),
        }),
        proof: include_str!("../../../proofs/influence/equation-6.md"),
    }
}
