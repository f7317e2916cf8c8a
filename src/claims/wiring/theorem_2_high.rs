#![doc = include_str!("../../../proofs/wiring/theorem-2-high.md")]

use super::{
    classifier::{EXAMPLES, Logits, logits},
    one_example::cost,
};
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
            decision: Decision::Assertion(Check::new(logits(CLASSES, EXAMPLES), negative).enclosed(
                "−C ≥ 0 for an example of four classes, its label's logit the largest by the gaps g",
                &[("g_1", 0.0, 64.0), ("g_2", 0.0, 64.0), ("g_3", 0.0, 64.0)],
                |g| Ok(-cost(&[-g[0], -g[1], -g[2]])?),
            )),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "all examples but one are classified correctly",
            check: Check::new(logits(CLASSES, EXAMPLES - 1), negative).enclosed(
                "−(C_1 + C_2) ≥ 0 for an example right by g and one wrong by w",
                &[("g", 0.125, 64.0), ("w", 0.125, 64.0)],
                |x| Ok(-(cost(&[-x[0]])? + cost(&[x[1]])?)),
            ),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-2-high.md"),
    }
}
