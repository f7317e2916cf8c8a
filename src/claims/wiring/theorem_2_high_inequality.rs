#![doc = include_str!("../../../proofs/wiring/theorem-2-high-inequality.md")]

use super::{
    classifier::{EXAMPLES, Logits, logits},
    one_example::cost,
};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// $\sum_n[-Y_{n_b}+p_nY_{n_b}]$ with the label's logit `times` times, and the inequality in front of it.
fn inequality(case: &Logits, all_classes: bool) -> Measure {
    let Ok(ce) = case.cross_entropy() else { return Measure::truth(false) };
    let p = ce.probabilities();
    Measure::all(case.rows.iter().zip(&case.labels).enumerate().map(|(b, (y, &label))| {
        let times = if all_classes { y.len() as f64 } else { 1.0 };
        let middle = p.row(b).dot(&ndarray::ArrayView1::from(y)) - times * y[label];
        let right = p.row(b).sum() * y[label] - times * y[label];
        let size = times * y.iter().fold(1.0f64, |m, y| m.max(y.abs()));
        Measure::at_most(middle, right, size, y.len())
            .and(Measure::equality(right, 0.0, size, y.len()))
            .with("label_logit", y[label])
            .with("classes", y.len() as f64)
    }))
}

/// The inequality behind "negative at high accuracy".
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-2-high-inequality",
        source: "wiring, the display after 'Negative at high accuracy', section 5.2 and appendix F",
        hypotheses: &[
            "Y_{bn_b} = max_n Y_bn",
            "a sum over n extends over the whole bracket that follows it, as written",
        ],
        printed: Statement::refuted(
            "C_Z ∝ Σ_n [−Y_{bn_b} + exp(Y_bn)/Σ_q exp(Y_bq) Y_bn] ≤ Σ_n [−Y_{bn_b} + exp(Y_bn)/Σ_q exp(Y_bq) Y_{bn_b}] = 0",
            Check::new(logits(4, EXAMPLES), |case| inequality(case, true)),
        ),
        corrected: Some(Statement::holds(
            "−Y_{bn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) Y_bn ≤ −Y_{bn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) Y_{bn_b} = 0",
            Check::new(logits(4, EXAMPLES), |case| inequality(case, false)).enclosed(
                "−Σ_n p_n (Y_n − Y_{n_b}) ≥ 0 for an example of four classes, Y_{n_b} above the others by g",
                &[("g_1", 0.0, 64.0), ("g_2", 0.0, 64.0), ("g_3", 0.0, 64.0)],
                |g| Ok(-cost(&[-g[0], -g[1], -g[2]])?),
            ),
        )),
        control: Some(Control::new(
            "examples whose label has not the largest logit",
            Check::new(logits(4, 0), |case| inequality(case, false)).enclosed(
                "the same, Y_{n_b} below one of the others by w",
                &[("w", 0.125, 64.0), ("g_2", 0.0, 64.0), ("g_3", 0.0, 64.0)],
                |x| Ok(-cost(&[x[0], -x[1], -x[2]])?),
            ),
        )),
        proof: include_str!("../../../proofs/wiring/theorem-2-high-inequality.md"),
    }
}
