#![doc = include_str!("../../../proofs/influence/section-3-first-part.md")]

use nalgebra::{DMatrix, DVector};

use super::{
    expansion::{Kind, Nudge, nudges},
    undecided,
};
use crate::claims::{Check, Claim, Control, Measure, Statement, landscape::Landscape, strategies};

/// DARTS-PT's score as Eq. (5) without its quadratic term.
/// DARTS-PT and Eq. (5).
pub fn claim() -> Claim {
    let check = |share: f64| {
        Check::new(nudges(Kind { bent: false, optimal_gates: false }), move |case: &Nudge| {
            let (theta, alpha) = case.origin();
            let moved = &alpha + DVector::from_column_slice(&case.direction);
            let (after, before) = (case.loss.value(&theta, &moved), case.loss.value(&theta, &alpha));
            let slope = case.loss.weight_gradient(&theta, &moved);
            let Some(inverse) = case.loss.hessian(&theta, &moved).cholesky() else { return undecided() };
            let quadratic = 0.5 * slope.dot(&inverse.solve(&slope));
            let five = after.0 - before.0 - quadratic;
            let size = after.1 + before.1 + quadratic.abs();
            // Retraining only gains: Eq. (5) is at most its first part, and they differ by the quadratic term.
            Measure::equality(
                after.0 - before.0,
                five + share * quadratic,
                size * hessian_norm(&case.loss),
                theta.len() + alpha.len(),
            )
            .and(Measure::at_most(five, after.0 - before.0, size, 8))
        })
    };
    Claim {
        id: "influence.section-3-first-part",
        source: "influence, below Theorem 1, section 3",
        hypotheses: &["a loss quadratic in θ, H positive definite; one step of discretisation α → α̂"],
        printed: Statement::holds(
            "remove one candidate operation from one edge as DARTS-PT which can be formulated as the first part of Eq. (5), 𝓛(θ*, α̂) − 𝓛(θ*, α)",
            check(1.0),
        ),
        corrected: None,
        control: Some(Control::new("half of the quadratic term kept", check(0.5))),
        proof: include_str!("../../../proofs/influence/section-3-first-part.md"),
    }
}

fn hessian_norm(loss: &Landscape) -> f64 {
    let h: DMatrix<f64> = strategies::matrix(&loss.hessian);
    1.0 + h.norm()
}
