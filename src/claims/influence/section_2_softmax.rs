#![doc = include_str!("../../../proofs/influence/section-2-softmax.md")]

use ndarray::Array2;
use proptest::prelude::*;
use serde::Serialize;

use super::undecided;
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, strategies},
    relaxation::softmax,
};

/// The logits $\bar\alpha$ of an edge.
#[derive(Debug, Clone, Serialize)]
struct Case {
    logits: Vec<f64>,
}

fn cases() -> impl Strategy<Value = Case> {
    (2usize..=9).prop_flat_map(|o| strategies::integers(o).prop_map(|logits| Case { logits }))
}

/// The library's gates against $e^{s\bar\alpha_o}/\sum_{o'}e^{s\bar\alpha_{o'}}$, written out.
fn measure(case: &Case, sign: f64) -> Measure {
    let o = case.logits.len();
    let Ok(logits) = Array2::from_shape_vec((1, o), case.logits.clone()) else { return undecided() };
    let gates = softmax::gates(&logits);
    let total: f64 = case.logits.iter().map(|a| (sign * a).exp()).sum();
    let literal: Vec<f64> = case.logits.iter().map(|a| (sign * a).exp() / total).collect();
    // The library subtracts the largest logit first: an error of |ᾱ|ε in the argument of exp is one of |ᾱ|ε in its value.
    let scale = 1.0 + case.logits.iter().fold(0.0f64, |m, a| m.max(a.abs()));
    Measure::vectors(&literal, &gates.iter().copied().collect::<Vec<_>>(), scale, o).and(Measure::equality(
        gates.sum(),
        1.0,
        1.0,
        o,
    ))
}

/// The continuous relaxation.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-2-softmax",
        source: "influence, the display before Eq. (1), section 2",
        hypotheses: &["ᾱ finite"],
        printed: Statement {
            text: "α_o = exp(ᾱ_o) / Σ_{o′∈𝒪} exp(ᾱ_{o′})",
            decision: Decision::Definition(Check::new(cases(), |case| measure(case, 1.0))),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control {
            description: "exp(−ᾱ) for exp(ᾱ)",
            check: Check::new(cases(), |case| measure(case, -1.0)),
        }),
        proof: include_str!("../../../proofs/influence/section-2-softmax.md"),
    }
}
