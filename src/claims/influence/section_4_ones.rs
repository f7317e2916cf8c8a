#![doc = include_str!("../../../proofs/influence/section-4-ones.md")]

use ndarray::Array2;
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Measure, Statement, strategies},
    relaxation::softmax,
};

/// Logits of one edge and how they move.
#[derive(Debug, Clone, Serialize)]
struct Moving {
    logits: Vec<f64>,
    speed: Vec<f64>,
}

fn moving() -> impl Strategy<Value = Moving> + Send + Sync {
    (2usize..=8)
        .prop_flat_map(|o| (strategies::integers(o), strategies::integers(o)))
        .prop_map(|(logits, speed)| Moving { logits, speed })
}

/// What the magnitudes of an edge gain together when its logits move, against `gained` for each.
fn gained(case: &Moving, each: f64, renormalised: bool) -> Measure {
    let array = |v: &[f64]| Array2::from_shape_fn((1, v.len()), |(_, o)| v[o]);
    let gates = softmax::gates(&array(&case.logits));
    let pushed = softmax::push(&gates, &array(&case.speed));
    let change: Vec<f64> = if renormalised {
        pushed.iter().copied().collect()
    } else {
        // Without -ZZᵀ: exp(ᾱ) over a sum that is held.
        gates.iter().zip(&case.speed).map(|(z, s)| z * s).collect()
    };
    let n = case.logits.len() as f64;
    let terms: f64 = case.speed.iter().map(|s| s.abs()).sum::<f64>() + 1.0;
    Measure::equality(change.iter().sum(), each * n, terms, 4 * case.logits.len()).with_vector("change", &change)
}

/// An infinitesimal change of all magnitudes.
pub fn claim() -> Claim {
    let check = |each: f64, renormalised: bool| Check::new(moving(), move |case| gained(case, each, renormalised));
    Claim {
        id: "influence.section-4-ones",
        source: "influence, above Eq. (8), section 4",
        hypotheses: &[
            "α the magnitudes of section 2, a softmax of ᾱ, edge by edge",
            "an infinitesimal change that some change of ᾱ brings about, in units of ε",
        ],
        printed: Statement::refuted(
            "we only consider an infinitesimal change on α, that Δα = ε·𝟏 where 𝟏 is a column vector with all ones",
            check(1.0, true),
        ),
        corrected: Some(Statement::holds(
            "the changes of the magnitudes of an edge sum to 0; Δα = ε𝟏 is a change of gates that are no longer a softmax",
            check(0.0, true),
        )),
        control: Some(Control::new("the softmax's denominator held", check(0.0, false))),
        proof: include_str!("../../../proofs/influence/section-4-ones.md"),
    }
}
