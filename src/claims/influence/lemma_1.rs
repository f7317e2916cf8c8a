#![doc = include_str!("../../../proofs/influence/lemma-1.md")]

use dashu_ratio::RBig;
use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Decision, Exactly, Measure, Statement, Verdict, strategies},
    enclosure::{Field, Undefined, identity, lift, lift_rows, solve_vector},
};

/// A positive definite system, a step below $1/\operatorname{tr} H\le1/\lambda_{\max}$ and a last index $K$.
#[derive(Debug, Clone, Serialize)]
struct Case {
    hessian: Vec<Vec<f64>>,
    v: Vec<f64>,
    step: f64,
    last_index: u32,
}

fn cases() -> impl Strategy<Value = Case> {
    (1usize..=9).prop_flat_map(|n| {
        (strategies::positive_definite(n), strategies::integers(n), strategies::fraction(), 0u32..12).prop_map(
            |(hessian, v, fraction, last_index)| {
                let trace: f64 = (0..hessian.len()).map(|i| hessian[i][i]).sum();
                Case { hessian, v, step: fraction / trace, last_index }
            },
        )
    })
}

/// What stands on the right.
#[derive(Clone, Copy)]
enum Sum {
    /// $\gamma\sum_k(I-\gamma H)^kV_0$.
    Powers,
    /// $V_0+\dots+V_K$ with $V_k=\gamma(I-\gamma H)V_{k-1}$.
    Recursion,
    /// $V_0+\dots+V_K$ with $V_k=(I-\gamma H)V_{k-1}$.
    Truncated,
    /// The last with its remainder.
    Whole,
}

/// $H^{-1}v$ and the sum.
fn sides<F: Field>(case: &Case, kind: Sum) -> Result<[DVector<F>; 2], Undefined> {
    let (h, v, step) = (lift_rows::<F>(&case.hessian)?, lift::<F>(&case.v)?, F::number(case.step)?);
    let contraction = identity::<F>(v.len()) - &h * step.clone();
    let exact = solve_vector(&h, &v)?;
    let mut term = v * step.clone();
    let mut sum = term.clone();
    for _ in 0..case.last_index {
        term = &contraction * term;
        if let Sum::Recursion = kind {
            term *= step.clone();
        }
        sum += &term;
    }
    match kind {
        Sum::Powers => sum *= step,
        Sum::Whole => sum += (0..=case.last_index).fold(exact.clone(), |tail, _| &contraction * tail),
        Sum::Recursion | Sum::Truncated => {}
    }
    Ok([exact, sum])
}

/// Up to rounding.
fn compare(case: &Case, kind: Sum) -> Measure {
    let Ok([exact, sum]) = sides::<f64>(case, kind) else { return super::undecided() };
    // The solve is backward stable: its forward error is κ n ε ‖x‖, and κ ≤ ‖H‖ since λ_min ≥ 1.
    let scale = strategies::matrix(&case.hessian).norm() * exact.norm();
    Measure::vectors(exact.as_slice(), sum.as_slice(), scale, case.v.len() * (case.last_index as usize + 2))
}

/// Without.
fn exactly(case: &Case, kind: Sum) -> Result<Exactly, Undefined> {
    let [exact, sum] = sides::<RBig>(case, kind)?;
    Ok(Exactly::entries(&exact, &sum))
}

/// The equality of `kind`, sampled and exact.
fn check(kind: Sum) -> Check {
    let over = "both sides as fractions: integer BᵀB + I of order 1 to 9, a dyadic step, K < 12";
    Check::new(cases(), move |case| compare(case, kind)).exactly(over, cases(), move |case| exactly(case, kind))
}

/// Lemma 1: the Neumann series with a step.
pub fn claim() -> Claim {
    Claim {
        id: "influence.lemma-1",
        source: "influence, Lemma 1, section 5",
        hypotheses: &["H symmetric positive definite", "0 < γ ≤ 1/λ_max", "K finite, as printed"],
        printed: Statement {
            text: "H⁻¹v = γ Σ_{k=0}^{K} [I − γH]^k V_0 = V_0 + V_1 + … + V_K, where V_0 = γv, V_1 = γ(I − γH)V_0, …, V_K = γ(I − γH)V_{K−1}",
            decision: Decision::Assertion(Check::all(vec![check(Sum::Powers), check(Sum::Recursion)])),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "H⁻¹v = V_0 + … + V_K + (I − γH)^{K+1} H⁻¹v with V_0 = γv and V_k = (I − γH)V_{k−1}; the remainder tends to 0 as K → ∞ exactly when 0 < γ < 2/λ_max",
            decision: Decision::Assertion(check(Sum::Whole)),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected sum with the remainder left out",
            check: check(Sum::Truncated),
        }),
        proof: include_str!("../../../proofs/influence/lemma-1.md"),
    }
}
