//! Section 5.2 and appendix F around Theorem 2: the lines of Eq. 21, the chain rule of Eq. 22, the signs and the dynamics.

use dashu::rational::RBig;
use ndarray::Array2;
use num_dual::{Dual64, DualNum};
use proptest::prelude::*;
use serde::Serialize;

use super::{
    classifier::{CHANNELS, Case, EXAMPLES, Logits, cases, logits},
    one_example::{ABOVE, BELOW, cost, slope},
};
use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement, strategies},
    cost::cross_entropy::{CrossEntropy, Terms, row},
    enclosure::{Dual, Field, Interval, Undefined, inner, sum},
    linalg::TestRatio,
};

const HYPOTHESES: &[&str] =
    &["as for Theorem 2", "a sum over n extends over the whole bracket that follows it, as written"];

/// How often the label's logit or weight is subtracted for one example, out of $N$ classes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Subtracted {
    /// Within the sum over $n$: $N$ times.
    EveryClass,
    Once,
    Never,
}

use Subtracted::{EveryClass, Never, Once};

impl Subtracted {
    fn times(self, case: &Case) -> f64 {
        match self {
            EveryClass => case.classes() as f64,
            Once => 1.0,
            Never => 0.0,
        }
    }
}

/// A line of Eq. 21 by its number.
fn line(case: &Case, number: usize, subtracted: Subtracted) -> f64 {
    let Ok(ce) = case.cross_entropy() else { return f64::NAN };
    let (p, y, pooled, times) = (ce.probabilities(), case.logits(), case.pooled(), subtracted.times(case));
    let (batch, classes) = (EXAMPLES as f64, case.classes());
    let weight = |c: usize, n: usize| case.weight[c * classes + n];
    // The bracket of lines 2 and 3.
    let bracket = |b: usize, c: usize| {
        (0..classes).map(|n| p[(b, n)] * weight(c, n)).sum::<f64>() - times * weight(c, case.labels[b])
    };
    let pixels = case.output.len() / (EXAMPLES * CHANNELS);
    let examples = 0..EXAMPLES;
    let places = || examples.clone().flat_map(|b| (0..CHANNELS).map(move |c| (b, c)));
    match number {
        1 => case.cost().map_or(f64::NAN, |cost| cost.value),
        2 => {
            let plane = |(b, c): (usize, usize)| {
                let start = (b * CHANNELS + c) * pixels;
                case.output[start..start + pixels].iter().map(|x| bracket(b, c) * x).sum::<f64>()
            };
            places().map(plane).sum::<f64>() / (batch * pixels as f64)
        }
        3 => places().map(|(b, c)| bracket(b, c) * pooled[(b, c)]).sum::<f64>() / batch,
        4 => examples.map(|b| p.row(b).dot(&y.row(b)) - times * y[(b, case.labels[b])]).sum::<f64>() / batch,
        5 => {
            let term = |b: usize| {
                let log = y.row(b).iter().map(|y| y.exp()).sum::<f64>().ln();
                (0..classes)
                    .map(|n| -y[(b, case.labels[b])].exp().ln() + p[(b, n)] * y[(b, n)] + log - log)
                    .sum::<f64>()
            };
            examples.map(term).sum::<f64>() / batch
        }
        6 => {
            let term = |b: usize| {
                let entropy = p.row(b).iter().filter(|p| **p > 0.0).map(|p| p * p.ln()).sum::<f64>();
                entropy - p[(b, case.labels[b])].ln()
            };
            examples.map(term).sum::<f64>() / batch
        }
        _ => ce.loss() - ce.entropy(),
    }
}

/// `left = right` for two lines.
fn lines(case: &Case, left: f64, right: f64) -> Measure {
    // Every line is a sum of products of magnitude `terms`, N times each; the logarithms add a logit more for each class and example.
    let classes = case.classes() as f64;
    let largest = case.logits().iter().fold(1.0f64, |m, y| m.max(y.abs()));
    let terms = classes * (case.terms() + EXAMPLES as f64 * classes * largest);
    Measure::equality(left, right, terms, case.output.len())
}

/// Logits of a few units, so that no logarithm of a probability underflows.
fn moderate() -> impl Strategy<Value = Case> + Send + Sync {
    cases().prop_map(|mut case| {
        case.weight.iter_mut().for_each(|w| *w /= 4.0);
        case
    })
}

fn check(measure: impl Fn(&Case) -> Measure + Send + Sync + 'static) -> Check {
    Check::new(moderate(), measure)
}

/// A claim that line `number` equals the line before it.
fn step(
    (id, source): (&'static str, &'static str),
    printed: Statement,
    corrected: Option<Statement>,
    control: Control,
    proof: &'static str,
) -> Claim {
    Claim { id, source, hypotheses: HYPOTHESES, printed, corrected, control: Some(control), proof }
}

fn equation_21() -> Vec<Claim> {
    let pair =
        |a: usize, b: usize| move |case: &Case| lines(case, line(case, a, EveryClass), line(case, b, EveryClass));
    vec![
        step(
            ("wiring.equation-21-line-2", "wiring, Eq. 21, second line, appendix F"),
            Statement::refuted(
                "Σ_{b,c,d} ∂L_θ/∂[X_4]_{b,c,d} [X_4]_{b,c,d} = 1/(BD) Σ_{b,c,d,n} [−w_{cn_b} + exp(Y_bn)/Σ_q exp(Y_bq) w_cn] [X_4]_{b,c,d}",
                check(pair(1, 2)),
            ),
            Some(Statement::holds(
                "… = 1/(BD) Σ_{b,c,d} [−w_{cn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) w_cn] [X_4]_{b,c,d}",
                check(|case| lines(case, line(case, 1, Once), line(case, 2, Once))),
            )),
            Control::new(
                "w_{cn_b} not subtracted",
                check(|case| lines(case, line(case, 1, Once), line(case, 2, Never))),
            ),
            include_str!("../../../proofs/wiring/equation-21-line-2.md"),
        ),
        step(
            ("wiring.equation-21-line-3", "wiring, Eq. 21, third line, appendix F"),
            Statement::holds(
                "… = 1/B Σ_{b,c,n} [−w_{cn_b} + exp(Y_bn)/Σ_q exp(Y_bq) w_cn] [X_p]_{b,c}, [X_p]_{b,c} = 1/D Σ_d [X_4]_{b,c,d}",
                check(pair(2, 3)),
            ),
            None,
            Control::new(
                "without the 1/D",
                check(|case| {
                    let pixels = (case.output.len() / (EXAMPLES * CHANNELS)) as f64;
                    lines(case, line(case, 2, EveryClass), pixels * line(case, 3, EveryClass))
                }),
            ),
            include_str!("../../../proofs/wiring/equation-21-line-3.md"),
        ),
        step(
            ("wiring.equation-21-line-4", "wiring, Eq. 21, fourth line, appendix F"),
            Statement::holds(
                "… = 1/B Σ_{b,n} [−Y_{bn_b} + exp(Y_bn)/Σ_q exp(Y_bq) Y_bn], Y_bn = Σ_c [X_p]_{b,c} w_cn",
                check(pair(3, 4)),
            ),
            None,
            Control::new("Y_{bn_b} once", check(|case| lines(case, line(case, 3, EveryClass), line(case, 4, Once)))),
            include_str!("../../../proofs/wiring/equation-21-line-4.md"),
        ),
        step(
            ("wiring.equation-21-line-5", "wiring, Eq. 21, fifth line, appendix F"),
            Statement::holds(
                "… = 1/B Σ_{b,n} [−log(exp(Y_{bn_b})) + exp(Y_bn)/Σ_q exp(Y_bq) Y_bn + log(Σ_q exp(Y_bq)) − log(Σ_q exp(Y_bq))]",
                check(pair(4, 5)),
            ),
            None,
            Control::new(
                "Y_{bn_b} once on the left",
                check(|case| lines(case, line(case, 4, Once), line(case, 5, Once))),
            ),
            include_str!("../../../proofs/wiring/equation-21-line-5.md"),
        ),
        step(
            ("wiring.equation-21-line-6", "wiring, Eq. 21, sixth line, appendix F"),
            Statement::refuted(
                "… = 1/B Σ_b [−log exp(Y_{bn_b})/Σ_q exp(Y_bq) + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) log exp(Y_bn)/Σ_q exp(Y_bq)]",
                check(pair(5, 6)),
            ),
            Some(Statement::holds(
                "1/B Σ_b [−Y_{bn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) Y_bn] equals it: the label's logit once an example",
                check(|case| lines(case, line(case, 4, Once), line(case, 6, Once))),
            )),
            Control::new(
                "the label's logit not at all",
                check(|case| lines(case, line(case, 4, Never), line(case, 6, Never))),
            ),
            include_str!("../../../proofs/wiring/equation-21-line-6.md"),
        ),
        step(
            ("wiring.equation-21-line-7", "wiring, Eq. 21, last line, appendix F"),
            Statement::holds("… = L_θ − H_θ, L_θ of Eq. 3 and H_θ the mean entropy of the outputs", check(pair(6, 7))),
            None,
            Control::new(
                "L_θ + H_θ",
                check(|case| {
                    let Ok(ce) = case.cross_entropy() else { return Measure::truth(false) };
                    lines(case, line(case, 6, Once), ce.loss() + ce.entropy())
                }),
            ),
            include_str!("../../../proofs/wiring/equation-21-line-7.md"),
        ),
        step(
            ("wiring.equation-21-loss", "wiring, below Eq. 21, appendix F"),
            Statement::refuted(
                "L_θ = −1/B log exp(Y_{bn_b})/Σ_q exp(Y_bq) is Eq. 3",
                check(|case| loss(case, |terms| terms[0].loss / EXAMPLES as f64)),
            ),
            Some(Statement::holds(
                "L_θ = −1/B Σ_b log exp(Y_{bn_b})/Σ_q exp(Y_bq)",
                check(|case| loss(case, |terms| terms.iter().map(|t| t.loss).sum::<f64>() / EXAMPLES as f64)),
            )),
            Control::new("the sum without 1/B", check(|case| loss(case, |terms| terms.iter().map(|t| t.loss).sum()))),
            include_str!("../../../proofs/wiring/equation-21-loss.md"),
        ),
    ]
}

fn loss(case: &Case, of: fn(&[Terms<f64>]) -> f64) -> Measure {
    let Ok(ce) = case.cross_entropy() else { return Measure::truth(false) };
    let literal = of(ce.terms());
    lines(case, literal, ce.loss())
}

/// Eq. 3, with the sum in place of the mean if `sum`.
fn equation_3() -> Claim {
    let measure = |sum: bool| {
        move |case: &Case| {
            let Ok(ce) = case.cross_entropy() else { return Measure::truth(false) };
            let y = case.logits();
            let term = |b: usize| y.row(b).iter().map(|y| y.exp()).sum::<f64>().ln() - y[(b, case.labels[b])];
            let total: f64 = (0..EXAMPLES).map(term).sum();
            lines(case, if sum { total } else { total / EXAMPLES as f64 }, ce.loss())
        }
    };
    Claim {
        id: "wiring.equation-3",
        source: "wiring, Eq. 3, section 2.2",
        hypotheses: &["the expectation over D is the mean over a batch, as Eq. 9 has it"],
        printed: Statement::defines("L_θ = E_{(x^b, y^b)∼D}[CE(g_θ(x^b), y^b)]", check(measure(false))),
        corrected: None,
        control: Some(Control::new("the sum in place of the mean", check(measure(true)))),
        proof: include_str!("../../../proofs/wiring/equation-3.md"),
    }
}

/// $\partial L/\partial[X_4]$ by dual numbers, one element after another.
fn slopes(case: &Case) -> Vec<f64> {
    let (classes, y) = (case.classes(), case.logits());
    let pixels = case.output.len() / (EXAMPLES * CHANNELS);
    let mut p = vec![Dual64::from(0.0); classes];
    (0..case.output.len())
        .map(|i| {
            let (b, c) = (i / (CHANNELS * pixels), i / pixels % CHANNELS);
            let dual: Vec<Dual64> =
                (0..classes).map(|n| Dual64::new(y[(b, n)], case.weight[c * classes + n] / pixels as f64)).collect();
            row(&dual, case.labels[b], &mut p).loss.eps / EXAMPLES as f64
        })
        .collect()
}

/// The closed form of Eq. 22 against the derivative; `share` of the 1/D.
fn derivative(case: &Case, subtracted: Subtracted, share: f64) -> Measure {
    let Ok(ce) = case.cross_entropy() else { return Measure::truth(false) };
    let (p, classes, times) = (ce.probabilities(), case.classes(), subtracted.times(case));
    let pixels = case.output.len() / (EXAMPLES * CHANNELS);
    let closed: Vec<f64> = (0..case.output.len())
        .map(|i| {
            let (b, c) = (i / (CHANNELS * pixels), i / pixels % CHANNELS);
            let weight = |n: usize| case.weight[c * classes + n];
            let sum: f64 = (0..classes).map(|n| p[(b, n)] * weight(n)).sum();
            (sum - times * weight(case.labels[b])) / (EXAMPLES as f64 * pixels as f64 * share)
        })
        .collect();
    let norm = case.weight.iter().map(|w| w * w).sum::<f64>().sqrt();
    let largest = case.logits().iter().fold(1.0f64, |m, y| m.max(y.abs()));
    Measure::vectors(&slopes(case), &closed, classes as f64 * norm * largest, classes)
}

fn equation_22() -> Claim {
    Claim {
        id: "wiring.equation-22",
        source: "wiring, Eq. 22, second line, appendix F",
        hypotheses: HYPOTHESES,
        printed: Statement::refuted(
            "∂L_θ/∂[X_4]_{b,c,d} = 1/(BD) Σ_n [−w_{cn_b} + exp(Y_bn)/Σ_q exp(Y_bq) w_cn]",
            check(|case| derivative(case, EveryClass, 1.0)),
        ),
        corrected: Some(Statement::holds(
            "∂L_θ/∂[X_4]_{b,c,d} = 1/(BD) [−w_{cn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) w_cn]",
            check(|case| derivative(case, Once, 1.0)),
        )),
        control: Some(Control::new(
            "1/B for 1/(BD)",
            check(|case| {
                let pixels = (case.output.len() / (EXAMPLES * CHANNELS)) as f64;
                derivative(case, Once, 1.0 / pixels)
            }),
        )),
        proof: include_str!("../../../proofs/wiring/equation-22.md"),
    }
}

fn equation_22_chain() -> Claim {
    let measure = |pooling: bool| {
        move |case: &Case| {
            let Ok(ce) = case.cross_entropy() else { return Measure::truth(false) };
            let (slope, classes) = (ce.gradient(), case.classes());
            let pixels = case.output.len() / (EXAMPLES * CHANNELS);
            let chain: Vec<f64> = (0..case.output.len())
                .map(|i| {
                    let (b, c) = (i / (CHANNELS * pixels), i / pixels % CHANNELS);
                    let through: f64 = (0..classes).map(|n| slope[(b, n)] * case.weight[c * classes + n]).sum();
                    if pooling { through / pixels as f64 } else { through }
                })
                .collect();
            let norm = case.weight.iter().map(|w| w * w).sum::<f64>().sqrt();
            let largest = case.logits().iter().fold(1.0f64, |m, y| m.max(y.abs()));
            Measure::vectors(&slopes(case), &chain, classes as f64 * norm * largest, classes)
        }
    };
    Claim {
        id: "wiring.equation-22-chain",
        source: "wiring, Eq. 22, first line, appendix F",
        hypotheses: &["as for Theorem 2"],
        printed: Statement::holds(
            "∂L_θ/∂[X_4]_{b,c,d} = Σ_n ∂L_θ/∂Y_bn ∂Y_bn/∂[X_p]_{b,c} ∂[X_p]_{b,c}/∂[X_4]_{b,c,d}",
            check(measure(true)),
        ),
        corrected: None,
        control: Some(Control::new("the pooling's factor left out", check(measure(false)))),
        proof: include_str!("../../../proofs/wiring/equation-22-chain.md"),
    }
}

/// Loss and cost of one example of two classes whose label's logit is `margin` above the other.
fn two_classes(margin: f64) -> Terms<f64> {
    row(&[margin, 0.0], 0, &mut [0.0; 2])
}

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

/// Two margins in eighths.
#[derive(Debug, Clone, Serialize)]
struct Margins {
    smaller: f64,
    larger: f64,
    /// Whether both lie on the side of large losses.
    high_loss: bool,
}

/// Two margins, the smaller first, both from `high_loss` or both from `low_loss`, ranges with both ends.
fn margins(high_loss: [i32; 2], low_loss: [i32; 2]) -> impl Strategy<Value = Margins> + Send + Sync {
    any::<bool>().prop_flat_map(move |is_high| {
        let [low, high] = if is_high { high_loss } else { low_loss };
        (low..high).prop_flat_map(move |smaller| (Just(smaller), smaller + 1..=high)).prop_map(move |(a, b)| Margins {
            smaller: f64::from(a) / 8.0,
            larger: f64::from(b) / 8.0,
            high_loss: is_high,
        })
    })
}

/// The minimum of $-d/(1+e^d)$: $(d^\ast-1)e^{d^\ast}=1$, $d^\ast\approx1.2785$, lies between 10/8 and 11/8.
const HIGH_LOSS: [i32; 2] = [-64, 10];
const LOW_LOSS: [i32; 2] = [11, 128];
/// Margins that 2 in place of $d^\ast$ puts on the wrong side.
const MISTAKEN: [i32; 2] = [11, 16];

/// The larger loss has the larger cost where losses are large, the smaller cost where they are small.
fn by_side(case: &Margins) -> Measure {
    let (a, b) = (two_classes(case.smaller), two_classes(case.larger));
    Measure::truth(a.loss > b.loss && (a.cost > b.cost) == case.high_loss)
        .with_vector("losses", &[a.loss, b.loss])
        .with_vector("costs", &[a.cost, b.cost])
}

fn theorem_2_loss() -> Claim {
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

fn trend() -> Claim {
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

/// Two networks, their logits and how these and the probability of the first move in time.
#[derive(Debug, Clone, Serialize)]
struct Moving {
    logits: [Vec<f64>; 2],
    speeds: [Vec<f64>; 2],
    label: usize,
    odds: f64,
    drift: f64,
}

fn moving() -> impl Strategy<Value = Moving> + Send + Sync {
    let four = || strategies::integers(4);
    ([four(), four()], [four(), four()], 0usize..4, strategies::integer(), strategies::integer())
        .prop_map(|(logits, speeds, label, odds, drift)| Moving { logits, speeds, label, odds, drift })
}

/// $\dot C=\dot L-\dot H$ with the expectation over $\alpha$; the entropy's $\alpha$ does not move if `frozen`.
fn rates(case: &Moving, frozen: bool) -> Measure {
    let odds = Dual64::new(case.odds, case.drift);
    let share = ((-odds).exp() + 1.0).recip();
    let still = Dual64::from(share.re);
    let of = |i: usize| {
        let dual: Vec<Dual64> = case.logits[i].iter().zip(&case.speeds[i]).map(|(&y, &v)| Dual64::new(y, v)).collect();
        row(&dual, case.label, &mut [Dual64::from(0.0); 4])
    };
    let (a, b) = (of(0), of(1));
    let mean = |x: Dual64, y: Dual64, share: Dual64| (x * share + y * (-share + 1.0)).eps;
    let cost = mean(a.cost, b.cost, share);
    let loss = mean(a.loss, b.loss, share);
    let entropy = mean(a.entropy, b.entropy, if frozen { still } else { share });
    let size: f64 = case.logits.iter().chain(&case.speeds).flatten().map(|x| x.abs() + 1.0).product::<f64>().min(1e4);
    // A rate that is zero up to rounding has no sign.
    let sign = (cost < 0.0) == (loss < entropy) || TestRatio::identity(cost, 0.0, size, 8).passes();
    Measure::equality(cost, loss - entropy, size, 8).and(Measure::truth(sign))
}

/// The same identity in fractions: any positive integer stands for $e^Y$ and any rational for $\ln\sum e^Y$, with the slopes that the chain rule gives them.
fn exact_rates(case: &Moving, frozen: bool) -> Result<Exactly, Undefined> {
    let dual = |value: f64, slope: f64| Ok(Dual { value: RBig::number(value)?, slope: RBig::number(slope)? });
    let network = |i: usize| {
        let pairs = case.logits[i].iter().zip(&case.speeds[i]);
        let y = pairs.map(|(&y, &v)| dual(y, v)).collect::<Result<Vec<_>, Undefined>>()?;
        // e^Y moves by e^Y Ẏ.
        let exponential = |(k, y): (usize, &Dual<RBig>)| {
            let value = RBig::integer(1 + ((k as i32 + 2) * (i as i32 + 3)) % 7);
            Dual { slope: &value * &y.slope, value }
        };
        let e: Vec<Dual<RBig>> = y.iter().enumerate().map(exponential).collect();
        let total = sum(e.iter().cloned());
        let log = Dual { value: RBig::integer(5), slope: total.slope.over(&total.value)? };
        let p = e.iter().map(|e| e.over(&total)).collect::<Result<Vec<_>, _>>()?;
        let mean = inner(&p, &y);
        let label = y[case.label].clone();
        Ok([mean.clone() - label.clone(), log.clone() - label, log - mean])
    };
    let ([c, l, h], [c_other, l_other, h_other]) = (network(0)?, network(1)?);
    // σ(α) is some number between 0 and 1, and moves by σ(1 − σ)α̇.
    let share = RBig::ONE.over(&RBig::from(2 + case.label as i32))?;
    let drift = &share * (RBig::ONE - &share) * RBig::number(case.drift)?;
    let moves = Dual { value: share.clone(), slope: drift };
    let still = Dual::constant(share);
    let mean = |a: Dual<RBig>, b: Dual<RBig>, share: &Dual<RBig>| {
        (a * share.clone() + b * (Dual::constant(RBig::ONE) - share.clone())).slope
    };
    let entropy = mean(h, h_other, if frozen { &still } else { &moves });
    Ok(Exactly::equal(&mean(c, c_other, &moves), &(mean(l, l_other, &moves) - entropy)))
}

fn dynamics() -> Claim {
    const OVER: &str = "the display as fractions: integers for Y and its speed, any positive ones for e^Y";
    Claim {
        id: "wiring.section-5.2-dynamics",
        source: "wiring, the display after Eq. 9 and the sentence below it, section 5.2",
        hypotheses: &["as for Theorem 2", "logits and the distribution of architectures move smoothly in time, both"],
        printed: Statement::holds(
            "∂C_sum(t)/∂t = ∂E_α[C_Z(t)]/∂t = ∂E_α[L_θ(t)]/∂t − ∂E_α[H_θ(t)]/∂t; the cost sum in one batch decreases locally if ∂E_α[L_θ(t)]/∂t < ∂E_α[H_θ(t)]/∂t and increases locally if >",
            Check::new(moving(), |case| rates(case, false)).exactly(OVER, moving(), |case| exact_rates(case, false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "α held fixed in the entropy's expectation",
            Check::new(moving(), |case| rates(case, true)).exactly(OVER, moving(), |case| exact_rates(case, true)),
        )),
        proof: include_str!("../../../proofs/wiring/section-5.2-dynamics.md"),
    }
}

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

fn high_inequality() -> Claim {
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

/// Two standard deviations in eighths.
#[derive(Debug, Clone, Serialize)]
struct Deviations {
    first: f64,
    second: f64,
}

/// $\mathbb E[f(\tau u)]$ for standard normal $u$, and of $|f|$, by the trapezoidal rule, which converges like $e^{-2\pi^2/h^2}$.
fn normal_mean(deviation: f64, f: impl Fn(f64) -> f64) -> (f64, f64) {
    const STEP: f64 = 1.0 / 8.0;
    let weight = |u: f64| (-u * u / 2.0).exp() * STEP / (2.0 * std::f64::consts::PI).sqrt();
    let nodes = || (-112i32..=112).map(|i| f64::from(i) * STEP);
    let sum = |g: &dyn Fn(f64) -> f64| nodes().map(|u| weight(u) * g(deviation * u)).sum::<f64>();
    (sum(&f), sum(&|y| f(y).abs()))
}

/// $y(e^y-e^{-y})=2y^2\cosh\xi$ with $\xi$ between 0 and $y$.
fn paired(y: Interval) -> Result<Interval, Undefined> {
    let between = Interval::new(y.lower().min(0.0), y.upper().max(0.0))?;
    Ok(y.square() * (between.exp() + (-between).exp()))
}

fn low_expectation() -> Claim {
    let strategy =
        || (strategies::fraction(), strategies::fraction()).prop_map(|(first, second)| Deviations { first, second });
    let measure = |sign: f64| {
        move |case: &Deviations| {
            let (first, size) = normal_mean(case.first, |y| y * (sign * y).exp());
            let (second, other) = normal_mean(case.second, f64::exp);
            let closed = case.first.powi(2) * (0.5 * (case.first.powi(2) + case.second.powi(2))).exp();
            Measure::truth(first * second > 0.0).with("expectation", first * second).and(Measure::equality(
                first * second,
                closed,
                size * other,
                226,
            ))
        }
    };
    Claim {
        id: "wiring.theorem-2-low-expectation",
        source: "wiring, 'since E_{y1,y2}[…] > 0', proof of Theorem 2, section 5.2 and appendix F",
        hypotheses: &["y1 and y2 independent, normal, centred, of any positive variances"],
        printed: Statement::holds(
            "E_{y1,y2∼N(0,·)}[y1 exp(y1 + y2)] > 0",
            Check::new(strategy(), measure(1.0)).enclosed(
                "y (e^y − e^−y) ≥ 0, the integrand at y and −y taken together",
                &[("y", 0.0, 64.0)],
                |y| paired(y[0]),
            ),
        ),
        corrected: None,
        control: Some(Control::new(
            "exp(−y1 + y2)",
            Check::new(strategy(), measure(-1.0))
                .enclosed("y (e^−y − e^y) ≥ 0", &[("y", 0.0, 64.0)], |y| Ok(-paired(y[0])?)),
        )),
        proof: include_str!("../../../proofs/wiring/theorem-2-low-expectation.md"),
    }
}

/// Channels and the variances of features and weights.
#[derive(Debug, Clone, Serialize)]
struct Products {
    channels: u32,
    features: f64,
    weights: f64,
}

/// Second and fourth moment of $\sum_cx_cw_c$ for independent centred normal factors, channel by channel; `fourth` that of one product over
/// the square of its second.
fn moments<F: Field>(case: &Products, fourth: i32) -> Result<(F, F), Undefined> {
    let second = F::number(case.features)? * F::number(case.weights)?;
    Ok((0..case.channels).fold((F::zero(), F::zero()), |(m2, m4), _| {
        let mixed = F::integer(6) * m2.clone() * second.clone();
        (m2 + second.clone(), m4 + mixed + F::integer(fourth) * second.squared())
    }))
}

/// $3(1+2/C)$, or 3 where the limit is meant.
fn kurtosis<F: Field>(case: &Products, limit: bool) -> Result<F, Undefined> {
    let excess = if limit { F::zero() } else { F::integer(2).over(&F::integer(case.channels as i32))? };
    Ok(F::integer(3) * (F::one() + excess))
}

fn normal_logits() -> Claim {
    let strategy =
        || {
            (1u32..=16, strategies::fraction(), strategies::fraction())
                .prop_map(|(channels, features, weights)| Products { channels, features, weights })
        };
    let check = |fourth: i32, limit: bool| {
        let sampled = move |case: &Products| {
            let (Ok((m2, m4)), Ok(expected)) = (moments::<f64>(case, fourth), kurtosis::<f64>(case, limit)) else {
                return Measure::truth(false);
            };
            Measure::equality(m4 / (m2 * m2), expected, expected, 4 * case.channels as usize)
                .with("fourth_moment_over_square_of_second", m4 / (m2 * m2))
        };
        let exact = move |case: &Products| {
            let (m2, m4) = moments::<RBig>(case, fourth)?;
            Ok(Exactly::equal(&m4.over(&m2.squared())?, &kurtosis(case, limit)?))
        };
        Check::new(strategy(), sampled).exactly(
            "the moments as fractions: up to 16 channels, variances in eighths",
            strategy(),
            exact,
        )
    };
    // E x⁴ E w⁴ = 3 · 3.
    Claim {
        id: "wiring.appendix-f-normal-logits",
        source: "wiring, below Fig. 23, appendix F",
        hypotheses: &["[X_p]_{b,c} and w_{c,n} independent, normal and centred, C channels"],
        printed: Statement::refuted(
            "With [X_p]_{b,c} ∼ N(0,·), w_{c,n} ∼ N(0,·) at the initialization point, we have y1, y2 ∼ N(0,·)",
            check(9, true),
        ),
        corrected: Some(Statement::holds(
            "the logits have E[y⁴] = 3(1 + 2/C) E[y²]²: normal only as C → ∞, or given the features",
            check(9, false),
        )),
        control: Some(Control::new("one product as if it were normal, fourth moment 3", check(3, false))),
        proof: include_str!("../../../proofs/wiring/appendix-f-normal-logits.md"),
    }
}

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![equation_3(), theorem_2_loss(), low_expectation(), high_inequality(), dynamics(), trend()];
    claims.extend(equation_21());
    claims.extend([equation_22_chain(), equation_22(), normal_logits()]);
    claims
}
