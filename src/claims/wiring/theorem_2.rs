#![doc = include_str!("../../../proofs/wiring/theorem-2.md")]

use super::{
    classifier::{Case, biased, cases},
    dense,
};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    linalg::{Rounded, TestRatio},
};

/// $\langle\partial L/\partial X_4,X_4\rangle=L-H$.
fn form(case: &Case) -> Measure {
    match (case.cost(), case.cross_entropy()) {
        (Ok(cost), Ok(ce)) => {
            let terms = cost.terms + case.terms() + ce.loss() + ce.entropy();
            Measure::equality(cost.value, ce.loss() - ce.entropy(), terms, cost.n)
                .with("loss", ce.loss())
                .with("entropy", ce.entropy())
        }
        _ => Measure::ratio(TestRatio(f64::NAN)),
    }
}

/// The same behind the last dense cell.
fn form_dense(case: &dense::Case) -> Measure {
    case.measure(|run| {
        let last = &run.trace.cells[run.trace.cells.len() - 1];
        let (loss, entropy) = (run.trace.loss, run.trace.entropy);
        let right = Rounded { value: loss - entropy, terms: loss + entropy, n: 1 };
        dense::equality(&[dense::inner(&last.output_cotangent, &last.output)], &[right])
            .with("loss", loss)
            .with("entropy", entropy)
    })
}

const DENSE: [&[usize]; 5] = [dense::PRESENT; 5];

/// Theorem 2, first sentence: the form of the cost at the output edges of the last cell.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-2",
        source: "wiring, Theorem 2 and Eq. 8, section 5.2; Theorem 4 and Eq. 21, appendix F",
        hypotheses: &[
            "global average pooling, then a linear layer without bias (Y_bn = Σ_c [X_p]_bc w_cn), softmax cross-entropy",
        ],
        printed: Statement {
            text: "Cost at output edges of the last cell has the form C_Z = Σ_{b,c,d} ∂L_θ/∂[X_4]_{b,c,d} [X_4]_{b,c,d} = L_θ − H_θ",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(cases(), form),
                Check::new(dense::networks(2, DENSE, 1e-5), form_dense),
            ])),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "a linear layer with a bias, not corrected for",
            check: Check::new(biased(), form),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-2.md"),
    }
}
