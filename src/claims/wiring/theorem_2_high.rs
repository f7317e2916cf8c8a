#![doc = include_str!("../../../proofs/wiring/theorem-2-high.md")]

use super::classifier::{EXAMPLES, Logits, logits};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    linalg::TestRatio,
};

const CLASSES: usize = 4;

/// $C_Z<0$.
fn negative(case: &Logits) -> Measure {
    let Ok(ce) = case.cross_entropy() else { return Measure::ratio(TestRatio(f64::NAN)) };
    let ratio = if ce.cost() < 0.0 { 0.0 } else { f64::INFINITY };
    Measure::ratio(TestRatio(ratio)).with("cost", ce.cost()).with("accuracy", ce.accuracy())
}

/// Theorem 2, third sentence, second half: the sign near convergence.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-2-high",
        source: "wiring, Theorem 2, section 5.2; appendix F, 'Negative at high accuracy'",
        hypotheses: &[
            "as for Theorem 2",
            "Y_{bn_b} = max_n Y_bn for every example, as the proof assumes: accuracy 1, no ties",
        ],
        printed: Statement {
            text: "It tends to be … negative at high accuracy: since Y_{bn_b} = max{Y_bn}, C_Z ≤ 0",
            decision: Decision::Assertion(Check::new(logits(CLASSES, EXAMPLES), negative)),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "all examples but one are classified correctly",
            check: Check::new(logits(CLASSES, EXAMPLES - 1), negative),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-2-high.md"),
    }
}
