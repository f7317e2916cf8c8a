#![doc = include_str!("../../../proofs/wiring/equation-1.md")]
#![doc = include_str!("../../../proofs/wiring/equation-2.md")]
#![doc = include_str!("../../../proofs/wiring/section-2.2-gumbel.md")]

use ndarray::Array2;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::edge::{Edge, OPERATIONS, edges};
use crate::{
    claims::{Check, Claim, Control, Measure, Statement, strategies},
    relaxation::softmax,
};

/// Eq. 1: a one-hot gate selects.
pub fn equation_1() -> Claim {
    let measure = |shift: usize| {
        move |case: &Edge| {
            let Ok(mixed) = case.map(&case.one_hot::<f64>()) else { return Measure::truth(false) };
            Measure::vectors(&mixed, &case.outputs[(case.sampled + shift) % OPERATIONS], 1.0, OPERATIONS)
        }
    };
    Claim {
        id: "wiring.equation-1",
        source: "wiring, Eq. 1, section 2.2",
        hypotheses: &["Z_{i,j} one-hot"],
        printed: Statement::defines(
            "Õ_{i,j}(·) = Z_{i,j}ᵀ O_{i,j}(·): the output of the selected operation",
            Check::new(edges(), measure(0)),
        ),
        corrected: None,
        control: Some(Control::new("the output of the next operation", Check::new(edges(), measure(1)))),
        proof: include_str!("../../../proofs/wiring/equation-1.md"),
    }
}

/// Losses of every pair of operations on two edges, and their probabilities.
#[derive(Debug, Clone, Serialize)]
struct Table {
    losses: Vec<Vec<f64>>,
    first: Vec<f64>,
    second: Vec<f64>,
}

/// Eq. 2: the objective.
pub fn equation_2() -> Claim {
    let strategy = || {
        (vec(strategies::integers(2), 3), vec(strategies::fraction(), 3), vec(strategies::fraction(), 2))
            .prop_map(|(losses, first, second)| Table { losses, first, second })
    };
    let measure = |weighted: bool| {
        move |case: &Table| {
            let gates = |weights: &[f64]| {
                let logits = Array2::from_shape_fn((1, weights.len()), |(_, k)| weights[k].ln());
                softmax::gates(&logits).iter().copied().collect::<Vec<_>>()
            };
            let (p, q) = (gates(&case.first), gates(&case.second));
            let pairs = || (0..3).flat_map(|i| (0..2).map(move |j| (i, j)));
            let weight = |(i, j): (usize, usize)| {
                let whole: f64 = case.first.iter().sum::<f64>() * case.second.iter().sum::<f64>();
                if weighted { case.first[i] * case.second[j] / whole } else { 1.0 / 6.0 }
            };
            let listed: f64 = pairs().map(|(i, j)| weight((i, j)) * case.losses[i][j]).sum();
            let iterated: f64 = (0..3).map(|i| p[i] * (0..2).map(|j| q[j] * case.losses[i][j]).sum::<f64>()).sum();
            Measure::equality(listed, iterated, 4.0, 12)
        }
    };
    Claim {
        id: "wiring.equation-2",
        source: "wiring, Eq. 2, section 2.2",
        hypotheses: &["the edges' operations are drawn independently, as p_α is a product over edges"],
        printed: Statement::defines("E_{Z∼p_α(Z)}[L_θ(Z)]", Check::new(strategy(), measure(true))),
        corrected: None,
        control: Some(Control::new("all architectures alike", Check::new(strategy(), measure(false)))),
        proof: include_str!("../../../proofs/wiring/equation-2.md"),
    }
}

/// Uniform variables and a temperature in eighths.
#[derive(Debug, Clone, Serialize)]
struct Relaxed {
    alpha: Vec<f64>,
    uniform: Vec<f64>,
    temperature: f64,
}

fn relaxed() -> impl Strategy<Value = Relaxed> + Send + Sync {
    (vec(strategies::fraction(), 4), vec((1u8..9).prop_map(|k| f64::from(k) / 9.0), 4), strategies::fraction())
        .prop_map(|(alpha, uniform, temperature)| Relaxed { alpha, uniform, temperature })
}

/// Both displays against the library's softmax of the same logits; the temperature of the noise dropped if not `divided`.
fn gumbel(case: &Relaxed, divided: bool) -> Measure {
    let noise: Vec<f64> = case.uniform.iter().map(|u| -(-u.ln()).ln()).collect();
    let compare = |noise: &[f64]| {
        let argument = |k: usize| case.alpha[k].ln() + noise[k];
        let logits = Array2::from_shape_fn((1, 4), |(_, k)| argument(k) / case.temperature);
        let seen: Vec<f64> = softmax::gates(&logits).iter().copied().collect();
        // α^{1/λ}e^{G/λ}, multiplied out.
        let power = if divided { 1.0 / case.temperature } else { 1.0 };
        let weight = |k: usize| case.alpha[k].powf(1.0 / case.temperature) * (noise[k] * power).exp();
        let total: f64 = (0..4).map(weight).sum();
        let literal: Vec<f64> = (0..4).map(|k| weight(k) / total).collect();
        let largest = logits.iter().fold(1.0f64, |m, x| m.max(x.abs()));
        Measure::vectors(&seen, &literal, 1.0 + largest / case.temperature, 4)
    };
    compare(&[0.0; 4]).and(compare(&noise))
}

/// The relaxations of DARTS and SNAS.
pub fn gumbel_claim() -> Claim {
    Claim {
        id: "wiring.section-2.2-gumbel",
        source: "wiring, the display before section 2.3",
        hypotheses: &["α positive, λ positive, U in (0, 1)"],
        printed: Statement::defines(
            "Ẑ^k = e^{(log α^k)/λ}/Σ_l e^{(log α^l)/λ}, Z̃^k = e^{(log α^k + G^k)/λ}/Σ_l e^{(log α^l + G^l)/λ}, G^k = −log(−log(U^k))",
            Check::new(relaxed(), |case| gumbel(case, true)),
        ),
        corrected: None,
        control: Some(Control::new("the noise not divided by λ", Check::new(relaxed(), |case| gumbel(case, false)))),
        proof: include_str!("../../../proofs/wiring/section-2.2-gumbel.md"),
    }
}
