#![doc = include_str!("../../../proofs/poster/theorem-1.md")]

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{
        Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict,
        influence::expansion::limit_points,
        landscape::{self, Landscape, Ridge},
    },
    linalg::TestRatio,
};

/// Weights trained on one loss and judged on another, whose gradient in the weights vanishes at $(\theta^\ast,\hat\alpha)$ as the poster asks:
/// $\theta^\ast=0$ at $\alpha=0$, and the validation loss does not couple weights and gates.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Printed {
    pub(super) training: Landscape,
    pub(super) validation: Landscape,
    /// $\hat\alpha$.
    pub(super) gates: Vec<f64>,
}

pub(super) fn printed_cases() -> impl Strategy<Value = Printed> {
    (1usize..=4, 1usize..=9).prop_flat_map(|(p, n)| {
        (landscape::optimal(p, n), landscape::optimal(p, n), landscape::direction(p)).prop_map(
            move |(training, validation, gates)| {
                let ridges = validation.ridges.into_iter().map(|r| Ridge { gates: vec![0.0; p], ..r }).collect();
                let validation = Landscape { cross: vec![vec![0.0; n]; p], ridges, ..validation };
                Printed { training, validation, gates }
            },
        )
    })
}

/// A loss whose gradient vanishes at $(\hat\theta^\ast,\hat\alpha)$, and any $\theta^\ast$: what the paper's hypothesis asks, and no more. $\alpha=0$.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Corrected {
    pub(super) loss: Landscape,
    /// $\theta^\ast$.
    pub(super) weights: Vec<f64>,
    /// $\hat\alpha$.
    pub(super) gates: Vec<f64>,
}

pub(super) fn corrected_cases() -> impl Strategy<Value = Corrected> {
    (1usize..=4, 1usize..=9).prop_flat_map(|(p, n)| {
        (landscape::optimal(p, n), landscape::direction(n), landscape::direction(p))
            .prop_map(|(loss, weights, gates)| Corrected { loss, weights, gates })
    })
}

/// The true $\Delta\mathcal L$ beside Eq. (5).
pub(super) struct Seen {
    pub(super) truth: f64,
    pub(super) predicted: f64,
    /// The smallest term of the prediction that is not zero.
    kept: f64,
    /// What rounding is relative to, with the number of terms: the terms of every sum, and $\kappa$ times what was solved for.
    pub(super) size: f64,
    pub(super) n: usize,
}

/// Eq. (5) with `sign` before its last term, for weights that go from `start` to `end` as $\alpha=0$ becomes `gates`.
fn equation_5(loss: &Landscape, [start, end]: [&DVector<f64>; 2], gates: &DVector<f64>, sign: f64) -> Option<Seen> {
    let origin = gates * 0.0;
    let points = [(end, gates), (start, &origin), (start, gates)];
    let [(after, s1), (before, s2), (moved, s3)] = points.map(|(theta, alpha)| loss.value(theta, alpha));
    let g = loss.weight_gradient(start, gates);
    let h = loss.hessian(start, gates);
    let quadratic = 0.5 * g.dot(&h.clone().cholesky()?.solve(&g));
    // λ_min ≥ 1 by construction, so ‖H‖ bounds the condition number.
    let size = s1 + s2 + s3 + h.norm() * (quadratic + g.norm() * (start.norm() + end.norm()));
    Some(Seen {
        truth: after - before,
        predicted: moved - before + sign * quadratic,
        kept: [moved.abs(), quadratic].into_iter().filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min),
        size,
        n: start.len() + gates.len(),
    })
}

impl Printed {
    /// Without third and higher derivatives.
    pub(super) fn flat(self) -> Self {
        Self { training: self.training.flat(), validation: self.validation.flat(), ..self }
    }

    /// With the third and higher derivatives scaled by `s`.
    pub(super) fn seen(&self, s: f64) -> Option<Seen> {
        let gates = DVector::from_column_slice(&self.gates);
        let end = self.training.with_bend(s).minimise(&gates)?;
        equation_5(&self.validation.with_bend(s), [&(&end * 0.0), &end], &gates, -1.0)
    }
}

impl Corrected {
    /// Without third and higher derivatives.
    pub(super) fn flat(self) -> Self {
        Self { loss: self.loss.flat(), ..self }
    }

    /// With the third and higher derivatives scaled by `s`, and `sign` before the last term.
    pub(super) fn seen(&self, s: f64, sign: f64) -> Option<Seen> {
        let gates = DVector::from_column_slice(&self.gates);
        let loss = self.loss.with_bend(s);
        let end = loss.minimise(&gates)?;
        equation_5(&loss, [&DVector::from_column_slice(&self.weights), &end], &gates, sign)
    }
}

/// The third and higher derivatives go to zero like $s$ while $\hat\alpha-\alpha$ stays.
fn limit(seen: impl Fn(f64) -> Option<Seen>) -> Measure {
    let point = |s: f64| {
        seen(s).map(|x| LimitPoint {
            t: s,
            error: (x.truth - x.predicted).abs(),
            kept: x.kept,
            rounding: x.n as f64 * f64::EPSILON * x.size,
        })
    };
    // From s = 2⁻¹⁰ downwards.
    match (limit_points(256.0, point), seen(0.0)) {
        (Some(points), Some(flat)) => Measure::limit(&points)
            .with("change_without_third_derivatives", flat.truth)
            .with("predicted_without_third_derivatives", flat.predicted),
        _ => Measure::ratio(TestRatio(f64::NAN)),
    }
}

/// Theorem 1: the change of the loss when the architecture is discretised.
pub fn claim() -> Claim {
    Claim {
        id: "poster.theorem-1",
        source: "poster, Theorem 1, part II",
        hypotheses: &[
            "θ* = argmin L_train(·, α), θ̂* = argmin L_train(·, α̂), 𝓛 the validation loss (the poster's Eq. (1))",
            "∂𝓛(θ*, α̂)/∂θ = 0, as printed: no hat on θ",
            "∂²𝓛/∂θ∂θ positive definite",
            "the third and higher derivatives tend to zero, α̂ − α fixed",
        ],
        printed: Statement {
            text: "If the third and higher derivatives of the loss function 𝓛 at optimum is zero or sufficiently small, and with ∂𝓛(θ*, α̂)/∂θ = 0, we have Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ 𝓛(θ*, α̂) − 𝓛(θ*, α) − 1/2 ∂𝓛(θ*, α̂)/∂θᵀ [∂²𝓛(θ*, α̂)/∂θ∂θ]⁻¹ ∂𝓛(θ*, α̂)/∂θ",
            decision: Decision::Assertion(Check::new(printed_cases(), |case| limit(|s| case.seen(s)))),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "the same approximation with ∂𝓛(θ̂*, α̂)/∂θ = 0 instead, for any θ*",
            decision: Decision::Assertion(Check::new(corrected_cases(), |case| limit(|s| case.seen(s, -1.0)))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected statement with + before its last term",
            check: Check::new(corrected_cases(), |case| limit(|s| case.seen(s, 1.0))),
        }),
        proof: include_str!("../../../proofs/poster/theorem-1.md"),
    }
}
