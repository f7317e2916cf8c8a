#![doc = include_str!("../../../proofs/influence/definition-1.md")]

use nalgebra::DVector;
use ndarray::{Array1, Array2};

use super::{
    expansion::{Kind, Nudge, nudges},
    supernet, undecided,
};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    problem::{Hessian, quadratic::Split},
    taylor::influential_magnitude,
};

/// The library's influential magnitude, by one solve, against $-\mathbf 1^\top M^\top H^{-1}M$ multiplied out, times `factor`.
fn measure(case: &Nudge, factor: f64) -> Measure {
    let (theta, alpha) = case.origin();
    let both = || {
        let (h, cross) = (case.loss.hessian(&theta, &alpha), case.loss.cross(&theta, &alpha));
        let ones = DVector::from_element(alpha.len(), 1.0);
        let literal = (ones.transpose() * &cross * h.clone().try_inverse()? * cross.transpose()) * -factor;
        let problem = supernet::quadratic(&case.loss)?;
        let (weights, gates) = (Array1::zeros(theta.len()), supernet::gates(&alpha));
        let at = Hessian { problem: &problem, weights: &weights, gates: &gates, batch: &Split::Training };
        let direction = Array2::ones(gates.dim());
        let seen = influential_magnitude::on_gates(&at, &Split::Training, &direction, &mut supernet::exact).ok()?;
        // λ_min(H) ≥ 1, so ‖H‖ bounds the condition number and 1 the norm of the inverse.
        let scale = h.norm() * cross.norm_squared() * ones.norm();
        let seen: Vec<f64> = seen.iter().copied().collect();
        Some(Measure::vectors(&seen, literal.as_slice(), scale, theta.len() + alpha.len()))
    };
    both().unwrap_or_else(undecided)
}

const KIND: Kind = Kind { bent: false, optimal_gates: false };

/// Definition 1: the influential magnitude.
pub fn claim() -> Claim {
    Claim {
        id: "influence.definition-1",
        source: "influence, Definition 1, section 4",
        hypotheses: &[
            "H nonsingular",
            "I the vector of ones, as on the poster: the definition's i-th value is that of one operation",
        ],
        printed: Statement {
            text: "𝓘_M = −Iᵀ ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α",
            decision: Decision::Definition(Check::new(nudges(KIND), |case| measure(case, 1.0))),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control {
            description: "1/2 before it, as in Eq. (8)",
            check: Check::new(nudges(KIND), |case| measure(case, 0.5)),
        }),
        proof: include_str!("../../../proofs/influence/definition-1.md"),
    }
}
