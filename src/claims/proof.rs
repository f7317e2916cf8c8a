//! Proofs beyond the cases of a check: identities on rational instances, inequalities on boxes.

use std::{fmt, fmt::Debug};

use proptest::strategy::{Strategy, ValueTree};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Counterexample, Draws, Exactly,
    draws::Told,
    shrink::{counterexample, smallest},
};
use crate::enclosure::{Interval, Outcome, Region, Undefined, prove};

/// How a verdict is established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// On the cases drawn, up to rounding.
    Sampled,
    /// On rational instances, without rounding.
    Exact,
    /// On every point of a box, by intervals with outward rounding.
    Enclosed,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sampled => "sampled",
            Self::Exact => "exact",
            Self::Enclosed => "enclosed",
        })
    }
}

/// What a prover said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Proved {
    /// It is so.
    Proved,
    /// It is not: the counterexample is exact, or certain.
    Fails,
    /// Neither was shown. This is not "holds".
    Undecided,
}

/// One proof and its outcome.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// [`Method::Exact`] or [`Method::Enclosed`].
    pub method: Method,
    /// What was proved, and over which instances or box.
    pub over: String,
    /// What the prover said.
    pub outcome: Proved,
    /// The rational instances, or the boxes that cover the region.
    pub work: usize,
    /// The counterexample, where it fails.
    pub counterexample: Option<Counterexample>,
    /// Why nothing was shown, where nothing was.
    pub reason: Option<String>,
}

/// How a statement that passed is established: beyond the cases only if every proof went through.
pub(super) fn of_all(proofs: &[Proof]) -> Method {
    let proved = |p: &Proof| p.outcome == Proved::Proved;
    let enclosed = |p: &Proof| p.method == Method::Enclosed;
    match proofs {
        [] => Method::Sampled,
        _ if !proofs.iter().all(proved) => Method::Sampled,
        _ if proofs.iter().any(enclosed) => Method::Enclosed,
        _ => Method::Exact,
    }
}

/// How a refutation is established: by a prover if one has a counterexample.
pub(super) fn of_a_refutation(proofs: &[Proof]) -> Method {
    proofs.iter().find(|p| p.outcome == Proved::Fails).map_or(Method::Sampled, |p| p.method)
}

impl Proof {
    /// An exact one without instances yet.
    pub(super) fn begun(over: &str) -> Self {
        Self {
            method: Method::Exact,
            over: over.to_owned(),
            outcome: Proved::Undecided,
            work: 0,
            counterexample: None,
            reason: Some("no instance was drawn".to_owned()),
        }
    }

    /// Whether another instance could change the outcome.
    pub(super) fn open(&self) -> bool {
        self.work == 0 && self.counterexample.is_none() || self.outcome == Proved::Proved
    }

    /// One more instance, with the counterexample that it is where the statement is not so.
    pub(super) fn decide(&mut self, seen: Result<Exactly, Undefined>, found: Counterexample) {
        self.work += 1;
        match seen {
            Ok(seen) if seen.so() => (self.outcome, self.reason) = (Proved::Proved, None),
            Ok(_) => (self.outcome, self.reason, self.counterexample) = (Proved::Fails, None, Some(found)),
            // An instance without a value decides nothing.
            Err(reason) => (self.outcome, self.reason) = (Proved::Undecided, Some(reason.to_string())),
        }
    }

    /// One more instance from a strategy; one that refutes is shrunk, if it is to be told.
    pub(super) fn instance<T: ValueTree>(
        &mut self,
        tree: &mut T,
        identity: impl Fn(&T::Value) -> Result<Exactly, Undefined>,
        told: Told,
    ) where
        T::Value: Serialize + Debug,
    {
        let case = tree.current();
        match identity(&case) {
            Ok(seen) if !seen.so() => {
                let fails = |seen: &Option<Exactly>| seen.as_ref().is_some_and(|s| !s.so());
                let (case, seen) = smallest(tree, |case| identity(case).ok(), fails, (case, Some(seen)), told);
                let numbers = seen.map_or_else(Map::new, |seen| seen.numbers().clone());
                self.decide(Ok(Exactly::truth(false)), counterexample(&case, &numbers));
            }
            seen => self.decide(seen, Map::new()),
        }
    }
}

/// The identity on `cases` instances.
pub(super) fn exact<S: Strategy>(
    over: &str,
    strategy: &S,
    identity: &impl Fn(&S::Value) -> Result<Exactly, Undefined>,
    draws: &mut Draws,
    cases: u32,
) -> Proof
where
    S::Value: Serialize + Debug,
{
    let mut proof = Proof::begun(over);
    for case in 0..cases {
        let Ok(mut tree) = strategy.new_tree(draws.of(case)) else { return proof };
        proof.instance(&mut tree, identity, draws.told());
        if !proof.open() {
            break;
        }
    }
    proof
}

/// The statement on each instance, up to the first that decides otherwise.
pub(super) fn each<T: Serialize + Debug>(
    over: &str,
    instances: &[T],
    statement: &impl Fn(&T) -> Result<Exactly, Undefined>,
) -> Proof {
    let mut proof = Proof::begun(over);
    for instance in instances {
        let seen = statement(instance);
        let found = seen.as_ref().map_or_else(|_| Map::new(), |seen| counterexample(instance, seen.numbers()));
        proof.decide(seen, found);
        if !proof.open() {
            break;
        }
    }
    proof
}

/// Evaluations that a claim may spend on one box: a fraction of a second.
const BUDGET: usize = 200_000;

/// `margin ≥ 0` on a box.
pub(super) fn enclose(
    inequality: &str,
    sides: &[(&'static str, f64, f64)],
    margin: &dyn Fn(&[Interval]) -> Result<Interval, Undefined>,
) -> Proof {
    let region = Region::new(sides);
    let over = match &region {
        Ok(region) => format!("{inequality} for {region}"),
        Err(_) => inequality.to_owned(),
    };
    let (outcome, work, counterexample, reason) = match &region {
        Err(reason) => (Proved::Undecided, 0, None, Some(reason.to_string())),
        Ok(region) => match prove(region, BUDGET, margin) {
            Outcome::Enclosed { boxes, .. } => (Proved::Proved, boxes, None, None),
            Outcome::Fails { at, margin } => {
                let number = |x: f64| serde_json::Number::from_f64(x).map_or(Value::Null, Value::Number);
                let point = region.names().iter().zip(at).map(|(name, x)| ((*name).to_owned(), number(x)));
                let seen = [("margin".to_owned(), Value::Array(vec![number(margin.lower()), number(margin.upper())]))];
                (Proved::Fails, 1, Some(point.chain(seen).collect()), None)
            }
            Outcome::Undecided { on, reason } => {
                let on: Vec<String> = on.iter().map(ToString::to_string).collect();
                (Proved::Undecided, 0, None, Some(format!("{reason} (on {})", on.join(" × "))))
            }
        },
    };
    Proof { method: Method::Enclosed, over, outcome, work, counterexample, reason }
}
