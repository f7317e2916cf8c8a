#![doc = include_str!("../../../proofs/influence/equation-7.md")]

use nalgebra::DMatrix;

use super::expansion::{Kind, Nudge, Said, nudges};
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, landscape::Landscape};

/// $S=M^\top H^{-1}M$ at the origin, $p\times p$.
pub(super) fn response(loss: &Landscape) -> Option<DMatrix<f64>> {
    let (p, n) = loss.shape();
    let (theta, alpha) = (nalgebra::DVector::zeros(n), nalgebra::DVector::zeros(p));
    let cross = loss.cross(&theta, &alpha);
    Some(&cross * loss.hessian(&theta, &alpha).cholesky()?.solve(&cross.transpose()))
}

/// The terms beside $-\tfrac12\Delta\alpha^\top S\Delta\alpha$ that an approximation of the change keeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// $\Delta\alpha^\top\,\partial\mathcal L/\partial\alpha$.
    pub(super) slope: bool,
    /// $\tfrac12\Delta\alpha^\top G\,\Delta\alpha$.
    pub(super) gates: bool,
}

/// Eq. (7) with these terms added.
pub(super) fn measure(case: &Nudge, terms: Terms) -> Measure {
    let (theta, alpha) = case.origin();
    case.limit(|moved| {
        let d = &moved.gates;
        let slope = d.dot(&case.loss.gate_gradient(&theta, &alpha)) * f64::from(u8::from(terms.slope));
        let gates = 0.5 * d.dot(&(case.loss.gate_hessian(&theta, &alpha) * d)) * f64::from(u8::from(terms.gates));
        let retraining = -0.5 * d.dot(&(response(&case.loss)? * d));
        Some(Said { value: slope + gates + retraining, kept: vec![slope, gates, retraining], size: 0.0 })
    })
}

const PRINTED: Kind = Kind { bent: false, optimal_gates: false };
const BENT: Kind = Kind { bent: true, optimal_gates: false };

/// Eq. (7) by itself: wherever the gates stand.
pub fn claim() -> Claim {
    Claim {
        id: "influence.equation-7",
        source: "influence, Eq. (7), section 4",
        hypotheses: &[
            "∂𝓛(θ*, α)/∂θ = 0, θ̂* = argmin 𝓛(·, α̂), H positive definite",
            "Δα = t δ, t → 0",
            "third and higher derivatives zero",
            "α any gates (for optimal ones see theorem-2)",
        ],
        printed: Statement {
            text: "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ −1/2 Δαᵀ ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α Δα",
            decision: Decision::Assertion(Check::new(nudges(PRINTED), |case| {
                measure(case, Terms { slope: false, gates: false })
            })),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "Δ𝓛 ≈ Δαᵀ ∂𝓛(θ*, α)/∂α + 1/2 Δαᵀ [∂²𝓛(θ*, α)/∂α∂α − ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α] Δα",
            decision: Decision::Assertion(Check::new(nudges(BENT), |case| {
                measure(case, Terms { slope: true, gates: true })
            })),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected formula without 1/2 Δαᵀ ∂²𝓛/∂α∂α Δα",
            check: Check::new(nudges(BENT), |case| measure(case, Terms { slope: true, gates: false })),
        }),
        proof: include_str!("../../../proofs/influence/equation-7.md"),
    }
}
