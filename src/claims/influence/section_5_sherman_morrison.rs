#![doc = include_str!("../../../proofs/influence/section-5-sherman-morrison.md")]

use nalgebra::DMatrix;
use proptest::prelude::*;
use serde::Serialize;

use super::{column, undecided};
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, strategies};

/// $A$ positive definite, $\lvert1+v^\top A^{-1}u\rvert\ge\tfrac12$.
#[derive(Debug, Clone, Serialize)]
struct Case {
    matrix: Vec<Vec<f64>>,
    u: Vec<f64>,
    v: Vec<f64>,
}

fn cases() -> impl Strategy<Value = Case> {
    (1usize..=8).prop_flat_map(|n| {
        (strategies::positive_definite(n), strategies::integers(n), strategies::integers(n)).prop_map(
            |(matrix, u, mut v)| {
                let product = strategies::matrix(&matrix)
                    .cholesky()
                    .map_or(0.0, |factor| column(&v).dot(&factor.solve(&column(&u))));
                // Turning v round takes 1 + vᵀA⁻¹u from within ½ of zero to above 3/2.
                if (1.0 + product).abs() < 0.5 {
                    v.iter_mut().for_each(|x| *x = -*x);
                }
                Case { matrix, u, v }
            },
        )
    })
}

/// $(A+uv^\top)\,X-I$ for the printed $X$, with `sign` in its denominator.
fn measure(case: &Case, sign: f64) -> Measure {
    let (a, u, v) = (strategies::matrix(&case.matrix), column(&case.u), column(&case.v));
    let n = u.len();
    let Some(inverse) = a.clone().try_inverse() else { return undecided() };
    let (left, right) = (&inverse * &u, inverse.tr_mul(&v));
    let formula = &inverse - &left * right.transpose() / (1.0 + sign * v.dot(&left));
    let sum = &a + &u * v.transpose();
    let residual = &sum * &formula - DMatrix::identity(n, n);
    // ‖A⁻¹‖ ≤ 1; each factor is rounded once and enters once more in the product.
    let scale = (1.0 + sum.norm()) * (1.0 + a.norm()) * (inverse.norm() + left.norm() * right.norm());
    Measure::vectors(residual.as_slice(), &vec![0.0; n * n], scale, n)
}

/// The Sherman–Morrison formula of section 5.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-5-sherman-morrison",
        source: "influence, section 5, fourth paragraph",
        hypotheses: &["A nonsingular (here positive definite)", "1 + vᵀA⁻¹u ≠ 0, without which A + uvᵀ is singular"],
        printed: Statement {
            text: "(A + uvᵀ)⁻¹ = A⁻¹ − A⁻¹uvᵀA⁻¹ / (1 + vᵀA⁻¹u)",
            decision: Decision::Assertion(Check::new(cases(), |case| measure(case, 1.0))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "1 − vᵀA⁻¹u in the denominator",
            check: Check::new(cases(), |case| measure(case, -1.0)),
        }),
        proof: include_str!("../../../proofs/influence/section-5-sherman-morrison.md"),
    }
}
