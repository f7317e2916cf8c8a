//! Remarks 1 and 3 and appendix G: what a given course of the cost does to the probability of an operation.
//!
//! An edge with None (cost 0) and one operation of cost $C(t)$, its $\alpha$ following the gradient of Eq. 4 through a softmax. With
//! $\Delta=\alpha_o-\alpha_{none}$ and $p=\sigma(\Delta)$, $\dot\alpha_o=-p(1-p)C$ and $\dot\alpha_{none}=p(1-p)C$, so
//! $\dot\Delta=-2p(1-p)C$. Since $1/(p(1-p))=2+2\cosh\Delta$,
//! $$2\Delta+2\sinh\Delta=\text{const}-2\int_0^tC .$$
//! The left side is increasing in $\Delta$: at any time the area under the cost alone decides how probable the operation is.

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::claims::{Check, Claim, Control, Exactly, Measure, Statement, strategies};

/// A cost that is constant on pieces of time.
#[derive(Debug, Clone, Serialize)]
struct Course {
    /// The length of each piece.
    lengths: Vec<f64>,
    /// The cost on it.
    costs: Vec<f64>,
}

impl Course {
    fn area(&self) -> f64 {
        self.lengths.iter().zip(&self.costs).map(|(t, c)| t * c).sum()
    }

    /// $p$ at the end of every piece, from $p=\frac12$, by Runge-Kutta on $\dot\Delta=-2p(1-p)C$, of order 4 with steps of at most 1/64.
    fn probabilities(&self) -> Vec<f64> {
        let mut delta = 0.0f64;
        let rate = |delta: f64, cost: f64| -cost / (1.0 + delta.cosh());
        self.lengths
            .iter()
            .zip(&self.costs)
            .map(|(length, &cost)| {
                let steps = (64.0 * length * (1.0 + cost.abs())).ceil().max(1.0);
                let h = length / steps;
                for _ in 0..steps as usize {
                    let a = rate(delta, cost);
                    let b = rate(delta + 0.5 * h * a, cost);
                    let c = rate(delta + 0.5 * h * b, cost);
                    let d = rate(delta + h * c, cost);
                    delta += h / 6.0 * (a + 2.0 * b + 2.0 * c + d);
                }
                1.0 / (1.0 + (-delta).exp())
            })
            .collect()
    }
}

/// Lengths and costs in units of their own; half units keep areas away from 0 where `odd`.
fn pieces(count: usize) -> impl Strategy<Value = Vec<(f64, f64)>> + Clone + Send + Sync {
    vec(((1u8..=4).prop_map(f64::from), (1u8..=4).prop_map(f64::from)), count)
}

/// Positive first, negative from some time on, as Theorem 2 has it; the area is not 0.
fn consistent() -> impl Strategy<Value = Course> + Send + Sync {
    (1usize..=3, 1usize..=3).prop_flat_map(|(a, b)| (pieces(a), pieces(b))).prop_map(|(positive, negative)| {
        let all: Vec<(f64, f64)> = positive.into_iter().chain(negative.into_iter().map(|(t, c)| (t, -c))).collect();
        let (lengths, costs): (Vec<f64>, Vec<f64>) = all.into_iter().unzip();
        let mut course = Course { lengths, costs };
        if course.area() == 0.0 {
            course.costs[0] += 1.0;
        }
        course
    })
}

fn last(p: &[f64]) -> f64 {
    p.last().copied().unwrap_or(f64::NAN)
}

fn remark_1() -> Claim {
    let recovered = |case: &Course| last(&case.probabilities()) > 0.5;
    let shown = |measure: Measure, case: &Course| {
        measure.with("area_under_the_cost", case.area()).with("final_probability", last(&case.probabilities()))
    };
    Claim {
        id: "wiring.remark-1",
        source: "wiring, Remark 1, section 5.2",
        hypotheses: &[
            "an edge with None and one operation, equally probable at first; α follows the gradient of Eq. 4",
            "the cost is positive at first and negative from some time on, to the end of the search",
            "P1: the edge is dropped at first and finally recovers, that is, None is not the more probable one",
        ],
        printed: Statement::refuted(
            "If cost at all edges are consistent with Thm.2, eventually the growing tendency (P1) occurs",
            Check::new(consistent(), move |case| shown(Measure::truth(recovered(case)), case)),
        ),
        corrected: Some(Statement::holds(
            "the edge is dropped at first; it becomes more probable from the time on at which the cost is negative; it recovers exactly when the area under the cost, ∫C dt, has become negative",
            Check::new(consistent(), move |case| {
                let p = case.probabilities();
                let monotone = p.windows(2).zip(&case.costs[1..]).all(|(p, &c)| (p[1] > p[0]) == (c < 0.0));
                shown(Measure::truth(p[0] < 0.5 && monotone && recovered(case) == (case.area() < 0.0)), case)
            }),
        )),
        control: Some(Control::new(
            "recovery judged by whether the cost is negative longer than it was positive",
            Check::new(consistent(), move |case| {
                let time: f64 = case.lengths.iter().zip(&case.costs).map(|(t, c)| t * c.signum()).sum();
                Measure::truth(recovered(case) == (time < 0.0))
            }),
        )),
        proof: include_str!("../../../proofs/wiring/remark-1.md"),
    }
}

/// Positive all the time, or until its last piece only.
fn held_out(always: bool) -> impl Strategy<Value = Course> + Send + Sync {
    pieces(3).prop_map(move |pieces| {
        let (lengths, mut costs): (Vec<f64>, Vec<f64>) = pieces.into_iter().unzip();
        if !always {
            // Long and large enough to make up for what was before.
            costs[2] = -64.0;
        }
        Course { lengths, costs }
    })
}

fn remark_4_failure() -> Claim {
    let never = |case: &Course| {
        let p = case.probabilities();
        Measure::truth(p[0] < 0.5 && p.windows(2).all(|p| p[1] < p[0])).with_vector("probabilities", &p)
    };
    Claim {
        id: "wiring.remark-4-failure",
        source: "wiring, Remark 4, second sentence, section 5.4",
        hypotheses: &[
            "as for remark-1, the cost on held-out data positive at every time",
            "P3: the edge is dropped at first and never recovers; its probability falls to the end",
        ],
        printed: Statement::holds(
            "Hereby catastrophic failures (P3) occur in bi-level optimization",
            Check::new(held_out(true), never),
        ),
        corrected: None,
        control: Some(Control::new("a cost that turns negative at last", Check::new(held_out(false), never))),
        proof: include_str!("../../../proofs/wiring/remark-4-failure.md"),
    }
}

/// Two edges into one node: the cost of the intermediate one is the other's plus something.
#[derive(Debug, Clone, Serialize)]
struct Edges {
    input: Course,
    intermediate: Course,
}

/// The intermediate edge costs more at all times (`always`), or more at the end only and less before.
fn higher(always: bool) -> impl Strategy<Value = Edges> + Send + Sync {
    (consistent(), vec((1u8..=3).prop_map(f64::from), 6)).prop_map(move |(input, more)| {
        let end = input.costs.len() - 1;
        let costs = input
            .costs
            .iter()
            .zip(more)
            .enumerate()
            .map(|(i, (c, more))| if always || i == end { c + more } else { c - more })
            .collect();
        let intermediate = Course { lengths: input.lengths.clone(), costs };
        Edges { input, intermediate }
    })
}

fn remark_3() -> Claim {
    let later = |case: &Edges| {
        let (input, between) = (case.input.probabilities(), case.intermediate.probabilities());
        let behind = input.iter().zip(&between).all(|(a, b)| b < a);
        Measure::truth(behind).with_vector("input_edge", &input).with_vector("intermediate_edge", &between)
    };
    Claim {
        id: "wiring.remark-3",
        source: "wiring, Remark 3 and the paragraph before it, section 5.3",
        hypotheses: &[
            "as for remark-1",
            "Remark 2 at every time: the cost at the intermediate edge is higher than at the input edge into the same node",
            "width preference: at every time the intermediate edge is the less probable one, so it recovers later or not at all",
        ],
        printed: Statement::holds(
            "In 𝒜, with Remark 1&2, the width preference (P2) occurs during the wiring evolution, even though sometimes intermediate edges finally recover",
            Check::new(higher(true), later),
        ),
        corrected: None,
        control: Some(Control::new("higher at the end only", Check::new(higher(false), later))),
        proof: include_str!("../../../proofs/wiring/remark-3.md"),
    }
}

/// The costs of the edges into one node at one time.
#[derive(Debug, Clone, Serialize)]
struct Moment {
    inputs: Vec<f64>,
    intermediate: f64,
}

fn positive() -> Claim {
    let above = || (1u8..=3).prop_map(|more| f64::from(more) / 4.0);
    let highest = (vec(strategies::integer(), 2), above()).prop_map(|(inputs, more)| {
        let intermediate = inputs.iter().copied().fold(f64::MIN, f64::max) + more;
        Moment { inputs, intermediate }
    });
    // One positive cost, and one that makes up for it: most of these decide.
    let average = ((1u8..=4).prop_map(f64::from), (0u8..=4).prop_map(f64::from), above())
        .prop_map(|(cost, below, more)| Moment { inputs: vec![cost, -cost - below], intermediate: more - below / 2.0 });
    let included = |case: &Moment| {
        let any = case.intermediate > 0.0 || case.inputs.iter().any(|&c| c > 0.0);
        Ok(Exactly::truth(!any || case.intermediate > 0.0))
    };
    const OVER: &str = "costs in quarters, compared as they are";
    Claim {
        id: "wiring.section-5.3-positive",
        source: "wiring, the paragraph between Remarks 2 and 3, section 5.3",
        hypotheses: &[
            "the cost at the intermediate edge is higher than at every input edge into the same node",
            "'probably': in every case",
        ],
        printed: Statement::holds(
            "Since the cost at intermediate edges tend to be higher than cost on input edges, if there is at least one edge with positive cost in the middle of evolution, this one is probably an intermediate edge",
            Check::exact(OVER, highest, included),
        ),
        corrected: None,
        control: Some(Control::new(
            "higher than the mean of the input edges only",
            Check::exact(OVER, average, included),
        )),
        proof: include_str!("../../../proofs/wiring/section-5.3-positive.md"),
    }
}

/// A course whose cost is positive for more than half of its time (or negative), of any area.
fn mostly(sign: f64) -> impl Strategy<Value = Course> + Clone + Send + Sync {
    (pieces(2), (1u8..=16).prop_map(f64::from)).prop_map(move |(usual, spike)| {
        let long: f64 = usual.iter().map(|(t, _)| t).sum();
        let all = usual.into_iter().map(|(t, c)| (t, sign * c / 4.0)).chain([(long / 2.0, -sign * spike / 4.0)]);
        let (lengths, costs) = all.unzip();
        Course { lengths, costs }
    })
}

fn appendix_g_alpha() -> Claim {
    let strategy = || (mostly(1.0), mostly(-1.0)).prop_map(|(intermediate, input)| Edges { input, intermediate });
    let smaller = |case: &Edges| last(&case.intermediate.probabilities()) < last(&case.input.probabilities());
    let shown = |measure: Measure, case: &Edges| {
        measure
            .with("area_intermediate", case.intermediate.area())
            .with("area_input", case.input.area())
            .with("final_intermediate", last(&case.intermediate.probabilities()))
            .with("final_input", last(&case.input.probabilities()))
    };
    let by = move |measure: fn(&Course) -> f64| {
        move |case: &Edges| {
            let (a, b) = (measure(&case.intermediate), measure(&case.input));
            // Equal areas end alike up to the integrator.
            Measure::truth(a == b || smaller(case) == (a > b))
        }
    };
    Claim {
        id: "wiring.appendix-g-alpha",
        source: "wiring, last sentence of appendix G",
        hypotheses: &[
            "as for remark-1, for two edges",
            "the intermediate edge's cost is positive for more than half of the time, the other edge's negative",
        ],
        printed: Statement::refuted(
            "Since the cost on intermediate edges are positive most of the time, their α must be smaller than other edges",
            Check::new(strategy(), move |case| shown(Measure::truth(smaller(case)), case)),
        ),
        corrected: Some(Statement::holds(
            "of two edges the one with the larger area under its cost, ∫C dt, ends with the smaller α",
            Check::new(strategy(), by(Course::area)),
        )),
        control: Some(Control::new(
            "the last cost in place of the area",
            Check::new(strategy(), by(|course| last(&course.costs))),
        )),
        proof: include_str!("../../../proofs/wiring/appendix-g-alpha.md"),
    }
}

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    vec![remark_1(), positive(), remark_3(), remark_4_failure(), appendix_g_alpha()]
}
