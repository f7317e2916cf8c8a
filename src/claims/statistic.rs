//! Checks of what is said of a mean, or of most cases: samples, judged by the tail of their distribution.

use proptest::strategy::{Strategy, ValueTree};
use rayon::prelude::*;
use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

use super::{Check, Draws, Evidence, Measure, draws::Told};
use crate::linalg::TestRatio;

impl Check {
    /// Whether the mean of a quantity over the draws is positive: a one-sided Student test on at least `least` draws (the cases of the run where those
    /// are more), passed when the lower end of the interval of confidence $1-10^{-6}$ is above 0. A draw whose value is not finite decides nothing.
    pub fn mean_positive<S, F>(strategy: S, least: u32, value: F) -> Self
    where
        S: Strategy + Send + Sync + 'static,
        S::Value: Send,
        F: Fn(&S::Value) -> f64 + Send + Sync + 'static,
    {
        Self::of(move |draws, cases| {
            let cases = cases.max(least);
            let seen = sample(&strategy, draws, cases, &value).map_or(Measure::truth(false), |v| mean_above_zero(&v));
            Evidence { cases, ..Evidence::of(seen) }
        })
    }

    /// Whether more than half of all draws are so: passed when the lower end of Clopper and Pearson's interval of confidence $1-10^{-6}$ for the share is
    /// above $\tfrac12$, on `count` draws, whatever the cases of the run. A control is rejected as soon as no outcome of the draws left could save it.
    pub fn most<S, F>(strategy: S, count: u32, so: F) -> Self
    where
        S: Strategy + Send + Sync + 'static,
        S::Value: Send,
        F: Fn(&S::Value) -> bool + Send + Sync + 'static,
    {
        Self::of(move |draws, _| {
            let at_once = if draws.told() == Told::Existence { AT_ONCE } else { count };
            let (mut looked, mut best) = (0, count);
            let mut seen = Measure::truth(false);
            while looked < count {
                let more = at_once.min(count - looked);
                let Some(found) = sample(&strategy, draws, more, &so) else {
                    seen = Measure::truth(false);
                    break;
                };
                looked += more;
                best -= found.into_iter().map(|so| u32::from(!so)).sum::<u32>();
                // If all that are left were so.
                seen = share_above_half(best, count);
                if !seen.test_ratio().passes() {
                    break;
                }
            }
            Evidence { cases: count, ..Evidence::of(seen) }
        })
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

/// Draws of a share that are looked at together, where fewer may do.
const AT_ONCE: u32 = 8;

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

/// For `so` of `count`.
fn share_above_half(so: u32, count: u32) -> Measure {
    let (n, k) = (f64::from(count), f64::from(so));
    // The share at which k or more of n are as rare as the error allows.
    let lower = if k > 0.0 { Beta::new(k, n - k + 1.0).map_or(f64::NAN, |beta| beta.inverse_cdf(ERROR)) } else { 0.0 };
    let ratio = if lower.is_finite() { Measure::truth(lower > 0.5) } else { Measure::ratio(TestRatio(f64::NAN)) };
    ratio.with("share", k / n).with("lower_end", lower).with("draws", n)
}
