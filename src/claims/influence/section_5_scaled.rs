#![doc = include_str!("../../../proofs/influence/section-5-scaled.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::claims::{Check, Claim, Control, LimitPoint, Measure, Statement};

/// A positive definite Hessian in its eigenbasis.
#[derive(Debug, Clone, Serialize)]
struct Spectrum {
    eigenvalues: Vec<f64>,
    /// $\gamma\lambda_{max}$.
    step: f64,
}

fn spectra() -> impl Strategy<Value = Spectrum> {
    (vec((1u8..=8).prop_map(f64::from), 1..=6), (1u8..=8).prop_map(|k| f64::from(k) / 8.0))
        .prop_map(|(eigenvalues, step)| Spectrum { eigenvalues, step })
}

/// The sum to $K=1/t$ terms against the inverse, as $t\to0$, the step `times` the drawn one.
fn converges(case: &Spectrum, times: f64) -> Measure {
    let largest = case.eigenvalues.iter().copied().fold(0.0, f64::max);
    let gamma = times * case.step / largest;
    let error = |lambda: f64, terms: usize| {
        let (mut power, mut sum) = (1.0, 0.0);
        for _ in 0..terms {
            sum += power;
            power *= 1.0 - gamma * lambda;
        }
        (gamma * sum - 1.0 / lambda).abs()
    };
    let points: Vec<LimitPoint> = (3..=9)
        .map(|n| 1usize << n)
        .map(|terms| {
            let worst = case.eigenvalues.iter().map(|&lambda| error(lambda, terms)).fold(0.0, f64::max);
            LimitPoint { t: 1.0 / terms as f64, error: worst, kept: 1.0, rounding: 2.0 * f64::EPSILON * terms as f64 }
        })
        .collect();
    Measure::limit(&points)
}

/// The Neumann series of $\gamma H$.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-5-scaled",
        source: "influence, above Lemma 1, section 5",
        hypotheses: &["H symmetric positive definite, in its eigenbasis", "small enough: 0 < γ ≤ 1/λ_max"],
        printed: Statement::holds(
            "H⁻¹ = γ(γH)⁻¹ = γ Σ_{k=0}^{∞} (I − γH)^k, where γ is a small enough value",
            Check::new(spectra(), |case| converges(case, 1.0)),
        ),
        corrected: None,
        control: Some(Control::new("γ = 2/λ_max", Check::new(spectra(), |case| converges(case, 2.0 / case.step)))),
        proof: include_str!("../../../proofs/influence/section-5-scaled.md"),
    }
}
