#![doc = include_str!("../../../proofs/snas/section-2.2-unbiased.md")]
#![doc = include_str!("../../../proofs/snas/section-2.2-variance.md")]
#![doc = include_str!("../../../proofs/snas/section-3.1-unbiased.md")]

use proptest::prelude::*;
use serde::Serialize;

use super::concrete::{Binary, logistic};
use crate::claims::{Check, Claim, Control, LimitPoint, Measure, Statement};

/// A choice between two operations and a power of its gate: polynomials are sums of these.
#[derive(Debug, Clone, Serialize)]
struct Case {
    alpha: [f64; 2],
    power: i32,
    temperature: f64,
}

fn cases() -> impl Strategy<Value = Case> {
    let positive = || (1u8..=4).prop_map(f64::from);
    ([positive(), positive()], 1i32..=3, (1u8..=8).prop_map(|k| f64::from(k) / 4.0))
        .prop_map(|(alpha, power, temperature)| Case { alpha, power, temperature })
}

impl Case {
    fn at(&self, temperature: f64) -> Binary {
        Binary { alpha: self.alpha, temperature }
    }

    /// $\mathbb E\lbrack (Z^1)^m\rbrack $ as $\lambda=\lambda_0+t$, $t\to0$, against $p$, its value for one-hot gates, plus `slope(q(μ))`$\cdot t$.
    fn limit(&self, floor: f64, slope: impl Fn(f64) -> f64) -> Measure {
        let binary = self.at(1.0);
        let (p, slope) = (binary.probability(), slope(logistic((self.alpha[1] / self.alpha[0]).ln())));
        let points: Vec<LimitPoint> = (3..=6)
            .map(|n| 0.5f64.powi(n))
            .map(|t| {
                let seen = self.at(floor + t).expect(|draw| draw.gates[1].powi(self.power));
                let error = (seen.value - p - slope * t).abs();
                let kept = if slope == 0.0 { 1.0 } else { (slope * t).abs() };
                LimitPoint { t, error, kept, rounding: seen.n as f64 * f64::EPSILON * seen.terms }
            })
            .collect();
        Measure::limit(&points)
    }
}

/// The relaxation, once converged.
pub fn unbiased() -> Claim {
    Claim {
        id: "snas.section-2.2-unbiased",
        source: "snas, below Eq. (5), section 2.2",
        hypotheses: &[
            "unbiased: the expected loss is that of one-hot gates drawn with probabilities α^k/Σ_l α^l",
            "converged: λ → 0, α fixed",
            "the loss a polynomial in the gates of an edge (up to the third power is drawn)",
        ],
        printed: Statement::holds(
            "In Maddison et al. (2016), it is proved that p(lim_{λ→0} Z_{i,j}^k = 1) = α_{i,j}^k/(Σ_{l=0}^n α_{i,j}^l), making this relaxation unbiased once converged",
            Check::new(cases(), |case| case.limit(0.0, |_| 0.0)),
        ),
        corrected: None,
        control: Some(Control::new("λ annealed to 1, not to 0", Check::new(cases(), |case| case.limit(1.0, |_| 0.0)))),
        proof: include_str!("../../../proofs/snas/section-2.2-unbiased.md"),
    }
}

/// The search, at a temperature.
pub fn searching() -> Claim {
    Claim {
        id: "snas.section-3.1-unbiased",
        source: "snas, Motivation, section 3.1",
        hypotheses: &[
            "the objective is Eq. (4), an expectation over one-hot Z",
            "the search draws Z by Eq. (5) at a temperature λ > 0",
            "any loss polynomial in the gates",
        ],
        printed: Statement::refuted(
            "the searching is unbiased from its objective, as introduced in Section 2.1",
            Check::new(cases(), |case| {
                let seen = case.at(case.temperature).expect(|draw| draw.gates[1].powi(case.power));
                let p = case.at(1.0).probability();
                Measure::equality(seen.value, p, seen.terms + p, seen.n)
            }),
        ),
        corrected: Some(Statement::holds(
            "the bias vanishes with the temperature: for a loss that is c Z² in a gate, 𝔼_λ[cZ²] = cp − λ c p(1 − p) + O(λ²), p = α¹/(α⁰ + α¹)",
            Check::new(cases(), |case| Case { power: 2, ..case.clone() }.limit(0.0, |q| -q)),
        )),
        control: Some(Control::new(
            "the corrected bias halved",
            Check::new(cases(), |case| Case { power: 2, ..case.clone() }.limit(0.0, |q| -q / 2.0)),
        )),
        proof: include_str!("../../../proofs/snas/section-3.1-unbiased.md"),
    }
}

/// A loss $b+dZ^1$, and its two gradient estimators by $\ln\alpha^1$.
#[derive(Debug, Clone, Serialize)]
struct Linear {
    alpha: [f64; 2],
    offset: f64,
    slope: f64,
    temperature: f64,
}

fn linear() -> impl Strategy<Value = Linear> {
    let positive = || (1u8..=4).prop_map(f64::from);
    ([positive(), positive()], (0u8..=4).prop_map(f64::from), positive(), (0i32..=7).prop_map(|k| 0.5f64.powi(k)))
        .prop_map(|(alpha, offset, slope, temperature)| Linear { alpha, offset, slope, temperature })
}

impl Linear {
    /// Mean square and mean of the gradient through Eq. (5).
    fn pathwise(&self, temperature: f64) -> (f64, f64, usize) {
        let binary = Binary { alpha: self.alpha, temperature };
        let square = binary.expect(|draw| (self.slope * draw.slope).powi(2));
        let mean = binary.expect(|draw| self.slope * draw.slope);
        (square.value, mean.value, square.n)
    }

    /// Variance of $L\,\nabla\ln p$ for one-hot gates, $\nabla\ln p=1-p$ or $-p$.
    fn likelihood_ratio(&self) -> f64 {
        let p = Binary { alpha: self.alpha, temperature: 1.0 }.probability();
        let (one, zero) = ((self.offset + self.slope) * (1.0 - p), -self.offset * p);
        // p(1 − p)(one − zero)²: two values.
        p * (1.0 - p) * (one - zero).powi(2)
    }

    /// $\lambda\operatorname{Var}$ against `factor`$\cdot d^2p(1-p)$ as $\lambda\to0$.
    fn limit(&self, factor: f64) -> Measure {
        let p = Binary { alpha: self.alpha, temperature: 1.0 }.probability();
        let constant = factor * self.slope * self.slope * p * (1.0 - p);
        let points: Vec<LimitPoint> = (3..=6)
            .map(|n| 0.5f64.powi(n))
            .map(|t| {
                let (square, mean, n) = self.pathwise(t);
                let error = (t * (square - mean * mean) - constant).abs();
                LimitPoint { t, error, kept: constant, rounding: n as f64 * f64::EPSILON * t * square }
            })
            .collect();
        Measure::limit(&points)
    }
}

/// The variance of the likelihood ratio trick.
pub fn variance() -> Claim {
    Claim {
        id: "snas.section-2.2-variance",
        source: "snas, section 2.2, first paragraph",
        hypotheses: &[
            "high: higher than that of the gradient through Eq. (5), which is used instead, at temperatures annealed to close to zero",
            "one sample, by ln α; the loss linear in the gates of an edge",
        ],
        printed: Statement::refuted(
            "Though the objective (4) could be optimized with black-box gradient descent method, it would suffer from the high variance of likelihood ratio trick; instead, we use concrete distribution",
            Check::new(linear(), |case| {
                let (square, mean, n) = case.pathwise(case.temperature);
                Measure::at_most(square - mean * mean, case.likelihood_ratio(), square + mean * mean, n)
                    .with("variance_through_equation_5", square - mean * mean)
                    .with("variance_of_likelihood_ratio", case.likelihood_ratio())
            }),
        ),
        corrected: Some(Statement::holds(
            "the variance of the gradient through Eq. (5) grows as the temperature falls: for L = b + dZ, λ Var → d² p(1 − p)/6 as λ → 0, while that of the likelihood ratio does not depend on λ",
            Check::new(linear(), |case| case.limit(1.0 / 6.0)),
        )),
        control: Some(Control::new("1/4 for 1/6", Check::new(linear(), |case| case.limit(0.25)))),
        proof: include_str!("../../../proofs/snas/section-2.2-variance.md"),
    }
}
