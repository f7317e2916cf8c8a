#![doc = include_str!("../../../proofs/poster/algorithm-2.md")]

use super::definition_1::{self, Case, cases, square_cases};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, landscape::Landscape},
    linalg::TestRatio,
};

/// The selection among the operations of one edge: `keep` picks from the scores of `formula`, and what it picks must have the largest
/// $\mathcal I_M$ of Definition 1 of the paper.
fn regret(
    case: &Case,
    formula: impl Fn(&Landscape) -> Option<Vec<f64>>,
    keep: impl Fn(&[f64]) -> Option<usize>,
) -> Measure {
    let (p, n) = case.loss.shape();
    match (formula(&case.loss), definition_1::corrected(&case.loss)) {
        (Some(scores), Some(meant)) => {
            let best = meant.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let kept = keep(&scores).and_then(|i| meant.get(i)).copied().unwrap_or(f64::NAN);
            Measure::at_most(best, kept, definition_1::scale(&case.loss), n + p)
                .with_vector("scores", &scores)
                .with_vector("influential_magnitude", &meant)
        }
        // A score that cannot be evaluated selects nothing.
        _ => Measure::ratio(TestRatio(f64::INFINITY)),
    }
    .with("operations", p as f64)
    .with("weights", n as f64)
}

fn argmax(scores: &[f64]) -> Option<usize> {
    (0..scores.len()).max_by(|&i, &j| scores[i].total_cmp(&scores[j]))
}

fn argmin(scores: &[f64]) -> Option<usize> {
    (0..scores.len()).min_by(|&i, &j| scores[i].total_cmp(&scores[j]))
}

/// Algorithm 2: DARTS-IM.
pub fn claim() -> Claim {
    Claim {
        id: "poster.algorithm-2",
        source: "poster, Algorithm 2, part II",
        hypotheses: &[
            "the gates of one edge; argmax over its operations; the largest is kept",
            "∂𝓛/∂θ = 0 at (θ*, α), H positive definite, third and higher derivatives zero",
        ],
        printed: Statement {
            text: "Calculate the influence magnitude I_M = −1ᵀ ∂²𝓛(θ*, α)/∂α∂α H⁻¹ ∂²𝓛(θ*, α)/∂θ∂θ based on Definition 1; apply argmax on the influence magnitude I_M and derive the discrete architecture α* accordingly",
            decision: Decision::Definition(Check::all(vec![
                Check::new(square_cases(), |case| regret(case, definition_1::printed, argmax)),
                Check::new(cases(), |case| regret(case, definition_1::printed, argmax)),
            ])),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "the same with I_M = −1ᵀ ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α",
            decision: Decision::Definition(Check::new(cases(), |case| regret(case, definition_1::code, argmax))),
            expected: Verdict::Definition,
        }),
        control: Some(Control {
            description: "the corrected algorithm with argmin in place of argmax",
            check: Check::new(cases(), |case| regret(case, definition_1::code, argmin)),
        }),
        proof: include_str!("../../../proofs/poster/algorithm-2.md"),
    }
}
