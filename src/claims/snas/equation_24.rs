#![doc = include_str!("../../../proofs/snas/equation-24.md")]

use num_dual::Dual64;
use proptest::prelude::*;
use serde::Serialize;

use super::{cell::OPERATIONS, concrete};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// One edge.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) alpha: [f64; OPERATIONS],
    pub(super) uniform: [f64; OPERATIONS],
    pub(super) temperature: f64,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let positive = || (1u8..=8).prop_map(f64::from);
    let uniform = || (1u8..=31).prop_map(|k| f64::from(k) / 32.0);
    (
        [positive(), positive(), positive()],
        [uniform(), uniform(), uniform()],
        (1u8..=8).prop_map(|k| f64::from(k) / 4.0),
    )
        .prop_map(|(alpha, uniform, temperature)| Case { alpha, uniform, temperature })
}

/// $\partial f^{k'}/\partial\alpha^k$ by dual numbers, first index $k'$.
pub(super) fn jacobian(
    alpha: &[f64; OPERATIONS],
    uniform: &[f64; OPERATIONS],
    temperature: f64,
) -> [[f64; OPERATIONS]; OPERATIONS] {
    let columns: [[f64; OPERATIONS]; OPERATIONS] = std::array::from_fn(|k| {
        let alpha = std::array::from_fn(|l| if l == k { Dual64::from(alpha[l]).derivative() } else { alpha[l].into() });
        concrete::sample(&alpha, uniform, temperature).map(|z: Dual64| z.eps)
    });
    std::array::from_fn(|l| std::array::from_fn(|k| columns[k][l]))
}

/// The lines of the printed chain for $\partial f/\partial\alpha^k$, each a vector over $k'$. `scale` stands for $\frac1{\lambda\alpha^k}$.
fn lines(case: &Case, k: usize, scale: impl Fn(&Case, usize) -> f64) -> [[f64; OPERATIONS]; 2] {
    let exponential = |l: usize, alpha: Dual64| {
        let gumbel = -(-case.uniform[l].ln()).ln();
        ((num_dual::DualNum::ln(&alpha) + gumbel) / case.temperature).exp()
    };
    use num_dual::DualNum as _;
    let weights: [f64; OPERATIONS] = std::array::from_fn(|l| exponential(l, case.alpha[l].into()).re);
    let total: f64 = weights.iter().sum();
    let delta = |l: usize| f64::from(u8::from(l == k));
    let moved = exponential(k, Dual64::from(case.alpha[k]).derivative()).eps;
    let z = weights.map(|w| w / total);
    [
        std::array::from_fn(|l| moved / total * (delta(l) - weights[l] / total)),
        std::array::from_fn(|l| (delta(l) - z[l]) * z[k] * scale(case, k)),
    ]
}

fn measure(case: &Case, scale: impl Fn(&Case, usize) -> f64 + Copy) -> Measure {
    let slopes = jacobian(&case.alpha, &case.uniform, case.temperature);
    super::worst((0..OPERATIONS).flat_map(|k| {
        let left: [f64; OPERATIONS] = std::array::from_fn(|l| slopes[l][k]);
        // δ − Z cancels where Z is near 1: rounding is relative to its terms, (δ + Z) Z^k/(λα^k).
        let z = concrete::sample(&case.alpha, &case.uniform, case.temperature);
        let size = (1.0 + z.iter().sum::<f64>()) * z[k] * scale(case, k).max(1.0 / (case.temperature * case.alpha[k]));
        // Exponents of at most (ln 8 + ln ln 32)/λ ≤ 14 carry as many roundings into the gates.
        lines(case, k, scale).map(|line| Measure::vectors(&left, &line, size, 14 + 2 * OPERATIONS))
    }))
}

/// Eq. (24): the Jacobian of a concrete sample.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-24",
        source: "snas, Eq. (24), appendix C",
        hypotheses: &[
            "Eq. (22), λ > 0, α > 0",
            "the noise G held fixed",
            "α^i in the second denominator an extraction's α^l",
        ],
        printed: Statement::holds(
            "∂f_α(G)/∂α^k = (∂/∂α^k exp((log α^k + G^k)/λ)) / Σ_l exp((log α^l + G^l)/λ) (δ(k'−k) − exp((log α + G)/λ)/Σ_l exp((log α^l + G^l)/λ)) = (∂(log α^k + G^k)/λ)/∂α^k f(G^k)(δ(k'−k) − f(G)) = (δ(k'−k) − Z) Z^k 1/(λ α^k)",
            Check::new(cases(), |case| measure(case, |case, k| 1.0 / (case.temperature * case.alpha[k]))),
        ),
        corrected: None,
        control: Some(Control::new(
            "1/λ for 1/(λα^k): the derivative by ln α",
            Check::new(cases(), |case| measure(case, |case, _| 1.0 / case.temperature)),
        )),
        proof: include_str!("../../../proofs/snas/equation-24.md"),
    }
}
