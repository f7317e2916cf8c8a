#![doc = include_str!("../../../proofs/wiring/theorem-2-low.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{
    classifier::{Case, cases},
    one_example::cost,
};
use crate::{
    claims::{Check, Claim, Control, Decision, Exactly, Measure, Statement, Verdict},
    enclosure::{Field, Interval, Undefined, inner, sum},
    linalg::TestRatio,
};

/// The cost, averaged over the cyclic shifts of the classes in the classifier. All shifts are equally likely at initialisation,
/// so the expectation over $\theta_0$ is that of the average over all $N$.
fn averaged(case: &Case) -> Result<(f64, bool), Undefined> {
    let classes = case.classes();
    let sum = (0..classes).try_fold(0.0, |sum, shift| Ok(sum + case.shifted(shift).cost::<f64>()?))?;
    let distinct = case.logits::<f64>(&case.output)?.iter().any(|row| row.iter().any(|&y| y != row[0]));
    // Below 0 only by rounding; above 0 when any example has two different logits.
    Ok((sum / classes as f64, distinct))
}

/// The cost at every one of these initialisations by itself, in place of their average: the least of them.
fn every_single(case: &Case) -> Measure {
    let single = |shift: usize| case.shifted(shift).cost().unwrap_or(f64::NAN);
    let least = (0..case.classes()).map(single).fold(f64::INFINITY, f64::min);
    Measure::at_most(0.0, least, case.terms(), case.output.len()).with("least_cost", least)
}

/// $\mathbb E_{\theta_0}[C_Z]>0$.
fn positive(case: &Case) -> Measure {
    let Ok((mean, distinct)) = averaged(case) else {
        return Measure::ratio(TestRatio(f64::NAN));
    };
    if distinct && mean <= 0.0 {
        return Measure::ratio(TestRatio(f64::INFINITY)).with("mean_cost", mean);
    }
    Measure::at_most(0.0, mean, case.terms(), case.output.len()).with("mean_cost", mean)
}

/// The reason given: $\mathbb E[y_1e^{y_1+y_2}]>0$ for independent centred normal $y_1$, $y_2$, by pairing $y_1$ with $-y_1$.
fn reason(case: &Case) -> Measure {
    let Ok(logits) = case.logits::<f64>(&case.output) else { return Measure::truth(false) };
    let pairs: Vec<f64> = logits.iter().flatten().map(|&y| 0.5 * y * (y.exp() - (-y).exp())).collect();
    Measure::ratio(TestRatio(if pairs.iter().all(|&x| x >= 0.0) { 0.0 } else { f64::INFINITY }))
        .with_vector("pairs", &pairs)
}

/// The logits of one example, and what stands for their exponentials.
#[derive(Debug, Clone, Serialize)]
struct Symbols {
    logits: Vec<i32>,
    exponentials: Vec<i32>,
}

fn symbols() -> impl Strategy<Value = Symbols> + Send + Sync {
    (2usize..=6).prop_flat_map(|n| {
        (vec(-50i32..=50, n), vec(1i32..=50, n)).prop_map(|(logits, exponentials)| Symbols { logits, exponentials })
    })
}

/// $\frac1N\sum_l\sum_np_n(Y_n-Y_l)=\frac1{N\sum_qE_q}\sum_{n<m}(E_n-E_m)(Y_n-Y_m)$, the average over the labels or, if `single`, one of them.
fn pairs(case: &Symbols, single: bool) -> Result<Exactly, Undefined> {
    let lift = |v: &[i32]| v.iter().map(|&k| RBig::integer(k)).collect::<Vec<RBig>>();
    let (y, e) = (lift(&case.logits), lift(&case.exponentials));
    let (n, total) = (y.len(), sum(e.iter().cloned()));
    let mean = inner(&e, &y).over(&total)?;
    let labels = if single { 1 } else { n };
    let average = sum(y[..labels].iter().map(|label| &mean - label)).over(&RBig::integer(labels as i32))?;
    let products = (0..n).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| (&e[a] - &e[b]) * (&y[a] - &y[b]));
    let right = sum(products).over(&(RBig::integer(n as i32) * total))?;
    Ok(Exactly::equal(&average, &right))
}

/// $(e^y-1)\,y=y^2e^\xi$ with $\xi$ between 0 and $y$.
fn pair(y: Interval) -> Result<Interval, Undefined> {
    Ok(y.square() * Interval::new(y.lower().min(0.0), y.upper().max(0.0))?.exp())
}

/// Theorem 2, third sentence, first half: the sign at initialisation.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-2-low",
        source: "wiring, Theorem 2, section 5.2; appendix F, 'Positive at low accuracy'",
        hypotheses: &[
            "as for Theorem 2",
            "low accuracy is that of an initialisation θ_0: the classifier's weights are independent of features and labels, and exchangeable over the classes (independent normal ones are)",
            "E_θ0[C_Z > 0] means E_θ0[C_Z] > 0",
            "some example has two different logits",
        ],
        printed: Statement {
            text: "It tends to be positive at low accuracy: E_θ0[C_Z > 0], since E_{y1,y2∼N(0,·)}[y1 exp(y1 + y2)] > 0",
            decision: Decision::Assertion(
                Check::new(cases(), |case| positive(case).and(reason(case)))
                    .exactly(
                        "the average over the labels as a sum over pairs of classes, e^Y any positive integers",
                        symbols(),
                        |case| pairs(case, false),
                    )
                    .enclosed("(e^y − 1) y ≥ 0 for each pair of classes", &[("y", -64.0, 64.0)], |y| pair(y[0])),
            ),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "every single initialisation in place of the average",
            check: Check::new(cases(), every_single)
                .exactly("one label in place of all", symbols(), |case| pairs(case, true))
                .enclosed("C ≥ 0 for one example of two classes", &[("d", -64.0, 64.0)], cost),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-2-low.md"),
    }
}
