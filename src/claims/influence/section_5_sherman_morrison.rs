#![doc = include_str!("../../../proofs/influence/section-5-sherman-morrison.md")]

use dashu_ratio::RBig;
use nalgebra::DMatrix;
use proptest::prelude::*;
use serde::Serialize;

use super::{column, undecided};
use crate::{
    claims::{Check, Claim, Control, Decision, Exactly, Measure, Statement, Verdict, strategies},
    enclosure::{Field, Undefined, dot, identity, lift, lift_rows, outer, solve},
};

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

/// $(A+uv^\top)\,X$ for the printed $X$, with `sign` in its denominator, and $A^{-1}$.
fn product<F: Field>(case: &Case, sign: i32) -> Result<[DMatrix<F>; 2], Undefined> {
    let (a, u, v) = (lift_rows::<F>(&case.matrix)?, lift::<F>(&case.u)?, lift::<F>(&case.v)?);
    let inverse = solve(&a, &identity(u.len()))?;
    let (left, right) = (&inverse * &u, inverse.transpose() * &v);
    let one_over = F::one().over(&(F::one() + F::integer(sign) * dot(&v, &left)))?;
    let formula = &inverse - outer(&left, &right) * one_over;
    Ok([(a + outer(&u, &v)) * formula, inverse])
}

/// Up to rounding.
fn measure(case: &Case, sign: i32) -> Measure {
    let Ok([product, inverse]) = product::<f64>(case, sign) else { return undecided() };
    let (a, u, v) = (strategies::matrix(&case.matrix), column(&case.u), column(&case.v));
    let n = u.len();
    let residual = product - DMatrix::identity(n, n);
    let sum = &a + &u * v.transpose();
    // ‖A⁻¹‖ ≤ 1; each factor is rounded once and enters once more in the product.
    let terms = inverse.norm() + (&inverse * &u).norm() * inverse.tr_mul(&v).norm();
    let scale = (1.0 + sum.norm()) * (1.0 + a.norm()) * terms;
    Measure::vectors(residual.as_slice(), &vec![0.0; n * n], scale, n)
}

fn check(sign: i32) -> Check {
    Check::new(cases(), move |case| measure(case, sign)).exactly(
        "(A + uvᵀ) times the formula as fractions: integer A = BᵀB + I of order 1 to 8, integer u and v",
        cases(),
        move |case| Ok(Exactly::entries(&product::<RBig>(case, sign)?[0], &identity(case.u.len()))),
    )
}

/// The Sherman–Morrison formula of section 5.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-5-sherman-morrison",
        source: "influence, section 5, fourth paragraph",
        hypotheses: &["A nonsingular (here positive definite)", "1 + vᵀA⁻¹u ≠ 0, without which A + uvᵀ is singular"],
        printed: Statement {
            text: "(A + uvᵀ)⁻¹ = A⁻¹ − A⁻¹uvᵀA⁻¹ / (1 + vᵀA⁻¹u)",
            decision: Decision::Assertion(check(1)),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control { description: "1 − vᵀA⁻¹u in the denominator", check: check(-1) }),
        proof: include_str!("../../../proofs/influence/section-5-sherman-morrison.md"),
    }
}
