#![doc = include_str!("../../../proofs/wiring/theorem-2-low-expectation.md")]

use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Measure, Statement, strategies},
    enclosure::{Interval, Undefined},
};

/// Two standard deviations in eighths.
#[derive(Debug, Clone, Serialize)]
struct Deviations {
    first: f64,
    second: f64,
}

/// $\mathbb E[f(\tau u)]$ for standard normal $u$, and of $|f|$, by the trapezoidal rule, which converges like $e^{-2\pi^2/h^2}$.
fn normal_mean(deviation: f64, f: impl Fn(f64) -> f64) -> (f64, f64) {
    const STEP: f64 = 1.0 / 8.0;
    let weight = |u: f64| (-u * u / 2.0).exp() * STEP / (2.0 * std::f64::consts::PI).sqrt();
    let nodes = || (-112i32..=112).map(|i| f64::from(i) * STEP);
    let sum = |g: &dyn Fn(f64) -> f64| nodes().map(|u| weight(u) * g(deviation * u)).sum::<f64>();
    (sum(&f), sum(&|y| f(y).abs()))
}

/// $y(e^y-e^{-y})=2y^2\cosh\xi$ with $\xi$ between 0 and $y$.
fn paired(y: Interval) -> Result<Interval, Undefined> {
    let between = Interval::new(y.lower().min(0.0), y.upper().max(0.0))?;
    Ok(y.square() * (between.exp() + (-between).exp()))
}

/// The expectation behind "positive at low accuracy".
pub fn claim() -> Claim {
    let strategy =
        || (strategies::fraction(), strategies::fraction()).prop_map(|(first, second)| Deviations { first, second });
    let measure = |sign: f64| {
        move |case: &Deviations| {
            let (first, size) = normal_mean(case.first, |y| y * (sign * y).exp());
            let (second, other) = normal_mean(case.second, f64::exp);
            let closed = case.first.powi(2) * (0.5 * (case.first.powi(2) + case.second.powi(2))).exp();
            Measure::truth(first * second > 0.0).with("expectation", first * second).and(Measure::equality(
                first * second,
                closed,
                size * other,
                226,
            ))
        }
    };
    Claim {
        id: "wiring.theorem-2-low-expectation",
        source: "wiring, 'since E_{y1,y2}[…] > 0', proof of Theorem 2, section 5.2 and appendix F",
        hypotheses: &["y1 and y2 independent, normal, centred, of any positive variances"],
        printed: Statement::holds(
            "E_{y1,y2∼N(0,·)}[y1 exp(y1 + y2)] > 0",
            Check::new(strategy(), measure(1.0)).enclosed(
                "y (e^y − e^−y) ≥ 0, the integrand at y and −y taken together",
                &[("y", 0.0, 64.0)],
                |y| paired(y[0]),
            ),
        ),
        corrected: None,
        control: Some(Control::new(
            "exp(−y1 + y2)",
            Check::new(strategy(), measure(-1.0))
                .enclosed("y (e^−y − e^y) ≥ 0", &[("y", 0.0, 64.0)], |y| Ok(-paired(y[0])?)),
        )),
        proof: include_str!("../../../proofs/wiring/theorem-2-low-expectation.md"),
    }
}
