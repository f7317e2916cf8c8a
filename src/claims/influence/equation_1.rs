#![doc = include_str!("../../../proofs/influence/equation-1.md")]

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use serde::Serialize;

use super::{column, undecided};
use crate::claims::{
    Check, Claim, Control, Decision, Measure, Statement, Verdict,
    landscape::{self, Landscape},
    strategies,
};

/// A training loss, and a validation loss $\tfrac12\lVert\theta-\tau\rVert^2+\tfrac12\lVert\alpha-a\rVert^2$.
#[derive(Debug, Clone, Serialize)]
struct Case {
    training: Landscape,
    /// $\tau$.
    weights: Vec<f64>,
    /// $a$.
    gates: Vec<f64>,
    /// A competitor: a displacement of the weights.
    weight_step: Vec<f64>,
    /// A competitor: a displacement of the gates.
    gate_step: Vec<f64>,
}

fn cases() -> impl Strategy<Value = Case> {
    (1usize..=3, 1usize..=6).prop_flat_map(|(p, n)| {
        let displacements = (strategies::integers(n), strategies::integers(p));
        let losses = (landscape::optimal(p, n), strategies::integers(n));
        (losses, strategies::integers(n), strategies::integers(p), displacements).prop_map(
            |((training, weight_gradient), weights, gates, (weight_step, gate_step))| Case {
                training: Landscape { ridges: Vec::new(), weight_gradient, ..training.with_bend(0.0) },
                weights,
                gates,
                weight_step,
                gate_step,
            },
        )
    })
}

/// How the weights follow the gates when $\alpha$ is chosen.
#[derive(Clone, Copy)]
enum Chosen {
    /// $\theta^\ast(\alpha)$.
    Following,
    /// Held fixed, as if $d\theta^\ast/d\alpha=0$.
    Fixed,
}

/// No competitor does better, below or above: what the two arg mins of Eq. (1) say.
fn measure(case: &Case, chosen: Chosen) -> Measure {
    let (tau, a) = (column(&case.weights), column(&case.gates));
    let (p, n) = case.training.shape();
    let outer = |alpha: &DVector<f64>| {
        let theta = case.training.minimise(alpha)?;
        Some(0.5 * (&theta - &tau).norm_squared() + 0.5 * (alpha - &a).norm_squared())
    };
    let measured = || {
        let h = strategies::matrix(&case.training.hessian);
        // θ*(α) = θ*(0) + Jα, J = −H⁻¹Bᵀ; the outer problem is linear least squares in α.
        let jacobian = -h.clone().cholesky()?.solve(&strategies::matrix(&case.training.cross).transpose());
        let start = case.training.minimise(&DVector::zeros(p))?;
        let alpha = match chosen {
            Chosen::Following => (DMatrix::identity(p, p) + jacobian.tr_mul(&jacobian))
                .cholesky()?
                .solve(&(&a + jacobian.tr_mul(&(&tau - &start)))),
            Chosen::Fixed => a.clone(),
        };
        let theta = case.training.minimise(&alpha)?;
        let beside = &theta + column(&case.weight_step);
        let (best, s1) = case.training.value(&theta, &alpha);
        let (other, s2) = case.training.value(&beside, &alpha);
        let inner = Measure::at_most(best, other, s1 + s2, n + p);
        // Short and long competitors on either side.
        let step = column(&case.gate_step);
        let best = outer(&alpha)?;
        [-1.0, -0.125, 0.125, 1.0].into_iter().try_fold(inner, |worst, t| {
            let other = outer(&(&alpha + &step * t))?;
            let size = best + other + h.norm() * theta.norm_squared() + tau.norm_squared() + a.norm_squared();
            Some(worst.and(Measure::at_most(best, other, size, n + p)))
        })
    };
    measured().unwrap_or_else(undecided)
}

/// Eq. (1): the bilevel problem.
pub fn claim() -> Claim {
    Claim {
        id: "influence.equation-1",
        source: "influence, Eq. (1), section 2",
        hypotheses: &["both minima exist and are unique (here: strongly convex quadratics)"],
        printed: Statement {
            text: "min_α 𝓛_val(θ*(α), α) s.t. θ*(α) = argmin_θ 𝓛_train(θ, α)",
            decision: Decision::Definition(Check::new(cases(), |case| measure(case, Chosen::Following))),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control {
            description: "α minimising 𝓛_val at fixed weights, as first-order DARTS does",
            check: Check::new(cases(), |case| measure(case, Chosen::Fixed)),
        }),
        proof: include_str!("../../../proofs/influence/equation-1.md"),
    }
}
