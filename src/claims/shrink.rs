//! Cases one after another, and the smallest of those that contradict.

use std::fmt::Debug;

use proptest::{strategy::ValueTree, test_runner::TestRunner};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Counterexample, Draws, Evidence, Measure, draws::Told};
use crate::linalg::TestRatio;

/// A discrepancy above this has lost half the digits: it is no accident of rounding. Shrinking stays above it when it starts above it,
/// so that a counterexample is never whittled down to one that barely fails.
const CLEAR: f64 = 6.7e7; // 1/√ε

/// Steps of shrinking per counterexample.
const SHRINK_STEPS: usize = 4000;

/// A case and what was seen of it, whatever its type: one copy of [`measured`] serves every strategy.
#[derive(Debug)]
pub(super) struct Looked {
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
pub(super) struct Look<'a, T, F> {
    tree: T,
    measure: &'a F,
}

impl<'a, T, F> Look<'a, T, F> {
    pub(super) fn new(tree: T, measure: &'a F) -> Self {
        Self { tree, measure }
    }
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

pub(super) type Tree<'a> = Box<dyn ValueTree<Value = Looked> + 'a>;

/// What `cases` cases gave, each from a tree that `draw` draws; a strategy that cannot draw one decides nothing.
pub(super) fn measured<'a>(
    draws: &mut Draws,
    cases: u32,
    draw: &dyn Fn(&mut TestRunner) -> Option<Tree<'a>>,
) -> Evidence {
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
pub(super) fn shrunk<T: ValueTree>(
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
