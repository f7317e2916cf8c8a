#![doc = include_str!("../../../proofs/influence/equation-5.md")]

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use super::{column, supernet, undecided};
use crate::claims::{
    Check, Claim, Control, Decision, Measure, Statement, Verdict,
    landscape::{self, Landscape},
    strategies,
};
use crate::problem::quadratic::Split;
use crate::taylor::Discretisation;

/// A loss, any weights $\theta^\ast$ at $\alpha=0$, and gates $\hat\alpha$ at which $\hat\theta^\ast$ is stationary for that same loss.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) loss: Landscape,
    /// $\theta^\ast$.
    pub(super) weights: Vec<f64>,
    /// $\hat\alpha$.
    pub(super) gates: Vec<f64>,
}

/// With or without third derivatives.
pub(super) fn cases(bent: bool) -> impl Strategy<Value = Case> {
    (1usize..=3, 1usize..=6).prop_flat_map(move |(p, n)| {
        let slopes = (strategies::integers(n), strategies::integers(p));
        (landscape::optimal(p, n), slopes, landscape::direction(n), strategies::integers(p)).prop_map(
            move |(mut loss, (weight_gradient, gate_gradient), weights, gates)| {
                (loss.weight_gradient, loss.gate_gradient) = (weight_gradient, gate_gradient);
                loss.ridges.truncate(usize::from(bent));
                loss.bend = f64::from(u8::from(bent));
                Case { loss, weights, gates }
            },
        )
    })
}

/// Both sides of Eq. (5).
pub(super) struct Sides {
    /// $\mathcal L(\hat\theta^\ast,\hat\alpha)-\mathcal L(\theta^\ast,\alpha)$.
    pub(super) left: f64,
    /// The printed right-hand side.
    pub(super) right: f64,
    /// $\tfrac12 g^\top H^{-1}g$.
    pub(super) quadratic: f64,
    /// What rounding is relative to.
    pub(super) size: f64,
}

/// Eq. (5) with `factor` before $g^\top H^{-1}g$; weights go from `start` to `end` as $\alpha=0$ becomes `gates`.
pub(super) fn sides(
    loss: &Landscape,
    [start, end]: [&DVector<f64>; 2],
    gates: &DVector<f64>,
    factor: f64,
) -> Option<Sides> {
    let (after, s1) = loss.value(end, gates);
    let (before, s2) = loss.value(start, &(gates * 0.0));
    let (moved, s3) = loss.value(start, gates);
    let g = loss.weight_gradient(start, gates);
    let h = loss.hessian(start, gates);
    let step = h.clone().cholesky()?.solve(&g);
    // The rounding of g, relative to the terms it sums, reaches gᵀH⁻¹g through the step.
    let terms = h.norm() * (start.norm() + end.norm()) + g.norm();
    let size = s1 + s2 + s3 + terms * step.norm();
    let product = g.dot(&step);
    Some(Sides { left: after - before, right: moved - before + factor * product, quadratic: 0.5 * product, size })
}

/// The truth against the formula written out, and against the library's DARTS-IF.
fn measure(case: &Case, factor: f64) -> Measure {
    let (start, gates) = (column(&case.weights), column(&case.gates));
    let measured = || {
        let sides = sides(&case.loss, [&start, &case.loss.minimise(&gates)?], &gates, factor)?;
        let written = Measure::equality(sides.left, sides.right, sides.size, start.len());
        let problem = supernet::quadratic(&case.loss)?;
        let change = Discretisation {
            problem: &problem,
            weights: &start.iter().copied().collect(),
            before: &supernet::gates(&(&gates * 0.0)),
            after: &supernet::gates(&gates),
            training: &Split::Training,
        };
        let predicted = change.influence(&change.newton_step(&mut supernet::exact).ok()?);
        Some(written.and(Measure::equality(sides.left, predicted, sides.size, start.len())))
    };
    measured().unwrap_or_else(undecided)
}

/// Eq. (5) where third and higher derivatives are exactly zero: an equality.
pub fn claim() -> Claim {
    Claim {
        id: "influence.equation-5",
        source: "influence, Eq. (5), Theorem 1, section 3",
        hypotheses: &[
            "third and higher derivatives of 𝓛 zero",
            "∂𝓛(θ̂*, α̂)/∂θ = 0 for the same loss 𝓛 whose change is estimated; θ* arbitrary",
            "∂²𝓛/∂θ∂θ nonsingular (here positive definite)",
        ],
        printed: Statement {
            text: "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ 𝓛(θ*, α̂) − 𝓛(θ*, α) − 1/2 ∂𝓛(θ*, α̂)/∂θᵀ [∂²𝓛(θ*, α̂)/∂θ∂θ]⁻¹ ∂𝓛(θ*, α̂)/∂θ",
            decision: Decision::Assertion(Check::new(cases(false), |case| measure(case, -0.5))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "+1/2 instead of −1/2",
            check: Check::new(cases(false), |case| measure(case, 0.5)),
        }),
        proof: include_str!("../../../proofs/influence/equation-5.md"),
    }
}
