#![doc = include_str!("../../../proofs/poster/theorem-2.md")]

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{
        Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict,
        influence::expansion::limit_points,
        landscape::{self, Landscape},
        strategies,
    },
    linalg::TestRatio,
};

/// A loss at an optimum of $\theta$ and $\alpha$ (the origin), and a direction of change.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) loss: Landscape,
    pub(super) direction: Vec<f64>,
}

/// As many operations as weights: the only cases in which the printed product exists. $\alpha$ is optimal, as printed.
pub(super) fn printed_cases() -> impl Strategy<Value = Case> {
    (1usize..=9).prop_flat_map(|n| {
        (landscape::optimal(n, n), landscape::direction(n)).prop_map(|(loss, direction)| Case { loss, direction })
    })
}

/// Any number of operations and weights; $\alpha$ need not be optimal.
pub(super) fn corrected_cases() -> impl Strategy<Value = Case> {
    (1usize..=4, 1usize..=9).prop_flat_map(|(p, n)| {
        (landscape::optimal(p, n), strategies::integers(p), landscape::direction(p))
            .prop_map(|(loss, gate_gradient, direction)| Case { loss: Landscape { gate_gradient, ..loss }, direction })
    })
}

/// A matrix product that knows whether it exists.
pub(super) fn product(left: &DMatrix<f64>, right: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    (left.ncols() == right.nrows()).then(|| left * right)
}

/// $\frac{\partial^2L}{\partial\alpha\partial\alpha}H^{-1}\frac{\partial^2L}{\partial\theta\partial\theta}$ at $(\theta,\alpha)$, exactly as printed; `None` where it does not exist.
pub(super) fn printed_product(loss: &Landscape, theta: &DVector<f64>, alpha: &DVector<f64>) -> Option<DMatrix<f64>> {
    let h = loss.hessian(theta, alpha);
    product(&product(&loss.gate_hessian(theta, alpha), &h.clone().cholesky()?.inverse())?, &h)
}

/// Which prediction of $\Delta\mathcal L$.
#[derive(Clone, Copy)]
pub(super) enum Formula {
    /// $-\tfrac12\Delta\alpha^\top\frac{\partial^2L}{\partial\alpha\partial\alpha}H^{-1}\frac{\partial^2L}{\partial\theta\partial\theta}\Delta\alpha$.
    Printed,
    /// $\frac{\partial L}{\partial\alpha}^\top\Delta\alpha+\tfrac12\Delta\alpha^\top\left(\frac{\partial^2L}{\partial\alpha\partial\alpha}-M H^{-1}M^\top\right)\Delta\alpha$.
    Corrected,
    /// The same without $\tfrac12\Delta\alpha^\top\frac{\partial^2L}{\partial\alpha\partial\alpha}\Delta\alpha$.
    WithoutGateCurvature,
}

/// The true change of the loss along $t\,\delta$ with retrained weights, beside the terms of a prediction.
pub(super) struct Seen {
    pub(super) truth: f64,
    pub(super) terms: Vec<f64>,
    /// What rounding is relative to, with the number of terms.
    pub(super) size: f64,
    pub(super) n: usize,
}

impl Case {
    /// Without third and higher derivatives.
    pub(super) fn flat(self) -> Self {
        Self { loss: self.loss.flat(), ..self }
    }

    /// With the third and higher derivatives scaled by `bend` and $\Delta\alpha=t\,\delta$.
    pub(super) fn seen(&self, formula: Formula, bend: f64, t: f64) -> Option<Seen> {
        let loss = self.loss.with_bend(bend);
        let alpha = DVector::from_column_slice(&self.direction) * t;
        let (p, n) = loss.shape();
        let (here, gates) = (DVector::zeros(n), DVector::zeros(p));
        let retrained = loss.minimise(&alpha)?;
        let h = loss.hessian(&here, &gates);
        let moved = loss.cross(&here, &gates).tr_mul(&alpha);
        let first = loss.gate_gradient(&here, &gates).dot(&alpha);
        let curvature = 0.5 * alpha.dot(&(loss.gate_hessian(&here, &gates) * &alpha));
        let retraining = -0.5 * moved.dot(&h.clone().cholesky()?.solve(&moved));
        let terms = match formula {
            Formula::Printed => vec![-0.5 * alpha.dot(&(printed_product(&loss, &here, &gates)? * &alpha))],
            Formula::Corrected => vec![first, curvature, retraining],
            Formula::WithoutGateCurvature => vec![first, retraining],
        };
        // λ_min ≥ 1 by construction, so ‖H‖ bounds the condition number.
        let (after, s1) = loss.value(&retrained, &alpha);
        let (before, s2) = loss.value(&here, &gates);
        let size = s1
            + s2
            + h.norm() * (retraining.abs() + moved.norm() * retrained.norm())
            + terms.iter().map(|x| x.abs()).sum::<f64>();
        Some(Seen { truth: after - before, terms, size, n: n + p })
    }

    /// The change of $\alpha$ is infinitesimal: $t\to0$.
    fn limit(&self, formula: Formula) -> Measure {
        let points = limit_points(16.0, |t| {
            let seen = self.seen(formula, 1.0, t)?;
            Some(LimitPoint {
                t,
                error: (seen.truth - seen.terms.iter().sum::<f64>()).abs(),
                // A term that is zero is not kept.
                kept: seen.terms.iter().map(|x| x.abs()).filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min),
                rounding: seen.n as f64 * f64::EPSILON * seen.size,
            })
        });
        match (points, self.seen(formula, 0.0, 1.0)) {
            (Some(points), Some(seen)) => Measure::limit(&points)
                .with("quadratic_part_true_change_at_1", seen.truth)
                .with("quadratic_part_predicted_at_1", seen.terms.iter().sum()),
            _ => Measure::ratio(TestRatio(f64::NAN)),
        }
    }
}

/// Theorem 2: the change of the loss when $\alpha$ changes a little.
pub fn claim() -> Claim {
    Claim {
        id: "poster.theorem-2",
        source: "poster, Theorem 2, part II",
        hypotheses: &[
            "∂𝓛/∂θ = 0 and ∂𝓛/∂α = 0 at (θ*, α): both optimised, as printed",
            "θ̂* = argmin 𝓛(·, α + Δα), the joint Hessian positive definite",
            "dim α = dim θ, without which the printed product does not exist",
            "Δα = tδ, t → 0",
        ],
        printed: Statement {
            text: "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ −1/2 Δαᵀ ∂²𝓛(θ*, α)/∂α∂α H⁻¹ ∂²𝓛(θ*, α)/∂θ∂θ Δα, where H = ∂²𝓛(θ*, α)/∂θ∂θ is the Hessian matrix",
            decision: Decision::Assertion(Check::new(printed_cases(), |case| case.limit(Formula::Printed))),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "Δ𝓛 ≈ Δαᵀ ∂𝓛/∂α + 1/2 Δαᵀ (∂²𝓛/∂α∂α − ∂²𝓛/∂α∂θ H⁻¹ ∂²𝓛/∂θ∂α) Δα, for any dimensions, ∂𝓛(θ*, α)/∂θ = 0; ∂𝓛/∂α need not be 0",
            decision: Decision::Assertion(Check::new(corrected_cases(), |case| case.limit(Formula::Corrected))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected expansion without 1/2 Δαᵀ ∂²𝓛/∂α∂α Δα",
            check: Check::new(corrected_cases(), |case| case.limit(Formula::WithoutGateCurvature)),
        }),
        proof: include_str!("../../../proofs/poster/theorem-2.md"),
    }
}
