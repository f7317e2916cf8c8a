//! A check: a strategy that draws cases satisfying the hypotheses, and a measure of each.

use std::fmt::Debug;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

use super::{
    Draws, Exactly, Identity,
    draws::Told,
    identity,
    measure::Measure,
    proof::{self, Method, Proof, Proved},
};
use crate::{
    enclosure::{Interval, Undefined},
    linalg::TestRatio,
};

/// The smallest case found that contradicts a statement: its inputs and what was measured, by name.
pub type Counterexample = Map<String, Value>;

/// What running a check over all its cases gave.
#[derive(Debug, Clone, Serialize)]
pub struct Evidence {
    /// The worst test ratio over the cases drawn.
    pub worst_ratio: f64,
    /// The cases drawn.
    pub cases: u32,
    /// The smallest fitted order over the cases, for limits.
    pub order: Option<f64>,
    /// The counterexample, shrunk, when some case failed.
    pub counterexample: Option<Counterexample>,
    /// What the provers said, of a check that carries some.
    pub proofs: Vec<Proof>,
    /// Whether a part of what is checked rests on cases alone though another carries a proof.
    pub partial: bool,
}

impl Evidence {
    /// Whether no case contradicted the statement, and no prover refuted it.
    pub fn passes(&self) -> bool {
        self.passes_sample() && !self.proofs.iter().any(|p| p.outcome == Proved::Fails)
    }

    fn passes_sample(&self) -> bool {
        TestRatio(self.worst_ratio).passes()
    }

    /// Whether the sample contradicts the statement, and every prover too.
    pub fn rejected(&self) -> bool {
        !self.passes_sample() && self.proofs.iter().all(|p| p.outcome == Proved::Fails)
    }

    /// The strongest way in which the verdict is established.
    pub fn method(&self) -> Method {
        match self.passes() {
            true if self.partial => Method::Sampled,
            true => proof::of_all(&self.proofs),
            false => proof::of_a_refutation(&self.proofs),
        }
    }

    /// What one look at the data gave.
    pub(super) fn of(seen: Measure) -> Self {
        let passes = seen.test_ratio().passes();
        Self {
            worst_ratio: seen.test_ratio().0,
            cases: 1,
            order: seen.order(),
            counterexample: (!passes).then(|| seen.numbers().clone()),
            proofs: Vec::new(),
            partial: false,
        }
    }

    /// What exact arithmetic alone decides.
    fn of_proof(proof: Proof, cases: u32) -> Self {
        let worst_ratio = match proof.outcome {
            Proved::Proved => 0.0,
            Proved::Fails => f64::INFINITY,
            Proved::Undecided => f64::NAN,
        };
        let counterexample = proof.counterexample.clone();
        Self { worst_ratio, cases, order: None, counterexample, proofs: vec![proof], partial: false }
    }

    fn and(self, other: Self) -> Self {
        Self {
            worst_ratio: TestRatio(self.worst_ratio).max(TestRatio(other.worst_ratio)).0,
            cases: self.cases + other.cases,
            order: match (self.order, other.order) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            counterexample: self.counterexample.or(other.counterexample),
            partial: self.partial || other.partial || self.proofs.is_empty() != other.proofs.is_empty(),
            proofs: self.proofs.into_iter().chain(other.proofs).collect(),
        }
    }

    /// Nothing run: a check of no cases decides nothing, and NaN never passes.
    fn of_nothing(cases: u32) -> Self {
        Self { worst_ratio: f64::NAN, cases, order: None, counterexample: None, proofs: Vec::new(), partial: false }
    }
}

type Run = dyn Fn(&mut Draws, u32) -> Evidence + Send + Sync;

/// An executable check of one statement.
pub struct Check(Box<Run>);

/// A discrepancy above this has lost half the digits: it is no accident of rounding. Shrinking stays above it when it starts above it,
/// so that a counterexample is never whittled down to one that barely fails.
const CLEAR: f64 = 6.7e7; // 1/√ε

/// Steps of shrinking per counterexample.
const SHRINK_STEPS: usize = 4000;

impl Check {
    /// Measures each case that `strategy` draws. The hypotheses live in the strategy.
    pub fn new<S, F>(strategy: S, measure: F) -> Self
    where
        S: Strategy + Send + Sync + 'static,
        S::Value: Serialize + Debug,
        F: Fn(&S::Value) -> Measure + Send + Sync + 'static,
    {
        Self(Box::new(move |draws, cases| {
            measured(draws, cases, &|runner| {
                let tree = strategy.new_tree(runner).ok()?;
                Some(Box::new(Look { tree, measure: &measure }))
            })
        }))
    }

    /// Whether the mean of a quantity over the draws is positive: a one-sided Student test on at least `least` draws (the cases of the run where those
    /// are more), passed when the lower end of the interval of confidence $1-10^{-6}$ is above 0. A draw whose value is not finite decides nothing.
    pub fn mean_positive<S, F>(strategy: S, least: u32, value: F) -> Self
    where
        S: Strategy + Send + Sync + 'static,
        S::Value: Send,
        F: Fn(&S::Value) -> f64 + Send + Sync + 'static,
    {
        Self(Box::new(move |draws, cases| {
            let cases = cases.max(least);
            let seen = sample(&strategy, draws, cases, &value).map_or(Measure::truth(false), |v| mean_above_zero(&v));
            Evidence { cases, ..Evidence::of(seen) }
        }))
    }

    /// Whether more than half of all draws are so: passed when the lower end of Clopper and Pearson's interval of confidence $1-10^{-6}$ for the share is
    /// above $\tfrac12$, on `count` draws, whatever the cases of the run.
    pub fn most<S, F>(strategy: S, count: u32, so: F) -> Self
    where
        S: Strategy + Send + Sync + 'static,
        S::Value: Send,
        F: Fn(&S::Value) -> bool + Send + Sync + 'static,
    {
        Self(Box::new(move |draws, _| {
            let mut seen: Vec<bool> = Vec::new();
            while let Some(rest) = (count as usize).checked_sub(seen.len()).filter(|rest| *rest > 0) {
                let Some(more) = sample(&strategy, draws, rest.min(AT_ONCE) as u32, &so) else {
                    return Evidence { cases: count, ..Evidence::of(Measure::truth(false)) };
                };
                seen.extend(more);
                // That all the others be so would not help.
                let best: Vec<bool> = seen.iter().copied().chain(vec![true; count as usize - seen.len()]).collect();
                if draws.told() == Told::Existence && !share_above_half(&best).test_ratio().passes() {
                    break;
                }
            }
            Evidence { cases: count, ..Evidence::of(share_above_half(&seen)) }
        }))
    }

    /// The same check on `count` cases whatever the run asks for: a simulation has its size.
    #[must_use]
    pub fn of_size(self, count: u32) -> Self {
        Self(Box::new(move |draws, _| (self.0)(draws, count)))
    }

    /// All of several checks, each over all the cases.
    pub fn all(checks: Vec<Check>) -> Self {
        Self(Box::new(move |draws, cases| {
            checks
                .iter()
                .map(|check| (check.0)(draws, cases))
                .reduce(Evidence::and)
                .unwrap_or_else(|| Evidence::of_nothing(0))
        }))
    }

    /// A statement about integers or fractions, decided in exact arithmetic alone: its cases are the instances, its test ratio is 0 or infinite.
    pub fn exact<S, F>(over: &'static str, strategy: S, statement: F) -> Self
    where
        S: Strategy + Send + Sync + 'static,
        S::Value: Serialize + Debug,
        F: Fn(&S::Value) -> Result<Exactly, Undefined> + Send + Sync + 'static,
    {
        Self(Box::new(move |draws, cases| {
            Evidence::of_proof(proof::exact(over, &strategy, &statement, draws, cases), cases)
        }))
    }

    /// A statement about finitely many instances, decided in exact arithmetic on every one of them, in their order.
    pub fn each<T, F>(over: &'static str, instances: Vec<T>, statement: F) -> Self
    where
        T: Serialize + Debug + Send + Sync + 'static,
        F: Fn(&T) -> Result<Exactly, Undefined> + Send + Sync + 'static,
    {
        Self(Box::new(move |_, _| {
            let proof = proof::each(over, &instances, &statement);
            let cases = u32::try_from(proof.work).unwrap_or(u32::MAX);
            Evidence::of_proof(proof, cases)
        }))
    }

    /// An identity written once, on cases from `strategy`: each in floating point, judged by its running error, and in exact arithmetic.
    ///
    /// A case that floating point rejects is shrunk, and the smallest is decided in fractions too: the refutation is exact where the counterexample is.
    pub fn identity<S, I>(over: &'static str, strategy: S, identity: I) -> Self
    where
        S: Strategy<Value = I::Case> + Send + Sync + 'static,
        I: Identity,
    {
        Self(Box::new(move |draws, cases| {
            let mut proof = Proof::begun(over);
            let mut evidence = Evidence::of_nothing(cases);
            if cases > 0 {
                evidence.worst_ratio = 0.0;
            }
            for case in 0..cases {
                let Ok(mut tree) = strategy.new_tree(draws.of(case)) else {
                    evidence.worst_ratio = f64::NAN;
                    continue;
                };
                let seen = identity::measure(&identity, &tree.current());
                evidence.worst_ratio = TestRatio(evidence.worst_ratio).max(seen.test_ratio()).0;
                if !proof.open() {
                    continue;
                }
                if seen.test_ratio().passes() {
                    proof.instance(&mut tree, |case| identity::exactly(&identity, case), draws.told());
                    continue;
                }
                let measure = |case: &I::Case| identity::measure(&identity, case);
                let first = (tree.current(), seen);
                let (case, seen) = shrunk(&mut tree, &measure, first, draws.told());
                let found = counterexample(&case, seen.numbers());
                proof.decide(identity::exactly(&identity, &case), found.clone());
                evidence.counterexample = Some(found);
                if draws.told() == Told::Existence {
                    break;
                }
            }
            if evidence.counterexample.is_none() {
                evidence.counterexample.clone_from(&proof.counterexample);
            }
            evidence.proofs.push(proof);
            evidence
        }))
    }

    /// The same check, and the identity in exact arithmetic on as many instances from `strategy`: no rounding, no tolerance. `over` says what the
    /// instances are, for a reader.
    ///
    /// Where both sides are rational functions that differ, at most $D$ of the $S$ values of a coordinate make them agree, $D$ the degree of the numerator of their
    /// difference, so that one draw misses it with probability at most $D/S$ (Schwartz and Zippel) and $m$ draws with its $m$-th power.
    #[must_use]
    pub fn exactly<S, F>(self, over: &'static str, strategy: S, identity: F) -> Self
    where
        S: Strategy + Send + Sync + 'static,
        S::Value: Serialize + Debug,
        F: Fn(&S::Value) -> Result<Exactly, Undefined> + Send + Sync + 'static,
    {
        self.proved(move |draws, cases| proof::exact(over, &strategy, &identity, draws, cases))
    }

    /// The same check, and the inequality $\text{margin}\ge0$ enclosed on a box given by `(name, lower, upper)` of each variable: see
    /// [`prove`](crate::enclosure::prove). `inequality` says which it is, for a reader.
    #[must_use]
    pub fn enclosed<F>(self, inequality: &'static str, sides: &'static [(&'static str, f64, f64)], margin: F) -> Self
    where
        F: Fn(&[Interval]) -> Result<Interval, Undefined> + Send + Sync + 'static,
    {
        self.proved(move |_, _| proof::enclose(inequality, sides, &margin))
    }

    fn proved(self, prove: impl Fn(&mut Draws, u32) -> Proof + Send + Sync + 'static) -> Self {
        Self(Box::new(move |draws, cases| {
            let mut evidence = (self.0)(draws, cases);
            let proof = prove(draws, cases);
            if evidence.counterexample.is_none() {
                evidence.counterexample.clone_from(&proof.counterexample);
            }
            evidence.proofs.push(proof);
            evidence
        }))
    }

    /// Runs the check.
    pub fn run(&self, draws: &mut Draws, cases: u32) -> Evidence {
        (self.0)(draws, cases)
    }
}

/// What `value` gives for each of `count` draws, all from the run's own stream: a sample has no case chosen beforehand. `None` where the strategy
/// draws nothing.
fn sample<S, T>(strategy: &S, draws: &mut Draws, count: u32, value: &(impl Fn(&S::Value) -> T + Sync)) -> Option<Vec<T>>
where
    S: Strategy,
    S::Value: Send,
    T: Send,
{
    let cases: Option<Vec<S::Value>> =
        (0..count).map(|_| strategy.new_tree(draws.rest()).ok().map(|tree| tree.current())).collect();
    Some(cases?.into_par_iter().map(|case| value(&case)).collect())
}

/// Draws of a share that are looked at together.
const AT_ONCE: usize = 8;

/// How often a mean of 0 or less, or a share of a half or less, may pass.
const ERROR: f64 = 1e-6;

fn mean_above_zero(values: &[f64]) -> Measure {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let quantile = StudentsT::new(0.0, 1.0, n - 1.0).map_or(f64::NAN, |t| t.inverse_cdf(1.0 - ERROR));
    let lower = mean - quantile * (variance / n).sqrt();
    let ratio = if lower.is_finite() { Measure::truth(lower > 0.0) } else { Measure::ratio(TestRatio(f64::NAN)) };
    ratio.with("mean", mean).with("lower_end", lower).with("draws", n)
}

fn share_above_half(so: &[bool]) -> Measure {
    let (n, k) = (so.len() as f64, so.iter().filter(|&&so| so).count() as f64);
    // The share at which k or more of n are as rare as the error allows.
    let lower = if k > 0.0 { Beta::new(k, n - k + 1.0).map_or(f64::NAN, |beta| beta.inverse_cdf(ERROR)) } else { 0.0 };
    let ratio = if lower.is_finite() { Measure::truth(lower > 0.5) } else { Measure::ratio(TestRatio(f64::NAN)) };
    ratio.with("share", k / n).with("lower_end", lower).with("draws", n)
}

/// A case and what was seen of it, whatever its type: one copy of [`measured`] serves every strategy.
#[derive(Debug)]
struct Looked {
    case: Box<dyn Inputs>,
    seen: Measure,
}

trait Inputs: Debug {
    fn with(&self, numbers: &Map<String, Value>) -> Counterexample;
}

impl<T: Serialize + Debug> Inputs for T {
    fn with(&self, numbers: &Map<String, Value>) -> Counterexample {
        counterexample(self, numbers)
    }
}

/// A tree of cases as one of what is seen of them.
struct Look<'a, T, F> {
    tree: T,
    measure: &'a F,
}

impl<T, F> ValueTree for Look<'_, T, F>
where
    T: ValueTree,
    T::Value: Serialize + Debug + 'static,
    F: Fn(&T::Value) -> Measure,
{
    type Value = Looked;

    fn current(&self) -> Looked {
        let case = self.tree.current();
        let seen = (self.measure)(&case);
        Looked { case: Box::new(case), seen }
    }

    fn simplify(&mut self) -> bool {
        self.tree.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.tree.complicate()
    }
}

type Tree<'a> = Box<dyn ValueTree<Value = Looked> + 'a>;

/// What `cases` cases gave, each from a tree that `draw` draws; a strategy that cannot draw one decides nothing.
fn measured<'a>(draws: &mut Draws, cases: u32, draw: &dyn Fn(&mut TestRunner) -> Option<Tree<'a>>) -> Evidence {
    let mut evidence = Evidence::of_nothing(cases);
    if cases > 0 {
        evidence.worst_ratio = 0.0;
    }
    for case in 0..cases {
        let Some(mut tree) = draw(draws.of(case)) else {
            evidence.worst_ratio = f64::NAN;
            continue;
        };
        let looked = tree.current();
        let seen = looked.seen.clone();
        evidence.worst_ratio = TestRatio(evidence.worst_ratio).max(seen.test_ratio()).0;
        evidence.order = match (evidence.order, seen.order()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if !seen.test_ratio().passes() && evidence.counterexample.is_none() {
            let measure = |looked: &Looked| looked.seen.clone();
            let (smallest, seen) = shrunk(&mut tree, &measure, (looked, seen), draws.told());
            evidence.counterexample = Some(smallest.case.with(seen.numbers()));
            if draws.told() == Told::Existence {
                break;
            }
        }
    }
    evidence
}

/// The smallest case that still fails as clearly as the first did, and what was seen of it.
fn shrunk<T: ValueTree>(
    tree: &mut T,
    measure: &impl Fn(&T::Value) -> Measure,
    first: (T::Value, Measure),
    told: Told,
) -> (T::Value, Measure) {
    let start = first.1.test_ratio().0;
    let threshold = if start <= CLEAR { TestRatio::PASS } else { CLEAR };
    let fails = |seen: &Measure| seen.test_ratio().0.is_nan() || seen.test_ratio().0 > threshold;
    smallest(tree, measure, fails, first, told)
}

/// The smallest value found, with what was seen of it, that still `fails`; the first one where that it exists is all that is told.
pub(super) fn smallest<T: ValueTree, M>(
    tree: &mut T,
    look: impl Fn(&T::Value) -> M,
    fails: impl Fn(&M) -> bool,
    first: (T::Value, M),
    told: Told,
) -> (T::Value, M) {
    let mut best = first;
    if told == Told::Smallest && tree.simplify() {
        for _ in 0..SHRINK_STEPS {
            let value = tree.current();
            let seen = look(&value);
            let moved = if fails(&seen) {
                best = (value, seen);
                tree.simplify()
            } else {
                tree.complicate()
            };
            if !moved {
                break;
            }
        }
    }
    best
}

/// A case and the numbers seen of it, by name.
pub(super) fn counterexample<T: Serialize + Debug>(case: &T, numbers: &Map<String, Value>) -> Counterexample {
    let mut out = match serde_json::to_value(case) {
        Ok(Value::Object(map)) => map,
        Ok(other) => Map::from_iter([("case".to_owned(), other)]),
        Err(_) => Map::from_iter([("case".to_owned(), Value::String(format!("{case:?}")))]),
    };
    out.extend(numbers.clone());
    out
}
