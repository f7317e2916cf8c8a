#![doc = include_str!("../../../proofs/influence/section-2-quadratic.md")]

use super::expansion::{Kind, Nudge, nudges};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// Quadratic losses.
pub fn claim() -> Claim {
    let third = |case: &Nudge| {
        // Third differences along the direction, in integers: 0 exactly for a quadratic.
        let (theta, alpha) = case.origin();
        let step = nalgebra::DVector::from_column_slice(&case.direction);
        let value = |t: f64| case.loss.value(&theta, &(&alpha + &step * t));
        let parts = [value(3.0), value(2.0), value(1.0), value(0.0)];
        let difference = parts[0].0 - 3.0 * parts[1].0 + 3.0 * parts[2].0 - parts[3].0;
        let terms: f64 = parts.iter().zip([1.0, 3.0, 3.0, 1.0]).map(|(p, c)| c * p.1).sum();
        Measure::equality(difference, 0.0, terms, 16)
    };
    Claim {
        id: "influence.section-2-quadratic",
        source: "influence, 'For the quadratic loss', section 2",
        hypotheses: &["a loss that is quadratic in weights and gates; third derivatives as third differences"],
        printed: Statement::holds(
            "For the quadratic loss, the third-order derivatives of the loss are zero or very small",
            Check::new(nudges(Kind { bent: false, optimal_gates: false }), third),
        ),
        corrected: None,
        control: Some(Control::new(
            "cross-entropy bends added",
            Check::new(nudges(Kind { bent: true, optimal_gates: false }), third),
        )),
        proof: include_str!("../../../proofs/influence/section-2-quadratic.md"),
    }
}
