#![doc = include_str!("../../../proofs/wiring/theorem-2-low.md")]

use ndarray::Axis;

use super::classifier::{CHANNELS, Case, cases};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    linalg::TestRatio,
};

/// The cost, averaged over the first `shifts` cyclic shifts of the classes in the classifier. All shifts are equally likely at initialisation,
/// so the expectation over $\theta_0$ is that of the average over all $N$.
fn averaged(case: &Case, shifts: usize) -> Option<(f64, f64)> {
    let classes = case.classes();
    let mut sum = 0.0;
    for shift in 0..shifts {
        let mut shifted = case.clone();
        for c in 0..CHANNELS {
            shifted.weight[c * classes..(c + 1) * classes].rotate_left(shift);
        }
        sum += shifted.cost().ok()?.value;
    }
    let logits = case.logits();
    let distinct = logits.axis_iter(Axis(0)).any(|row| row.iter().any(|&y| y != row[0]));
    // Below 0 only by rounding; above 0 when any example has two different logits.
    Some((sum / shifts as f64, if distinct { 1.0 } else { 0.0 }))
}

/// The cost at every one of these initialisations by itself, in place of their average: the least of them.
fn every_single(case: &Case) -> Measure {
    let single = |shift: usize| {
        let mut shifted = case.clone();
        let classes = case.classes();
        for c in 0..CHANNELS {
            shifted.weight[c * classes..(c + 1) * classes].rotate_left(shift);
        }
        averaged(&shifted, 1).map_or(f64::NAN, |(cost, _)| cost)
    };
    let least = (0..case.classes()).map(single).fold(f64::INFINITY, f64::min);
    Measure::at_most(0.0, least, case.terms(), case.output.len()).with("least_cost", least)
}

/// $\mathbb E_{\theta_0}[C_Z]>0$.
fn positive(case: &Case) -> Measure {
    let Some((mean, distinct)) = averaged(case, case.classes()) else {
        return Measure::ratio(TestRatio(f64::NAN));
    };
    if distinct > 0.0 && mean <= 0.0 {
        return Measure::ratio(TestRatio(f64::INFINITY)).with("mean_cost", mean);
    }
    Measure::at_most(0.0, mean, case.terms(), case.output.len()).with("mean_cost", mean)
}

/// The reason given: $\mathbb E[y_1e^{y_1+y_2}]>0$ for independent centred normal $y_1$, $y_2$, by pairing $y_1$ with $-y_1$.
fn reason(case: &Case) -> Measure {
    let logits = case.logits();
    let pairs: Vec<f64> = logits.iter().map(|&y| 0.5 * y * (y.exp() - (-y).exp())).collect();
    Measure::ratio(TestRatio(if pairs.iter().all(|&x| x >= 0.0) { 0.0 } else { f64::INFINITY }))
        .with_vector("pairs", &pairs)
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
            decision: Decision::Assertion(Check::new(cases(), |case| positive(case).and(reason(case)))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "every single initialisation in place of the average",
            check: Check::new(cases(), every_single),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-2-low.md"),
    }
}
