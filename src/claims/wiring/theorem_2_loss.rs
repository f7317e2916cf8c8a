#![doc = include_str!("../../../proofs/wiring/theorem-2-loss.md")]

use proptest::prelude::*;
use serde::Serialize;

use super::{
    classifier::{EXAMPLES, Logits, logits},
    margins::{HIGH_LOSS, LOW_LOSS, MISTAKEN, Margins, margins, two_classes},
    one_example::{ABOVE, BELOW, slope},
};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// Two batches of one size.
#[derive(Debug, Clone, Serialize)]
struct Pair {
    first: Logits,
    second: Logits,
}

fn batches() -> impl Strategy<Value = Pair> + Send + Sync {
    (0..=EXAMPLES, 0..=EXAMPLES)
        .prop_flat_map(|(a, b)| (logits(3, a), logits(3, b)))
        .prop_map(|(first, second)| Pair { first, second })
}

/// The larger loss has the larger cost where losses are large, the smaller cost where they are small.
fn by_side(case: &Margins) -> Measure {
    let (a, b) = (two_classes(case.smaller), two_classes(case.larger));
    Measure::truth(a.loss > b.loss && (a.cost > b.cost) == case.high_loss)
        .with_vector("losses", &[a.loss, b.loss])
        .with_vector("costs", &[a.cost, b.cost])
}

/// Cost and loss.
pub fn claim() -> Claim {
    let printed = |case: &Pair| {
        let (Ok(a), Ok(b)) = (case.first.cross_entropy(), case.second.cross_entropy()) else {
            return Measure::truth(false);
        };
        let (high, low) = if a.loss() >= b.loss() { (a, b) } else { (b, a) };
        Measure::at_most(low.cost(), high.cost(), high.loss() + high.entropy() + 1.0, 64)
            .with_vector("losses", &[high.loss(), low.loss()])
            .with_vector("costs", &[high.cost(), low.cost()])
    };
    Claim {
        id: "wiring.theorem-2-loss",
        source: "wiring, proof of Theorem 2, section 5.2 and appendix F",
        hypotheses: &[
            "as for Theorem 2",
            "read as: of two states of a network, the one with the larger loss has the larger cost",
        ],
        printed: Statement::refuted(
            "Obviously, the cost sum is positively correlated to the loss",
            Check::all(vec![
                Check::new(margins(HIGH_LOSS, LOW_LOSS), |case| {
                    let (a, b) = (two_classes(case.smaller), two_classes(case.larger));
                    Measure::truth(a.cost > b.cost)
                        .with_vector("losses", &[a.loss, b.loss])
                        .with_vector("costs", &[a.cost, b.cost])
                }),
                Check::new(batches(), printed),
            ]),
        ),
        corrected: Some(Statement::holds(
            "for one example of two classes with margin d the cost −d/(1 + e^d) rises with the loss exactly while d < d*, (d* − 1)e^{d*} = 1, that is while the loss is above 0.246; below, it falls as the loss rises",
            Check::new(margins(HIGH_LOSS, LOW_LOSS), by_side)
                .enclosed("dC/dd ≤ 0", BELOW, |d| Ok(-slope(d[0])?))
                .enclosed("dC/dd ≥ 0", ABOVE, |d| slope(d[0])),
        )),
        control: Some(Control::new(
            "2 for d*",
            Check::new(margins(MISTAKEN, LOW_LOSS), by_side)
                .enclosed("dC/dd ≤ 0", &[("d", -64.0, 2.0)], |d| Ok(-slope(d[0])?)),
        )),
        proof: include_str!("../../../proofs/wiring/theorem-2-loss.md"),
    }
}
