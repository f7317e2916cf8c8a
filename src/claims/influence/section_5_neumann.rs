#![doc = include_str!("../../../proofs/influence/section-5-neumann.md")]

use nalgebra::{DMatrix, DVector};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{column, undecided};
use crate::claims::{Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict, strategies};

/// $H=Q\operatorname{diag}(1-s_i)Q^\top$, $Q$ a reflection along an integer vector, so that $\lVert I-H\rVert_2=\max|s_i|$.
#[derive(Debug, Clone, Serialize)]
struct Case {
    /// $s_i$, the eigenvalues of $I-H$.
    shifts: Vec<f64>,
    /// The vector of the reflection; zero for $Q=I$.
    reflection: Vec<f64>,
    v: Vec<f64>,
}

/// Eigenvalues of $I-H$ that are eighths from `lowest` to 7: $-8$ admits $\lVert I-H\rVert=1$ with $H$ nonsingular, $-7$ does not.
fn cases(lowest: i8) -> impl Strategy<Value = Case> {
    (1usize..=8).prop_flat_map(move |n| {
        let shifts = vec((lowest..=7).prop_map(|k| f64::from(k) / 8.0), n);
        (shifts, strategies::integers(n), strategies::integers(n)).prop_map(|(shifts, reflection, v)| Case {
            shifts,
            reflection,
            v,
        })
    })
}

impl Case {
    fn hessian(&self) -> DMatrix<f64> {
        let w = column(&self.reflection);
        let n = w.len();
        let q = match w.norm_squared() {
            0.0 => DMatrix::identity(n, n),
            square => DMatrix::identity(n, n) - &w * w.transpose() * (2.0 / square),
        };
        let spectrum = DVector::from_iterator(n, self.shifts.iter().map(|s| 1.0 - s));
        &q * DMatrix::from_diagonal(&spectrum) * q.transpose()
    }
}

/// $\sum_{k=0}^{K}(\pm(I-H))^kv$ against $H^{-1}v$ as $K=8,16,\dots,128$ grows, in $t=1/K$.
fn measure(case: &Case, sign: f64) -> Measure {
    let (h, v) = (case.hessian(), column(&case.v));
    let n = v.len();
    // λ_min ≥ 1/8, λ_max ≤ 2: κ ≤ 16.
    let Some(exact) = h.clone().lu().solve(&v) else { return undecided() };
    let contraction = (DMatrix::identity(n, n) - &h) * sign;
    let (mut term, mut sum, mut points) = (v.clone(), v.clone(), Vec::new());
    for k in 1..=128u32 {
        term = &contraction * term;
        sum += &term;
        if k >= 8 && k.is_power_of_two() {
            let rounding = 16.0 * f64::from(k) * n as f64 * f64::EPSILON * exact.norm();
            let error = (&sum - &exact).norm();
            points.push(LimitPoint { t: 1.0 / f64::from(k), error, kept: exact.norm(), rounding });
        }
    }
    Measure::limit(&points).with_vector("inverse_times_v", exact.as_slice()).with_vector("sum_to_128", sum.as_slice())
}

/// The Neumann series of section 5.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-5-neumann",
        source: "influence, section 5, second paragraph",
        hypotheses: &["H symmetric and nonsingular", "‖I − H‖₂ ≤ 1, as printed"],
        printed: Statement {
            text: "H⁻¹ = Σ_{k=0}^{∞} (I − H)^k […] there is a strict condition in the Neumann series approximation that ‖I − H‖ ≤ 1",
            decision: Decision::Assertion(Check::new(cases(-8), |case| measure(case, 1.0))),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "H⁻¹ = Σ_{k=0}^{∞} (I − H)^k when ‖I − H‖₂ < 1; for symmetric H only then",
            decision: Decision::Assertion(Check::new(cases(-7), |case| measure(case, 1.0))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "(H − I)^k for (I − H)^k, which sums to (2I − H)⁻¹",
            check: Check::new(cases(-7), |case| measure(case, -1.0)),
        }),
        proof: include_str!("../../../proofs/influence/section-5-neumann.md"),
    }
}
