#![doc = include_str!("../../../proofs/influence/lemma-1.md")]

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use serde::Serialize;

use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, strategies};

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

/// Compares $H^{-1}v$ with a sum that starts at $\gamma v$ and whose terms go by `next`, after `prefactor`; `remainder` is added back.
fn compare(case: &Case, prefactor: f64, ratio: f64, remainder: bool) -> Measure {
    let h = strategies::matrix(&case.hessian);
    let v = DVector::from_column_slice(&case.v);
    let n = v.len();
    let contraction = DMatrix::identity(n, n) - &h * case.step;
    let Some(exact) = h.clone().cholesky().map(|c| c.solve(&v)) else {
        return Measure::ratio(crate::linalg::TestRatio(f64::NAN));
    };
    let mut term = &v * case.step;
    let mut sum = term.clone();
    for _ in 0..case.last_index {
        term = &contraction * term * ratio;
        sum += &term;
    }
    sum *= prefactor;
    if remainder {
        let mut tail = exact.clone();
        for _ in 0..=case.last_index {
            tail = &contraction * tail;
        }
        sum += tail;
    }
    // The solve is backward stable: its forward error is κ n ε ‖x‖, and κ ≤ ‖H‖ since λ_min ≥ 1.
    Measure::vectors(exact.as_slice(), sum.as_slice(), h.norm() * exact.norm(), n * (case.last_index as usize + 2))
}

/// Lemma 1: the Neumann series with a step.
pub fn claim() -> Claim {
    Claim {
        id: "influence.lemma-1",
        source: "influence, Lemma 1, section 5",
        hypotheses: &["H symmetric positive definite", "0 < γ ≤ 1/λ_max", "K finite, as printed"],
        printed: Statement {
            text: "H⁻¹v = γ Σ_{k=0}^{K} [I − γH]^k V_0 = V_0 + V_1 + … + V_K, where V_0 = γv, V_1 = γ(I − γH)V_0, …, V_K = γ(I − γH)V_{K−1}",
            decision: Decision::Assertion(Check::new(cases(), |case| {
                // Both displayed equalities: γ Σ (I−γH)^k V_0, and the sum of the V_k.
                compare(case, case.step, 1.0, false).and(compare(case, 1.0, case.step, false))
            })),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "H⁻¹v = V_0 + … + V_K + (I − γH)^{K+1} H⁻¹v with V_0 = γv and V_k = (I − γH)V_{k−1}; the remainder tends to 0 as K → ∞ exactly when 0 < γ < 2/λ_max",
            decision: Decision::Assertion(Check::new(cases(), |case| compare(case, 1.0, 1.0, true))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected sum with the remainder left out",
            check: Check::new(cases(), |case| compare(case, 1.0, 1.0, false)),
        }),
        proof: include_str!("../../../proofs/influence/lemma-1.md"),
    }
}
