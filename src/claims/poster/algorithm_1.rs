#![doc = include_str!("../../../proofs/poster/algorithm-1.md")]

use nalgebra::DVector;
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::library;
use crate::{
    claims::{
        Check, Claim, Control, Decision, Measure, Statement, Verdict,
        landscape::{self, Landscape},
        strategies,
    },
    linalg::{TestRatio, Vector},
    problem::{Bilevel, Supernet},
    taylor::{self, Discretisation},
};

/// A trained supernet: a quadratic loss, gates $Z_{eo}>0$ a row an edge, weights optimal for them.
#[derive(Debug, Clone, Serialize)]
struct Case {
    loss: Landscape,
    /// $E\times O$, each a multiple of 1/8.
    gates: Vec<Vec<f64>>,
}

fn cases() -> impl Strategy<Value = Case> {
    (1usize..=9, 1usize..=3, 2usize..=3).prop_flat_map(|(n, edges, operations)| {
        let p = edges * operations;
        let gates = vec(vec(strategies::fraction(), operations), edges);
        (landscape::optimal(p, n), strategies::integers(n), strategies::integers(p), gates).prop_map(
            |(loss, weight_gradient, gate_gradient, gates)| Case {
                loss: Landscape { weight_gradient, gate_gradient, ..loss.flat() },
                gates,
            },
        )
    })
}

/// One removal: the strength the algorithm gives, the true change of the retrained loss, and what rounding is relative to.
struct Removal {
    strength: f64,
    truth: f64,
    size: f64,
}

impl Case {
    /// Lines 3–8 of the algorithm with the library's Eq. (5): every operation of every edge removed in turn, and restored. $E\times O$.
    fn removals(&self) -> Option<Vec<Vec<Removal>>> {
        let shape = (self.gates.len(), self.gates.first()?.len());
        let problem = library::problem(&self.loss, shape)?;
        let mut inverse = library::inverse(&self.loss)?;
        let training = problem.training();
        let before = Array2::from_shape_fn(shape, |(e, o)| self.gates[e][o]);
        let weights = problem.solve(&before, &Array1::zeros(problem.weight_count())).ok()?;
        let h = strategies::matrix(&self.loss.hessian).norm();
        let mut removal = |edge, operation| {
            let after = taylor::without(&before, edge, operation);
            let change =
                Discretisation { problem: &problem, weights: &weights, before: &before, after: &after, training };
            let step = change.newton_step(&mut inverse).ok()?;
            let retrained = problem.solve(&after, &weights).ok()?;
            let terms = |theta: &Array1<f64>, z: &Array2<f64>| {
                let z = DVector::from_iterator(z.len(), z.iter().copied());
                self.loss.value(&DVector::from_column_slice(&theta.to_vec()), &z).1
            };
            Some(Removal {
                strength: change.influence(&step),
                truth: change.change_at(&retrained, training),
                // The rounding of g reaches gᵀH⁻¹g through the step, whose own is κ ≤ ‖H‖ times that of ‖g‖ ≤ ‖H‖‖step‖: λ_min ≥ 1.
                size: terms(&weights, &before)
                    + terms(&weights, &after)
                    + terms(&retrained, &after)
                    + h * step.norm() * (weights.norm() + retrained.norm() + h * step.norm()),
            })
        };
        (0..shape.0).map(|edge| (0..shape.1).map(|operation| removal(edge, operation)).collect()).collect()
    }

    /// Line 9, with `keep` in place of argmax: on every edge, by how much the rise that removing the kept operation brings, retrained, falls
    /// short of the largest; and every strength against the truth, since on a quadratic Eq. (5) leaves nothing out.
    fn regret(&self, keep: impl Fn(&[Removal]) -> Option<&Removal>) -> Measure {
        let Some(removals) = self.removals() else {
            return Measure::ratio(TestRatio(f64::NAN));
        };
        removals
            .iter()
            .map(|row| {
                let size = row.iter().map(|r| r.size).fold(0.0, f64::max);
                let worst = row.iter().map(|r| r.truth).fold(f64::NEG_INFINITY, f64::max);
                let kept = keep(row).map_or(f64::NAN, |r| r.truth);
                let n = self.loss.shape().0 + self.loss.shape().1;
                let exact = row.iter().map(|r| Measure::equality(r.strength, r.truth, r.size, n));
                exact
                    .fold(Measure::at_most(worst, kept, size, n), Measure::and)
                    .with_vector("true_rises", &row.iter().map(|r| r.truth).collect::<Vec<_>>())
                    .with_vector("strengths", &row.iter().map(|r| r.strength).collect::<Vec<_>>())
            })
            .reduce(Measure::and)
            .unwrap_or_else(|| Measure::ratio(TestRatio(f64::NAN)))
    }
}

/// Algorithm 1: DARTS-IF.
pub fn claim() -> Claim {
    let strength = |a: &&Removal, b: &&Removal| a.strength.total_cmp(&b.strength);
    Claim {
        id: "poster.algorithm-1",
        source: "poster, Algorithm 1, part II",
        hypotheses: &[
            "argmax over the operations of each edge; the largest strength is kept",
            "removing an operation sets its gate to 0 and leaves the others as they are",
            "𝓛 quadratic, ∂²𝓛/∂θ∂θ positive definite, θ* = argmin 𝓛(·, α)",
        ],
        printed: Statement {
            text: "for e ∈ 𝓔, for o ∈ 𝓞: remove o from edge e; calculate Δ𝓛_{o,e} based on Eq. (5) as the operation strength; restore o. Apply argmax on the operation strength Δ𝓛 and derive the discrete architecture α* accordingly",
            decision: Decision::Definition(Check::new(cases(), move |case| {
                case.regret(|row| row.iter().max_by(strength))
            })),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control {
            description: "argmin in place of argmax",
            check: Check::new(cases(), move |case| case.regret(|row| row.iter().min_by(strength))),
        }),
        proof: include_str!("../../../proofs/poster/algorithm-1.md"),
    }
}
