#![doc = include_str!("../../../proofs/lecture/gumbel-max.md")]
#![doc = include_str!("../../../proofs/lecture/gumbel-softmax.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::claims::{Check, Claim, Control, LimitPoint, Measure, Statement, snas::equation_5::largest};

fn weights() -> impl Strategy<Value = Vec<f64>> {
    vec((1u8..=8).prop_map(f64::from), 2..=5)
}

/// The chance that each index is the argmax, `shifts` the exponentials of what is added to the Gumbel variables, against $\alpha_k/\sum\alpha$.
fn chances(alpha: &[f64], shifts: &[f64]) -> Measure {
    let total: f64 = alpha.iter().sum();
    let each = (0..alpha.len()).map(|k| {
        let seen = largest(shifts, k);
        Measure::equality(seen.value, alpha[k] / total, 1.0, seen.n).with("index", k as f64)
    });
    each.reduce(Measure::and).unwrap_or(Measure::ratio(crate::linalg::TestRatio(f64::NAN)))
}

/// Gumbel-max.
pub fn max() -> Claim {
    Claim {
        id: "lecture.gumbel-max",
        source: "lecture, Gumbel softmax",
        hypotheses: &[
            "α > 0, G_{i'} independent Gumbel(0, 1)",
            "log(α_i) as printed: with the index outside the argmax, the same for all i'",
        ],
        printed: Statement::refuted(
            "i ∼ α_i/Σ_{i'} α_{i'} is equivalent to i = argmax_{i'} {G_{i'} + log(α_i)}",
            Check::new(weights(), |alpha| chances(alpha, &vec![alpha[0]; alpha.len()])),
        ),
        corrected: Some(Statement::holds(
            "i = argmax_{i'} {G_{i'} + log(α_{i'})} has i ∼ α_i/Σ_{i'} α_{i'}",
            Check::new(weights(), |alpha| chances(alpha, alpha)),
        )),
        control: Some(Control::new(
            "α² in the logarithm",
            Check::new(weights(), |alpha| chances(alpha, &alpha.iter().map(|a| a * a).collect::<Vec<_>>())),
        )),
        proof: include_str!("../../../proofs/lecture/gumbel-max.md"),
    }
}

/// A draw in which the first operation is ahead.
#[derive(Debug, Clone, Serialize)]
struct Draw {
    /// $G_i+\log\alpha_i$.
    scores: Vec<f64>,
}

fn draws() -> impl Strategy<Value = Draw> {
    (vec((0u8..=16).prop_map(|k| f64::from(k) / 8.0), 1..=4), 1u8..=8).prop_map(|(rest, lead)| {
        let ahead = rest.iter().copied().fold(0.0, f64::max) + f64::from(lead) / 4.0;
        Draw { scores: [vec![ahead], rest].concat() }
    })
}

/// $1-z_1$ as the temperature falls, $z\propto$ `weight(score, γ)`.
fn sharpens(draw: &Draw, weight: impl Fn(f64, f64) -> f64) -> Measure {
    let points: Vec<LimitPoint> = (1..=5)
        .map(|n| 0.5f64.powi(n))
        .map(|t| {
            // Scores less the largest: a common factor of numerator and denominator.
            let w: Vec<f64> = draw.scores.iter().map(|s| weight(s - draw.scores[0], t)).collect();
            let error = w[1..].iter().sum::<f64>() / w.iter().sum::<f64>();
            LimitPoint { t, error, kept: 1.0, rounding: f64::EPSILON * error }
        })
        .collect();
    Measure::limit(&points)
}

/// Gumbel-softmax.
pub fn softmax() -> Claim {
    Claim {
        id: "lecture.gumbel-softmax",
        source: "lecture, Gumbel softmax",
        hypotheses: &[
            "the noise fixed, one score ahead",
            "what annealing γ to 0 is for: z tends to the one-hot vector of Gumbel-max",
            "the division by γ as printed, outside the exponential",
        ],
        printed: Statement::refuted(
            "using softmax with temperature annealed to be close to zero: z_i = (exp(G_i + log(α_i))/γ) / (Σ_{i'} exp(G_{i'} + log(α_{i'}))/γ)",
            Check::new(draws(), |draw| sharpens(draw, |score, gamma| score.exp() / gamma)),
        ),
        corrected: Some(Statement::holds(
            "z_i = exp((G_i + log α_i)/γ) / Σ_{i'} exp((G_{i'} + log α_{i'})/γ) tends to the one-hot vector of the largest score",
            Check::new(draws(), |draw| sharpens(draw, |score, gamma| (score / gamma).exp())),
        )),
        control: Some(Control::new(
            "γ multiplied by",
            Check::new(draws(), |draw| sharpens(draw, |score, gamma| (score * gamma).exp())),
        )),
        proof: include_str!("../../../proofs/lecture/gumbel-softmax.md"),
    }
}
