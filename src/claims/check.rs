//! A check: a strategy that draws cases satisfying the hypotheses, and a measure of each.

use std::fmt::Debug;

use proptest::strategy::{Strategy, ValueTree};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Draws, Exactly, Identity,
    draws::Told,
    identity,
    measure::Measure,
    proof::{self, Method, Proof, Proved},
    shrink::{Look, counterexample, measured, shrunk},
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
    pub(super) fn of_nothing(cases: u32) -> Self {
        Self { worst_ratio: f64::NAN, cases, order: None, counterexample: None, proofs: Vec::new(), partial: false }
    }
}

type Run = dyn Fn(&mut Draws, u32) -> Evidence + Send + Sync;

/// An executable check of one statement.
pub struct Check(Box<Run>);

impl Check {
    pub(super) fn of(run: impl Fn(&mut Draws, u32) -> Evidence + Send + Sync + 'static) -> Self {
        Self(Box::new(run))
    }

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
                Some(Box::new(Look::new(tree, &measure)))
            })
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
