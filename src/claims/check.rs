//! A check: a strategy that draws cases satisfying the hypotheses, and a measure of each.

use std::fmt::Debug;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde::Serialize;
use serde_json::{Map, Value};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::measure::Measure;
use crate::linalg::TestRatio;

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
}

impl Evidence {
    /// Whether no case contradicted the statement.
    pub fn passes(&self) -> bool {
        TestRatio(self.worst_ratio).passes()
    }

    /// What one look at the data gave.
    pub(super) fn of(seen: Measure) -> Self {
        let passes = seen.test_ratio().passes();
        Self {
            worst_ratio: seen.test_ratio().0,
            cases: 1,
            order: seen.order(),
            counterexample: (!passes).then(|| seen.numbers().clone()),
        }
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
        }
    }
}

type Run = dyn Fn(&mut TestRunner, u32) -> Evidence + Send + Sync;

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
        Self(Box::new(move |runner, cases| {
            // No case decides nothing: NaN never passes.
            let start = if cases == 0 { f64::NAN } else { 0.0 };
            let mut evidence = Evidence { worst_ratio: start, cases, order: None, counterexample: None };
            for _ in 0..cases {
                let mut tree = match strategy.new_tree(runner) {
                    Ok(tree) => tree,
                    // Nor does a strategy that cannot draw one.
                    Err(_) => {
                        evidence.worst_ratio = f64::NAN;
                        continue;
                    }
                };
                let seen = measure(&tree.current());
                evidence.worst_ratio = TestRatio(evidence.worst_ratio).max(seen.test_ratio()).0;
                evidence.order = match (evidence.order, seen.order()) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                if !seen.test_ratio().passes() && evidence.counterexample.is_none() {
                    evidence.counterexample = Some(shrink(&mut tree, &measure, seen));
                }
            }
            evidence
        }))
    }

    /// Whether the mean of a quantity over the draws is positive: a one-sided Student test on at least `least` draws (the cases of the run where those
    /// are more), passed when the lower end of the interval of confidence $1-10^{-6}$ is above 0. A draw whose value is not finite decides nothing.
    pub fn mean_positive<S, F>(strategy: S, least: u32, value: F) -> Self
    where
        S: Strategy + Send + Sync + 'static,
        F: Fn(&S::Value) -> f64 + Send + Sync + 'static,
    {
        Self(Box::new(move |runner, cases| {
            let draws = cases.max(least);
            let values: Option<Vec<f64>> =
                (0..draws).map(|_| strategy.new_tree(runner).ok().map(|tree| value(&tree.current()))).collect();
            let seen = values.map_or(Measure::truth(false), |values| mean_above_zero(&values));
            Evidence { cases: draws, ..Evidence::of(seen) }
        }))
    }

    /// All of several checks, each over all the cases.
    pub fn all(checks: Vec<Check>) -> Self {
        Self(Box::new(move |runner, cases| {
            checks.iter().map(|check| (check.0)(runner, cases)).reduce(Evidence::and).unwrap_or(Evidence {
                worst_ratio: f64::NAN,
                cases: 0,
                order: None,
                counterexample: None,
            })
        }))
    }

    /// Runs the check.
    pub fn run(&self, runner: &mut TestRunner, cases: u32) -> Evidence {
        (self.0)(runner, cases)
    }
}

/// How often a mean of 0 or less may pass.
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

fn shrink<T>(tree: &mut T, measure: &impl Fn(&T::Value) -> Measure, first: Measure) -> Counterexample
where
    T: ValueTree,
    T::Value: Serialize + Debug,
{
    let start = first.test_ratio().0;
    let threshold = if start <= CLEAR { TestRatio::PASS } else { CLEAR };
    let fails = |ratio: f64| ratio.is_nan() || ratio > threshold;
    let mut best = (tree.current(), first);
    if tree.simplify() {
        for _ in 0..SHRINK_STEPS {
            let value = tree.current();
            let seen = measure(&value);
            let moved = if fails(seen.test_ratio().0) {
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
    let (value, seen) = best;
    let mut out = match serde_json::to_value(&value) {
        Ok(Value::Object(map)) => map,
        Ok(other) => Map::from_iter([("case".to_owned(), other)]),
        Err(_) => Map::from_iter([("case".to_owned(), Value::String(format!("{value:?}")))]),
    };
    out.extend(seen.numbers().clone());
    out
}
