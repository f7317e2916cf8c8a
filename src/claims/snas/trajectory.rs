#![doc = include_str!("../../../proofs/snas/equation-12.md")]
#![doc = include_str!("../../../proofs/snas/equation-13.md")]
#![doc = include_str!("../../../proofs/snas/equation-14.md")]
#![doc = include_str!("../../../proofs/snas/equation-15.md")]
#![doc = include_str!("../../../proofs/snas/section-2.3-equivalence.md")]
#![doc = include_str!("../../../proofs/snas/section-b-independent.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::categorical::choices;
use crate::claims::{Check, Claim, Control, Measure, Statement, strategies};

/// A joint distribution of decisions in sequence, and a loss for each outcome.
#[derive(Debug, Clone, Serialize)]
struct Joint {
    operations: usize,
    steps: usize,
    /// Positive, one for each sequence, the last decision fastest.
    weights: Vec<f64>,
    losses: Vec<f64>,
}

fn joints() -> impl Strategy<Value = Joint> {
    (2usize..=3, 2usize..=3).prop_flat_map(|(operations, steps)| {
        let count = operations.pow(steps as u32);
        (vec((1u8..=4).prop_map(f64::from), count), vec(strategies::integer(), count))
            .prop_map(move |(weights, losses)| Joint { operations, steps, weights, losses })
    })
}

impl Joint {
    fn sequences(&self) -> Vec<Vec<usize>> {
        choices(&vec![self.operations; self.steps])
    }

    /// $P(\text{event})$.
    fn probability(&self, event: impl Fn(&[usize]) -> bool) -> f64 {
        let total: f64 = self.weights.iter().sum();
        self.sequences().iter().zip(&self.weights).filter(|(a, _)| event(a)).map(|(_, w)| w).sum::<f64>() / total
    }

    /// $\pi(a_i\mid a_0\dots a_{i-1})$, the policy that has this joint distribution.
    fn policy(&self, a: &[usize], i: usize) -> f64 {
        self.probability(|b| b[..=i] == a[..=i]) / self.probability(|b| b[..i] == a[..i])
    }

    /// $p(Z_i=k)$.
    fn marginal(&self, i: usize, k: usize) -> f64 {
        self.probability(|b| b[i] == k)
    }

    /// Product of the marginals.
    fn factorised(&self, a: &[usize]) -> f64 {
        a.iter().enumerate().map(|(i, &k)| self.marginal(i, k)).product()
    }

    /// Two functions of a sequence, for all sequences.
    fn compare(&self, left: impl Fn(&[usize]) -> f64, right: impl Fn(&[usize]) -> f64) -> Measure {
        super::worst(self.sequences().iter().map(|a| {
            let (left, right) = (left(a), right(a));
            Measure::equality(left, right, left + right, 4 * self.weights.len())
        }))
    }

    /// The same distribution with decisions drawn independently of one another.
    fn independent(&self) -> Self {
        Self { weights: self.sequences().iter().map(|a| self.factorised(a)).collect(), ..self.clone() }
    }
}

/// $p(o_i\mid o_{i-1},a_{i-1})$ for observations that are the decisions so far, `seen` of them given, against 1 where $o_i$ is their continuation.
fn transition(joint: &Joint, seen: impl Fn(usize) -> usize) -> Measure {
    super::worst((1..=joint.steps).map(|i| {
        joint.compare(
            |a| {
                let given = |b: &[usize]| b[i - 1 - seen(i)..i] == a[i - 1 - seen(i)..i];
                joint.probability(|b| given(b) && b[..i] == a[..i]) / joint.probability(given)
            },
            |_| 1.0,
        )
    }))
}

/// Eq. (12): transitions.
pub fn transitions() -> Claim {
    Claim {
        id: "snas.equation-12",
        source: "snas, Eq. (12), appendix A",
        hypotheses: &["o_i = a_0, a_1 … a_{i−1}", "any policy that gives each sequence a positive probability"],
        printed: Statement::holds(
            "p(o_i|o_{i−1}, a_{i−1}) = p(o_i|a_0, a_1 … a_{i−2}, a_{i−1}) = δ(a_0, a_1 … a_{i−1})",
            Check::new(joints(), |joint| transition(joint, |i| i - 1)),
        ),
        corrected: None,
        control: Some(Control::new("given a_{i−1} alone", Check::new(joints(), |joint| transition(joint, |_| 0)))),
        proof: include_str!("../../../proofs/snas/equation-12.md"),
    }
}

/// $p(\tau)$: the start, the policy and the transitions.
fn trajectory(joint: &Joint, a: &[usize]) -> f64 {
    // ρ(o_0) = 1 for the empty observation, and each transition 1 along the sequence, Eq. (12).
    (0..joint.steps).map(|i| joint.policy(a, i)).product()
}

fn outcome(joint: &Joint, a: &[usize]) -> f64 {
    joint.probability(|b| b == a)
}

fn factors(text: &'static str, id: &'static str, source: &'static str, proof: &'static str) -> Claim {
    Claim {
        id,
        source,
        hypotheses: &[
            "o_0 empty, so that ρ(o_0) = 1",
            "transitions by Eq. (12)",
            "Z the vector a of all structural decisions, p(Z) its joint distribution",
        ],
        printed: Statement::holds(
            text,
            Check::new(joints(), |joint| joint.compare(|a| trajectory(joint, a), |a| outcome(joint, a))),
        ),
        corrected: None,
        control: Some(Control::new(
            "the product of the marginals of the decisions",
            Check::new(joints(), |joint| joint.compare(|a| joint.factorised(a), |a| outcome(joint, a))),
        )),
        proof,
    }
}

/// Eq. (13): the probability of a trajectory.
pub fn trajectories() -> Claim {
    factors(
        "p(τ) = ρ(o_0) Π_i π(a_i|o_i) Π_i p(o_{i+1}|o_i, a_i) = Π_i π(a_i|o_i) = Π_i π(a_i|a_0, a_1 … a_{i−1}) = p(a)",
        "snas.equation-13",
        "snas, Eq. (13), appendix A",
        include_str!("../../../proofs/snas/equation-13.md"),
    )
}

/// Eq. (14): a trajectory is a choice.
pub fn same() -> Claim {
    factors(
        "p(τ) = p(Z)",
        "snas.equation-14",
        "snas, Eq. (14), appendix A",
        include_str!("../../../proofs/snas/equation-14.md"),
    )
}

/// $p(\mathbf Z_i\mid\mathbf Z_0\dots\mathbf Z_{i-1})$ against the policy, `seen` decisions given.
fn conditional(joint: &Joint, seen: impl Fn(usize) -> usize) -> Measure {
    super::worst((0..joint.steps).map(|i| {
        joint.compare(
            |a| {
                let given = |b: &[usize]| b[i - seen(i)..i] == a[i - seen(i)..i];
                joint.probability(|b| given(b) && b[i] == a[i]) / joint.probability(given)
            },
            |a| joint.policy(a, i),
        )
    }))
}

/// Eq. (15): the factors.
pub fn conditionals() -> Claim {
    Claim {
        id: "snas.equation-15",
        source: "snas, Eq. (15), appendix A",
        hypotheses: &[
            "p(Z) factorized with conditional probabilities, in the order of the decisions",
            "π as in Eq. (13)",
        ],
        printed: Statement::holds(
            "p(Z_i|Z_0, Z_1 … Z_{i−1}) = π(a_i|a_0, a_1 … a_{i−1})",
            Check::new(joints(), |joint| conditional(joint, |i| i)),
        ),
        corrected: None,
        control: Some(Control::new(
            "given the last decision alone: a Markov property in the ordinary sense",
            Check::new(joints(), |joint| conditional(joint, |i| i.min(1))),
        )),
        proof: include_str!("../../../proofs/snas/equation-15.md"),
    }
}

/// $D(p\,\Vert\,\prod_ip_i)$ against $\sum_iH(Z_i)-H(\mathbf Z)$, `share` of it.
fn correlation(joint: &Joint, share: f64) -> Measure {
    let sum = |f: &dyn Fn(&[usize]) -> f64| joint.sequences().iter().map(|a| outcome(joint, a) * f(a)).sum::<f64>();
    let divergence = sum(&|a| (outcome(joint, a) / joint.factorised(a)).ln());
    let entropy = -sum(&|a| outcome(joint, a).ln());
    let entropies: f64 = (0..joint.steps)
        .flat_map(|i| (0..joint.operations).map(move |k| (i, k)))
        .map(|(i, k)| -joint.marginal(i, k) * joint.marginal(i, k).ln())
        .sum();
    let n = 4 * joint.weights.len();
    let equal = Measure::equality(divergence, share * (entropies - entropy), entropies + entropy, n);
    // No other product is nearer: here the one of equally likely decisions.
    let even = (joint.operations as f64).powi(-(joint.steps as i32));
    let other = sum(&|a| (outcome(joint, a) / even).ln());
    equal.and(Measure::at_most(divergence, other, entropies + entropy, n))
}

/// The distributions of SNAS and of ENAS.
pub fn equivalence() -> Claim {
    Claim {
        id: "snas.section-2.3-equivalence",
        source: "snas, first sentence of section 2.3; section 2.1",
        hypotheses: &[
            "p(Z) in SNAS fully factorizable, as section 2.1 assumes",
            "p(τ) in ENAS the distribution of a policy that sees the decisions before, Eq. (13)",
        ],
        printed: Statement::refuted(
            "the equivalence of p(Z) in SNAS and p(τ) in ENAS",
            Check::new(joints(), |joint| joint.compare(|a| joint.factorised(a), |a| outcome(joint, a))),
        ),
        corrected: Some(Statement::holds(
            "p(τ) = p(Z) when the policy does not look at the decisions before; otherwise no factorizable p(Z) equals p(τ), and the nearest one, the product of the marginals, is away from it by D(p(τ)‖Π p(Z_i)) = Σ_i H(Z_i) − H(Z)",
            Check::all(vec![
                Check::new(joints(), |joint| {
                    let blind = joint.independent();
                    blind.compare(|a| trajectory(&blind, a), |a| joint.factorised(a))
                }),
                Check::new(joints(), |joint| correlation(joint, 1.0)),
            ]),
        )),
        control: Some(Control::new("half of that divergence", Check::new(joints(), |joint| correlation(joint, 0.5)))),
        proof: include_str!("../../../proofs/snas/section-2.3-equivalence.md"),
    }
}

/// The least expected loss over factorised distributions that `family` gives for each outcome, against that under the joint one.
fn reached(joint: &Joint, family: impl Fn(&[usize]) -> bool) -> Measure {
    let expected: f64 = joint.sequences().iter().zip(&joint.losses).map(|(a, l)| outcome(joint, a) * l).sum();
    let allowed = joint.sequences().into_iter().zip(&joint.losses).filter(|(a, _)| family(a));
    let least = allowed.map(|(_, l)| *l).fold(f64::INFINITY, f64::min);
    let size = joint.losses.iter().fold(0.0, |m: f64, l| m.max(l.abs()));
    // And over all joint distributions: the same bound for the one that is certain of the best outcome.
    let best = joint.losses.iter().copied().fold(f64::INFINITY, f64::min);
    Measure::at_most(least, expected, size, joint.weights.len()).and(Measure::at_most(least, best, size, 1))
}

/// What independence costs the objective.
pub fn independent() -> Claim {
    Claim {
        id: "snas.section-b-independent",
        source: "snas, below Eq. (17), appendix B",
        hypotheses: &[
            "the objective of Eq. (16), minimised over distributions",
            "bias: a least value, or a minimiser, other than without the restriction",
        ],
        printed: Statement::holds(
            "Though independent assumption between edges would restrict the probability distribution, there is no bias introduced",
            Check::new(joints(), |joint| reached(joint, |_| true)),
        ),
        corrected: None,
        control: Some(Control::new(
            "all edges with one and the same operation, a restriction that does introduce bias",
            Check::new(joints(), |joint| reached(joint, |a| a.iter().all(|&k| k == a[0]))),
        )),
        proof: include_str!("../../../proofs/snas/section-b-independent.md"),
    }
}
