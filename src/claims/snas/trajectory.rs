#![doc = include_str!("../../../proofs/snas/equation-12.md")]
#![doc = include_str!("../../../proofs/snas/equation-13.md")]
#![doc = include_str!("../../../proofs/snas/equation-14.md")]
#![doc = include_str!("../../../proofs/snas/equation-15.md")]
#![doc = include_str!("../../../proofs/snas/section-2.3-equivalence.md")]
#![doc = include_str!("../../../proofs/snas/section-b-independent.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::categorical::choices;
use crate::{
    claims::{Check, Claim, Control, Exactly, Identity, Measure, Sides, Statement, strategies},
    enclosure::{Field, Symbolic, Undefined, numbers},
};

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

    /// $P(\text{event}\mid\text{given})$, two sums of weights.
    fn conditional<F: Field>(
        &self,
        event: impl Fn(&[usize]) -> bool,
        given: impl Fn(&[usize]) -> bool,
    ) -> Result<F, Undefined> {
        let weight = |of: &dyn Fn(&[usize]) -> bool| {
            let listed = self.sequences().into_iter().zip(&self.weights).filter(|(a, _)| of(a));
            F::number(listed.map(|(_, w)| w).sum())
        };
        weight(&|a| given(a) && event(a))?.over(&weight(&given)?)
    }

    /// $P(\text{event})$.
    fn probability<F: Field>(&self, event: impl Fn(&[usize]) -> bool) -> Result<F, Undefined> {
        self.conditional(event, |_| true)
    }

    /// $\pi(a_i\mid a_0\dots a_{i-1})$, the policy that has this joint distribution.
    fn policy<F: Field>(&self, a: &[usize], i: usize) -> Result<F, Undefined> {
        self.conditional(|b| b[i] == a[i], |b| b[..i] == a[..i])
    }

    /// $p(Z_i=k)$.
    fn marginal<F: Field>(&self, i: usize, k: usize) -> Result<F, Undefined> {
        self.probability(|b| b[i] == k)
    }

    /// $p(\tau)$: the start, the policy and the transitions. $\rho(o_0)=1$ for the empty observation, and each transition is 1 along the sequence, Eq. (12).
    fn trajectory<F: Field>(&self, a: &[usize]) -> Result<F, Undefined> {
        (0..self.steps).try_fold(F::one(), |product, i| Ok(product * self.policy(a, i)?))
    }

    /// $p(\mathbf Z)$.
    fn outcome<F: Field>(&self, a: &[usize]) -> Result<F, Undefined> {
        self.probability(|b| b == a)
    }

    /// Product of the marginals.
    fn factorised<F: Field>(&self, a: &[usize]) -> Result<F, Undefined> {
        a.iter().enumerate().try_fold(F::one(), |product, (i, &k)| Ok(product * self.marginal(i, k)?))
    }

    /// The marginals' own distribution: decisions drawn independently of one another. Weights are products of sums of weights, integers again.
    fn independent(&self) -> Self {
        let sequences = self.sequences();
        let own = |i: usize, k: usize| -> f64 {
            sequences.iter().zip(&self.weights).filter(|(b, _)| b[i] == k).map(|(_, w)| w).sum()
        };
        let product = |a: &Vec<usize>| a.iter().enumerate().map(|(i, &k)| own(i, k)).product();
        Self { weights: sequences.iter().map(product).collect(), ..self.clone() }
    }
}

/// An equation of appendix A, for every sequence of decisions.
#[derive(Debug, Clone, Copy)]
enum Equation {
    /// $p(o_i\mid o_{i-1},a_{i-1})=1$ where $o_i$ continues them, observations the decisions so far; or given $a_{i-1}$ alone.
    Transition { markov: bool },
    /// $p(\tau)=p(\mathbf Z)$.
    Trajectory,
    /// The product of the marginals is $p(\mathbf Z)$.
    Factorised,
    /// $p(\mathbf Z_i\mid\mathbf Z_0\dots\mathbf Z_{i-1})$ is the policy; or given the last decision alone.
    Conditional { markov: bool },
    /// $p(\tau)$ of the policy that does not look at the decisions before is the product of the marginals.
    Blind,
    /// `share` of $\sum_iH(Z_i)-H(\mathbf Z)$ is $D(p\,\Vert\,\prod_ip_i)$. A symbol stands for each logarithm of a probability.
    Divergence { share: f64 },
}

impl Identity for Equation {
    type Case = Joint;

    fn sides<F: Symbolic>(&self, joint: &Joint) -> Result<Sides<F>, Undefined> {
        let mut out = Vec::new();
        if let Self::Divergence { share } = *self {
            return Ok(vec![divergence(joint, F::number(share)?)?]);
        }
        for a in joint.sequences() {
            match *self {
                Self::Transition { markov } => {
                    for i in 1..=joint.steps {
                        let from = if markov { i - 1 } else { 0 };
                        let seen = joint.conditional(|b| b[..i] == a[..i], |b| b[from..i] == a[from..i])?;
                        out.push([seen, F::one()]);
                    }
                }
                Self::Conditional { markov } => {
                    for i in 0..joint.steps {
                        let from = if markov { i.saturating_sub(1) } else { 0 };
                        let seen = joint.conditional(|b| b[i] == a[i], |b| b[from..i] == a[from..i])?;
                        out.push([seen, joint.policy(&a, i)?]);
                    }
                }
                Self::Trajectory => out.push([joint.trajectory(&a)?, joint.outcome(&a)?]),
                Self::Factorised => out.push([joint.factorised(&a)?, joint.outcome(&a)?]),
                Self::Blind => out.push([joint.independent().trajectory(&a)?, joint.factorised(&a)?]),
                Self::Divergence { .. } => {}
            }
        }
        Ok(out)
    }
}

fn divergence<F: Symbolic>(joint: &Joint, share: F) -> Result<[F; 2], Undefined> {
    // Never all alike, whatever a counterexample is shrunk to: sides that differ in the logarithms then differ in the symbols.
    let symbol = |n: usize| joint.losses[n % joint.losses.len()] + (n * n + 1) as f64;
    let log_marginal = |i: usize, k: usize| joint.marginal::<F>(i, k)?.ln_or(symbol(3 * i + k) / 2.0);
    let (mut divergence, mut entropies) = (F::zero(), F::zero());
    for (n, a) in joint.sequences().iter().enumerate() {
        let p = joint.outcome::<F>(a)?;
        let log = p.ln_or(symbol(n))?;
        let product = a.iter().enumerate().try_fold(F::zero(), |sum, (i, &k)| Ok(sum + log_marginal(i, k)?))?;
        divergence += p.clone() * (log.clone() - product);
        entropies += p * log;
    }
    for (i, k) in (0..joint.steps).flat_map(|i| (0..joint.operations).map(move |k| (i, k))) {
        entropies -= joint.marginal::<F>(i, k)? * log_marginal(i, k)?;
    }
    Ok([divergence, share * entropies])
}

fn check(equation: Equation) -> Check {
    Check::identity("joint distributions with integer weights over up to 27 sequences", joints(), equation)
}

/// Eq. (12): transitions.
pub fn transitions() -> Claim {
    Claim {
        id: "snas.equation-12",
        source: "snas, Eq. (12), appendix A",
        hypotheses: &["o_i = a_0, a_1 … a_{i−1}", "any policy that gives each sequence a positive probability"],
        printed: Statement::holds(
            "p(o_i|o_{i−1}, a_{i−1}) = p(o_i|a_0, a_1 … a_{i−2}, a_{i−1}) = δ(a_0, a_1 … a_{i−1})",
            check(Equation::Transition { markov: false }),
        ),
        corrected: None,
        control: Some(Control::new("given a_{i−1} alone", check(Equation::Transition { markov: true }))),
        proof: include_str!("../../../proofs/snas/equation-12.md"),
    }
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
        printed: Statement::holds(text, check(Equation::Trajectory)),
        corrected: None,
        control: Some(Control::new("the product of the marginals of the decisions", check(Equation::Factorised))),
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
            check(Equation::Conditional { markov: false }),
        ),
        corrected: None,
        control: Some(Control::new(
            "given the last decision alone: a Markov property in the ordinary sense",
            check(Equation::Conditional { markov: true }),
        )),
        proof: include_str!("../../../proofs/snas/equation-15.md"),
    }
}

/// No product of distributions is nearer than that of the marginals; here the one of equally likely decisions.
fn nearest(joint: &Joint) -> Measure {
    let n = 4 * joint.weights.len();
    let even = (joint.operations as f64).powi(-(joint.steps as i32));
    let distances = || -> Result<[f64; 2], Undefined> {
        joint.sequences().iter().try_fold([0.0; 2], |[own, other], a| {
            let p: f64 = joint.outcome(a)?;
            Ok([own + p * (p / joint.factorised::<f64>(a)?).ln(), other + p * (p / even).ln()])
        })
    };
    distances().map_or(Measure::truth(false), |[own, other]| Measure::at_most(own, other, 1.0 + own + other, n))
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
        printed: Statement::refuted("the equivalence of p(Z) in SNAS and p(τ) in ENAS", check(Equation::Factorised)),
        corrected: Some(Statement::holds(
            "p(τ) = p(Z) when the policy does not look at the decisions before; otherwise no factorizable p(Z) equals p(τ), and the nearest one, the product of the marginals, is away from it by D(p(τ)‖Π p(Z_i)) = Σ_i H(Z_i) − H(Z)",
            Check::all(vec![
                check(Equation::Blind),
                check(Equation::Divergence { share: 1.0 }),
                Check::new(joints(), nearest),
            ]),
        )),
        control: Some(Control::new("half of that divergence", check(Equation::Divergence { share: 0.5 }))),
        proof: include_str!("../../../proofs/snas/section-2.3-equivalence.md"),
    }
}

/// The least expected loss over factorised distributions that `family` gives for each outcome, against that under the joint one.
fn reached(family: impl Fn(&[usize]) -> bool + Send + Sync + 'static) -> Check {
    Check::exact("joint distributions with integer weights and losses", joints(), move |joint| {
        let losses: Vec<RBig> = numbers(&joint.losses)?;
        let sequences = joint.sequences();
        let mut expected = RBig::ZERO;
        for (a, loss) in sequences.iter().zip(&losses) {
            expected += joint.outcome::<RBig>(a)? * loss;
        }
        let least = |allowed: &dyn Fn(&[usize]) -> bool| {
            sequences.iter().zip(&losses).filter(|(a, _)| allowed(a)).map(|(_, loss)| loss).min()
        };
        let Some((reached, best)) = least(&family).zip(least(&|_| true)) else { return Ok(Exactly::truth(false)) };
        // And over all joint distributions: the same bound for the one that is certain of the best outcome.
        Ok(Exactly::at_most(reached, &expected).and(Exactly::at_most(reached, best)))
    })
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
            reached(|_| true),
        ),
        corrected: None,
        control: Some(Control::new(
            "all edges with one and the same operation, a restriction that does introduce bias",
            reached(|a| a.iter().all(|&k| k == a[0])),
        )),
        proof: include_str!("../../../proofs/snas/section-b-independent.md"),
    }
}
