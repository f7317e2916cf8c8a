#![doc = include_str!("../../../proofs/influence/equation-4.md")]

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use super::{column, expansion, undecided};
use crate::claims::{
    Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict,
    landscape::{self, Landscape},
    strategies,
};

/// Weights trained on one loss, $\theta^\ast=0$ at $\alpha=0$, judged on another with any slope there.
#[derive(Debug, Clone, Serialize)]
struct Case {
    training: Landscape,
    validation: Landscape,
    direction: Vec<f64>,
}

fn cases() -> impl Strategy<Value = Case> {
    (1usize..=3, 1usize..=6).prop_flat_map(|(p, n)| {
        let slopes = (strategies::integers(n), strategies::integers(p));
        (landscape::optimal(p, n), landscape::optimal(p, n), slopes, landscape::direction(p)).prop_map(
            |(training, mut validation, (weight_gradient, gate_gradient), direction)| {
                // Quadratic, so that the weights move along a straight line; the expansion does not ask what moved them.
                let training = Landscape { ridges: Vec::new(), ..training.with_bend(0.0) };
                validation.ridges.truncate(1);
                (validation.weight_gradient, validation.gate_gradient) = (weight_gradient, gate_gradient);
                Case { training, validation, direction }
            },
        )
    })
}

/// Eq. (4) with `half` before its quadratic term, in the limit $\Delta\alpha\to0$.
fn measure(case: &Case, half: f64) -> Measure {
    let d = column(&case.direction);
    let (before, s0) = case.validation.value(&DVector::zeros(case.validation.shape().1), &(&d * 0.0));
    let point = |t: f64| {
        let gates = &d * t;
        let weights = case.training.minimise(&gates)?;
        let start = &weights * 0.0;
        let (after, s1) = case.validation.value(&weights, &gates);
        let (moved, s2) = case.validation.value(&start, &gates);
        let linear = weights.dot(&case.validation.weight_gradient(&start, &gates));
        let quadratic = half * weights.dot(&(case.validation.hessian(&start, &gates) * &weights));
        let size = s0 + s1 + s2 + linear.abs() + quadratic.abs();
        let n = weights.len() + gates.len();
        // The quadratic term is the kept term of the highest order, and never crosses zero.
        Some(LimitPoint {
            t,
            error: ((after - before) - (moved + linear + quadratic - before)).abs(),
            kept: quadratic.abs(),
            rounding: n as f64 * f64::EPSILON * size,
        })
    };
    let points = || {
        // Both losses bend: t moves neither of their arguments by more than 1.
        let path = expansion::Nudge { loss: case.training.clone(), direction: case.direction.clone() };
        let response = path.moved(1.0 / path.reach()?)?.weights.norm() * path.reach()?;
        let seen: f64 = case
            .validation
            .ridges
            .iter()
            .map(|r| column(&r.weights).norm() * response + column(&r.gates).dot(&d).abs())
            .sum();
        expansion::limit_points(path.reach()? + seen, point)
    };
    points().map_or_else(undecided, |points| Measure::limit(&points))
}

/// Eq. (4): the second-order expansion in the weights.
pub fn claim() -> Claim {
    Claim {
        id: "influence.equation-4",
        source: "influence, Eq. (4), section 3",
        hypotheses: &[
            "𝓛 three times continuously differentiable, the validation loss of Eq. (1)",
            "Δθ = θ̂* − θ* → 0 (here as α̂ − α → 0), θ* and θ̂* the minimisers of a training loss of their own",
        ],
        printed: Statement {
            text: "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ 𝓛(θ*, α̂) + Δθᵀ ∂𝓛(θ*, α̂)/∂θ + 1/2 Δθᵀ ∂²𝓛(θ*, α̂)/∂θ∂θ Δθ − 𝓛(θ*, α)",
            decision: Decision::Assertion(Check::new(cases(), |case| measure(case, 0.5))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "1 instead of 1/2 before the quadratic term",
            check: Check::new(cases(), |case| measure(case, 1.0)),
        }),
        proof: include_str!("../../../proofs/influence/equation-4.md"),
    }
}
