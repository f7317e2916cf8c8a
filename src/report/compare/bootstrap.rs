//! The bootstrap (Efron 1979): how far a statistic would move if the cases had been others.
//!
//! Cases are drawn with replacement, as many as there are, and the statistic is taken again; the *percentile interval* of confidence $1-a$ is from the
//! $a/2$ to the $1-a/2$ quantile of what came out. Where cases are in groups, each group is drawn from itself.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::rank::kendall;

/// How a bootstrap is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampling {
    /// How often the cases are drawn.
    pub resamples: usize,
    /// $1-a$, in $(0,1)$.
    pub confidence: f64,
    /// Of the draws.
    pub seed: u64,
}

impl Default for Resampling {
    /// 2000 draws, 95%.
    fn default() -> Self {
        Self { resamples: 2000, confidence: 0.95, seed: 0 }
    }
}

/// A statistic and its percentile interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Of all cases.
    pub estimate: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Draws in which the statistic was defined; the interval is of these.
    pub defined: usize,
}

/// The percentile interval of a statistic of the indices of cases, a slice for each group, `sizes[g]` of them in group $g$.
///
/// `None` where the statistic is undefined for all cases, or in every draw.
pub fn percentile(
    sizes: &[usize],
    settings: Resampling,
    mut statistic: impl FnMut(&[Vec<usize>]) -> Option<f64>,
) -> Option<Interval> {
    let mut drawn: Vec<Vec<usize>> = sizes.iter().map(|&size| (0..size).collect()).collect();
    let estimate = statistic(&drawn)?;
    let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
    let mut found = Vec::with_capacity(settings.resamples);
    for _ in 0..settings.resamples {
        for (group, &size) in drawn.iter_mut().zip(sizes) {
            group.iter_mut().for_each(|index| *index = rng.random_range(0..size));
        }
        found.extend(statistic(&drawn));
    }
    found.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - settings.confidence);
    // The least x that at least the share p of the draws do not exceed.
    let quantile = |p: f64| found.get(((p * found.len() as f64).ceil() as usize).max(1) - 1).copied();
    Some(Interval { estimate, low: quantile(tail)?, high: quantile(1.0 - tail)?, defined: found.len() })
}

/// The mean of Kendall's $\tau_b$ over groups of pairs $(x,y)$, with its percentile interval. A pair that is drawn twice is tied with itself in both and
/// counts on neither side.
///
/// `None` where a group has no $\tau_b$, as [`kendall`] says, or there is no group.
pub fn kendall_mean(groups: &[(&[f64], &[f64])], settings: Resampling) -> Option<Interval> {
    if groups.is_empty() || groups.iter().any(|(x, y)| x.len() != y.len()) {
        return None;
    }
    let sizes: Vec<usize> = groups.iter().map(|(x, _)| x.len()).collect();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    percentile(&sizes, settings, |drawn| {
        let mut sum = 0.0;
        for ((x, y), indices) in groups.iter().zip(drawn) {
            a.clear();
            b.clear();
            a.extend(indices.iter().map(|&i| x[i]));
            b.extend(indices.iter().map(|&i| y[i]));
            sum += kendall(&a, &b)?;
        }
        Some(sum / groups.len() as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 5] = [0.1, 0.4, 0.2, 0.9, 0.5];
    const Y: [f64; 5] = [1.0, 2.0, 2.0, 5.0, 1.5];

    /// The ends of the sampled interval are quantiles of the distribution over all $5^5$ draws, up to what the Dvoretzky–Kiefer–Wolfowitz inequality
    /// leaves: $\sup|F_m-F|\le\sqrt{\ln(2/\delta)/2m}$ but for a probability of $\delta=10^{-9}$.
    #[test]
    fn the_interval_is_that_of_all_draws() {
        let mut all = Vec::new();
        for code in 0..5usize.pow(5) {
            let indices: Vec<usize> = (0..5).map(|k| code / 5usize.pow(k) % 5).collect();
            let of = |v: &[f64; 5]| indices.iter().map(|&i| v[i]).collect::<Vec<_>>();
            all.extend(kendall(&of(&X), &of(&Y)));
        }
        let settings = Resampling { resamples: 20_000, confidence: 0.8, seed: 3 };
        let found = kendall_mean(&[(&X, &Y)], settings).unwrap();
        let share = |of: &dyn Fn(f64) -> bool| all.iter().filter(|&&x| of(x)).count() as f64 / all.len() as f64;
        let slack = ((2e9f64).ln() / (2.0 * found.defined as f64)).sqrt();
        for (end, p) in [(found.low, 0.1), (found.high, 0.9)] {
            assert!(share(&|x| x <= end) >= p - slack, "{found:?}");
            assert!(share(&|x| x < end) <= p + slack, "{found:?}");
        }
        assert_eq!(Some(found.estimate), kendall(&X, &Y));
        assert!(found.low < found.high && found.defined < settings.resamples, "some draws are constant: {found:?}");
        assert_eq!(kendall_mean(&[(&X, &Y)], settings), Some(found), "the same seed, the same interval");
    }

    #[test]
    fn groups_are_drawn_from_themselves() {
        // Whatever is drawn, the group of a constant statistic gives it.
        let found = percentile(&[4, 3], Resampling::default(), |drawn| {
            assert!(drawn[0].len() == 4 && drawn[1].len() == 3 && drawn[1].iter().all(|&i| i < 3));
            Some(7.0)
        });
        assert_eq!(found, Some(Interval { estimate: 7.0, low: 7.0, high: 7.0, defined: 2000 }));
        let settings = Resampling { resamples: 50, ..Resampling::default() };
        let mean = kendall_mean(&[(&X, &Y), (&X, &X)], settings).unwrap();
        assert_eq!(mean.estimate, 0.5 * (kendall(&X, &Y).unwrap() + 1.0));
    }

    #[test]
    fn what_has_no_order_has_no_interval() {
        assert_eq!(kendall_mean(&[], Resampling::default()), None);
        assert_eq!(kendall_mean(&[(&X, &Y), (&X, &[1.0; 5])], Resampling::default()), None);
        assert_eq!(kendall_mean(&[(&X, &Y[1..])], Resampling::default()), None);
    }
}
