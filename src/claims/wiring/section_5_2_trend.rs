#![doc = include_str!("../../../proofs/wiring/section-5.2-trend.md")]

use ndarray::Array2;
use num_dual::Dual64;

use super::{
    margins::{HIGH_LOSS, LOW_LOSS, MISTAKEN, Margins, margins},
    one_example::{ABOVE, BELOW, slope},
};
use crate::{
    claims::{Check, Claim, Control, Measure, Statement},
    cost::cross_entropy::{CrossEntropy, row},
    enclosure::{Interval, Undefined},
};

/// $\dot C$ of one example of two classes under gradient descent on its logits, $\dot Y=-\partial L/\partial Y$.
fn descent(margin: f64) -> f64 {
    let logits = Array2::from_shape_fn((1, 2), |(_, n)| if n == 0 { margin } else { 0.0 });
    let Ok(ce) = CrossEntropy::new(&logits, &[0]) else { return f64::NAN };
    let slope = ce.gradient();
    let dual = [Dual64::new(margin, -slope[(0, 0)]), Dual64::new(0.0, -slope[(0, 1)])];
    row(&dual, 0, &mut [Dual64::from(0.0); 2]).cost.eps
}

/// The same enclosed: $\dot C=C'(d)\,\dot d$ with $\dot d=2(1-p)=2/(1+e^d)$.
fn rate(margin: Interval) -> Result<Interval, Undefined> {
    Ok(slope(margin)? * Interval::from(2.0).over(margin.exp() + 1.0.into())?)
}

/// The trend of the cost in training.
pub fn claim() -> Claim {
    let falls =
        |case: &Margins| Measure::truth(descent(case.larger) <= 0.0).with("cost_per_time", descent(case.larger));
    let by_side = |case: &Margins| {
        let rate = descent(case.larger);
        Measure::truth(if case.high_loss { rate < 0.0 } else { rate > 0.0 }).with("cost_per_time", rate)
    };
    Claim {
        id: "wiring.section-5.2-trend",
        source: "wiring, before Remark 1, section 5.2",
        hypotheses: &[
            "as for Theorem 2",
            "one example of two classes, gradient descent on its logits: the loss falls for ever",
        ],
        printed: Statement::refuted(
            "By Thm.2, the global trend of the cost sum at the last cell should be decreasing",
            Check::new(margins(HIGH_LOSS, LOW_LOSS), falls),
        ),
        corrected: Some(Statement::holds(
            "the cost falls until the margin is d* ≈ 1.2785 (loss 0.246, cost −0.278) and then rises towards 0 from below",
            Check::new(margins(HIGH_LOSS, LOW_LOSS), by_side)
                .enclosed("−dC/dt ≥ 0", BELOW, |d| Ok(-rate(d[0])?))
                .enclosed("dC/dt ≥ 0", ABOVE, |d| rate(d[0])),
        )),
        control: Some(Control::new(
            "2 for d*",
            Check::new(margins(MISTAKEN, LOW_LOSS), by_side)
                .enclosed("−dC/dt ≥ 0", &[("d", -64.0, 2.0)], |d| Ok(-rate(d[0])?)),
        )),
        proof: include_str!("../../../proofs/wiring/section-5.2-trend.md"),
    }
}
