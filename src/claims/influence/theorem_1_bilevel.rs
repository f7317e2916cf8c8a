#![doc = include_str!("../../../proofs/influence/theorem-1-bilevel.md")]

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use super::{column, equation_5, expansion, undecided};
use crate::claims::{
    Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict,
    landscape::{self, Landscape},
    strategies,
};

/// Two quadratic losses. $\theta^\ast=0$ minimises the training loss at $\alpha=0$.
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
            |(training, validation, (weight_gradient, gate_gradient), direction)| Case {
                training: Landscape { ridges: Vec::new(), ..training.with_bend(0.0) },
                validation: Landscape {
                    ridges: Vec::new(),
                    weight_gradient,
                    gate_gradient,
                    ..validation.with_bend(0.0)
                },
                direction,
            },
        )
    })
}

/// Eq. (5) of the validation loss, the weights going from one minimiser of the training loss to the next, as $\Delta\alpha\to0$.
fn printed(case: &Case) -> Measure {
    let d = column(&case.direction);
    let at = |t: f64| {
        let gates = &d * t;
        let end = case.training.minimise(&gates)?;
        let start = &end * 0.0;
        let sides = equation_5::sides(&case.validation, [&start, &end], &gates, -1)?;
        let moved = case.validation.value(&start, &gates).0 - case.validation.value(&start, &(&gates * 0.0)).0;
        Some((sides, moved))
    };
    let points = || {
        let whole = at(1.0)?.0;
        let points = expansion::limit_points(1.0, |t| {
            let (sides, moved) = at(t)?;
            let kept = expansion::smallest(&[moved, sides.quadratic]);
            let rounding = d.len() as f64 * f64::EPSILON * sides.size;
            Some(LimitPoint { t, error: (sides.left - sides.right).abs(), kept, rounding })
        })?;
        Some(Measure::limit(&points).with("true_at_t_1", whole.left).with("approximation_at_t_1", whole.right))
    };
    points().unwrap_or_else(undecided)
}

/// Eq. (4) with $\Delta\theta=-H^{-1}\,\partial\mathcal L_{\text{train}}(\theta^\ast,\hat\alpha)/\partial\theta$, $H$ the Hessian of the training loss, or, when
/// `mistaken`, of the validation loss.
fn corrected(case: &Case, mistaken: bool) -> Measure {
    let gates = column(&case.direction);
    let sides = || {
        let end = case.training.minimise(&gates)?;
        let start: DVector<f64> = &end * 0.0;
        let of = if mistaken { &case.validation } else { &case.training };
        let h = of.hessian(&start, &gates);
        let step = -h.clone().cholesky()?.solve(&case.training.weight_gradient(&start, &gates));
        let (after, s1) = case.validation.value(&end, &gates);
        let (before, s2) = case.validation.value(&start, &(&gates * 0.0));
        let (moved, s3) = case.validation.value(&start, &gates);
        let g = case.validation.weight_gradient(&start, &gates);
        let curvature = case.validation.hessian(&start, &gates);
        let right = moved - before + step.dot(&g) + 0.5 * step.dot(&(&curvature * &step));
        // The step is solved for with condition number at most ‖H‖, since λ_min ≥ 1.
        let size = s1 + s2 + s3 + h.norm() * step.norm() * (g.norm() + curvature.norm() * step.norm());
        Some(Measure::equality(after - before, right, size, step.len()))
    };
    sides().unwrap_or_else(undecided)
}

/// Theorem 1 as it is used: the validation loss of weights trained on the training loss.
pub fn claim() -> Claim {
    Claim {
        id: "influence.theorem-1-bilevel",
        source: "influence, the sentence after Theorem 1, with Eq. (1), section 3",
        hypotheses: &[
            "𝓛 the validation loss of Eq. (1), θ* and θ̂* the minimisers of its training loss at α and α̂",
            "third and higher derivatives of both losses zero, both strongly convex in θ",
            "α̂ − α → 0",
        ],
        printed: Statement {
            text: "Theorem 1 states that we can estimate the train-from-scratch validation performance of α̂ without any retraining [by Eq. (5)]",
            decision: Decision::Assertion(Check::new(cases(), printed)),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "Δ𝓛 ≈ 𝓛(θ*, α̂) − 𝓛(θ*, α) + Δθᵀ ∂𝓛(θ*, α̂)/∂θ + 1/2 Δθᵀ ∂²𝓛(θ*, α̂)/∂θ∂θ Δθ with Δθ = −[∂²𝓛_train(θ*, α̂)/∂θ∂θ]⁻¹ ∂𝓛_train(θ*, α̂)/∂θ; an equality for quadratic losses",
            decision: Decision::Assertion(Check::new(cases(), |case| corrected(case, false))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the Hessian of the validation loss in Δθ",
            check: Check::new(cases(), |case| corrected(case, true)),
        }),
        proof: include_str!("../../../proofs/influence/theorem-1-bilevel.md"),
    }
}
