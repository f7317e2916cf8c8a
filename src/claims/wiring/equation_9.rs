#![doc = include_str!("../../../proofs/wiring/equation-9.md")]

use super::classifier::{Case, EXAMPLES, cases};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    linalg::TestRatio,
};

/// How often the label's logit is subtracted for one example, out of $N$ classes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Subtracted {
    /// Within the sum over $n$: $N$ times.
    EveryClass,
    /// Once.
    Once,
    /// Never.
    Never,
}

/// The cost against Eq. 9.
fn formula(case: &Case, subtracted: Subtracted) -> Measure {
    let (Ok(cost), Ok(ce)) = (case.cost(), case.cross_entropy()) else {
        return Measure::ratio(TestRatio(f64::NAN));
    };
    let (logits, p) = (case.logits(), ce.probabilities());
    let mut sum = 0.0;
    for (b, &label) in case.labels.iter().enumerate() {
        let times = match subtracted {
            Subtracted::EveryClass => case.classes() as f64,
            Subtracted::Once => 1.0,
            Subtracted::Never => 0.0,
        };
        sum += p.row(b).dot(&logits.row(b)) - times * logits[(b, label)];
    }
    let terms = cost.terms + case.classes() as f64 * case.terms();
    Measure::equality(cost.value, sum / EXAMPLES as f64, terms, cost.n)
}

/// Equation 9: the cost in terms of the logits.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.equation-9",
        source: "wiring, Eq. 9, section 5.2; lines 2 to 5 of Eq. 21 and Eq. 22, appendix F",
        hypotheses: &["as for Theorem 2", "the sum over n extends over both terms of the bracket, as written"],
        printed: Statement {
            text: "C_Z = (1/B) Σ_{b,n} [−Y_{bn_b} + exp(Y_bn)/Σ_q exp(Y_bq) Y_bn]",
            decision: Decision::Assertion(Check::new(cases(), |case| formula(case, Subtracted::EveryClass))),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "C_Z = (1/B) Σ_b [−Y_{bn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) Y_bn]",
            decision: Decision::Assertion(Check::new(cases(), |case| formula(case, Subtracted::Once))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the label's logit not subtracted at all",
            check: Check::new(cases(), |case| formula(case, Subtracted::Never)),
        }),
        proof: include_str!("../../../proofs/wiring/equation-9.md"),
    }
}
