#![doc = include_str!("../../../proofs/wiring/equation-9.md")]

use super::equation_21::{
    Line,
    Subtracted::{EveryClass, Never, Once},
    equal,
};
use crate::claims::{Claim, Control, Statement};

/// Equation 9: the cost in terms of the logits.
pub fn claim() -> Claim {
    let check = |subtracted| equal(Line::Cost, Line::Logits(subtracted));
    Claim {
        id: "wiring.equation-9",
        source: "wiring, Eq. 9, section 5.2; lines 2 to 5 of Eq. 21 and Eq. 22, appendix F",
        hypotheses: &["as for Theorem 2", "the sum over n extends over both terms of the bracket, as written"],
        printed: Statement::refuted(
            "C_Z = (1/B) Σ_{b,n} [−Y_{bn_b} + exp(Y_bn)/Σ_q exp(Y_bq) Y_bn]",
            check(EveryClass),
        ),
        corrected: Some(Statement::holds(
            "C_Z = (1/B) Σ_b [−Y_{bn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) Y_bn]",
            check(Once),
        )),
        control: Some(Control::new("the label's logit not subtracted at all", check(Never))),
        proof: include_str!("../../../proofs/wiring/equation-9.md"),
    }
}
