#![doc = include_str!("../../../proofs/wiring/theorem-2-monotone.md")]

use proptest::prelude::*;
use serde::Serialize;

use super::{
    classifier::{EXAMPLES, Logits, logits},
    one_example::cost,
};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    linalg::TestRatio,
};

/// Two states of a network on batches of one size, the first the more accurate.
#[derive(Debug, Clone, Serialize)]
struct Case {
    better: Logits,
    worse: Logits,
}

fn cases(classes: usize) -> impl Strategy<Value = Case> + Send + Sync {
    (1..=EXAMPLES, 0..EXAMPLES).prop_flat_map(move |(correct, other)| {
        (logits(classes, correct), logits(classes, other % correct)).prop_map(|(better, worse)| Case { better, worse })
    })
}

/// The more accurate state has the lower cost.
fn antitone(case: &Case) -> Measure {
    let (Ok(better), Ok(worse)) = (case.better.cross_entropy(), case.worse.cross_entropy()) else {
        return Measure::ratio(TestRatio(f64::NAN));
    };
    let size = |logits: &Logits| logits.rows.iter().flatten().map(|y| y.abs()).sum::<f64>();
    Measure::at_most(better.cost(), worse.cost(), size(&case.better) + size(&case.worse), 4 * EXAMPLES)
        .with("accuracy_better", better.accuracy())
        .with("accuracy_worse", worse.accuracy())
        .with("loss_better", better.loss())
        .with("loss_worse", worse.loss())
}

/// A batch and how many of its first examples are classified correctly.
#[derive(Debug, Clone, Serialize)]
struct Marked {
    batch: Logits,
    correct: usize,
}

fn marked(classes: usize) -> impl Strategy<Value = Marked> + Send + Sync {
    (0..=EXAMPLES)
        .prop_flat_map(move |correct| logits(classes, correct).prop_map(move |batch| Marked { batch, correct }))
}

/// Correctly classified examples contribute a negative cost and, if `wrong_are_positive`, all others a positive one.
fn signs(case: &Marked, wrong_are_positive: bool) -> Measure {
    let Ok(ce) = case.batch.cross_entropy() else { return Measure::ratio(TestRatio(f64::NAN)) };
    let as_said = ce.terms().iter().enumerate().all(|(b, terms)| match b < case.correct {
        true => terms.cost < 0.0,
        false => !wrong_are_positive || terms.cost > 0.0,
    });
    let costs: Vec<f64> = ce.terms().iter().map(|terms| terms.cost).collect();
    Measure::ratio(TestRatio(if as_said { 0.0 } else { f64::INFINITY })).with_vector("costs", &costs)
}

/// Theorem 2, second sentence: cost and accuracy.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-2-monotone",
        source: "wiring, Theorem 2, section 5.2; appendix F ('obviously, the cost sum is positively correlated to the loss')",
        hypotheses: &[
            "as for Theorem 2",
            "read as: of two states of a network, the more accurate one has the lower cost",
        ],
        printed: Statement {
            text: "C_Z is negatively related to classification accuracy",
            decision: Decision::Assertion(Check::new(cases(4), antitone)),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "An example whose label has the single largest logit contributes a negative cost; with two classes, one whose label has not contributes a positive cost, so that the sign of an example's cost tells whether it is classified correctly",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(marked(2), |case| signs(case, true)).enclosed(
                    "C ≥ 0 for an example of two classes, wrong by w",
                    &[("w", 0.0, 64.0)],
                    cost,
                ),
                Check::new(marked(4), |case| signs(case, false)).enclosed(
                    "−C ≥ 0 for an example of four classes, right by the gaps g",
                    &[("g_1", 0.0, 64.0), ("g_2", 0.0, 64.0), ("g_3", 0.0, 64.0)],
                    |g| Ok(-cost(&[-g[0], -g[1], -g[2]])?),
                ),
            ])),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the sign rule for wrong examples with eight classes",
            check: Check::new(marked(8), |case| signs(case, true)).enclosed(
                "C ≥ 0 for an example of eight classes, wrong by w, six of them d below the label",
                &[("w", 0.125, 4.0), ("d", 0.125, 8.0)],
                |x| cost(&[x[0], -x[1], -x[1], -x[1], -x[1], -x[1], -x[1]]),
            ),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-2-monotone.md"),
    }
}
