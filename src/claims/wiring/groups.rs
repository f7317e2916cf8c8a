//! The displays of appendices D and H.1 on normalisation, symbol by symbol.
//!
//! Batch and layer normalisation differ only in which elements share a mean: a group is a channel ($BD$ elements, $\gamma_c$) or an example
//! ($CD$ elements, $\gamma_b$). Every sum of Eq. 16–19 and 23–24 is a sum over groups of sums over their elements.

use num_dual::{Dual64, DualNum};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Measure, strategies},
    cost::{homogeneity::inner, normalisation::slice},
    linalg::{Rounded, TestRatio},
};

/// $B$, $C$ and $D$: no two of $B$, $C$ and no two of $BD$, $CD$ agree.
pub(super) const BATCH: usize = 3;
pub(super) const CHANNELS: usize = 2;
pub(super) const PIXELS: usize = 4;

/// The elements that share a mean and a variance.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Group {
    /// $X$.
    pub(super) x: Vec<f64>,
    /// $\partial L/\partial X_3^2$.
    pub(super) g: Vec<f64>,
    /// $\gamma$.
    pub(super) gamma: f64,
    /// $\beta$.
    pub(super) beta: f64,
}

/// The groups of one array.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) groups: Vec<Group>,
}

fn groups(count: usize, size: usize) -> impl Strategy<Value = Case> + Send + Sync {
    // Two neighbours differ by construction, so no group is constant.
    let x = vec((strategies::integer(), 1i8..=4), size / 2)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(x, d)| [x, x + f64::from(d)]).collect::<Vec<f64>>());
    let group = (x, strategies::integers(size), strategies::integer(), strategies::integer())
        .prop_map(|(x, g, gamma, beta)| Group { x, g, gamma, beta });
    vec(group, count).prop_map(|groups| Case { groups })
}

/// One group a channel.
pub(super) fn batch() -> impl Strategy<Value = Case> + Send + Sync {
    groups(CHANNELS, BATCH * PIXELS)
}

/// One group an example.
pub(super) fn layer() -> impl Strategy<Value = Case> + Send + Sync {
    groups(BATCH, CHANNELS * PIXELS)
}

impl Group {
    pub(super) fn n(&self) -> f64 {
        self.x.len() as f64
    }

    /// $\mu$.
    pub(super) fn mean(&self) -> f64 {
        self.x.iter().sum::<f64>() / self.n()
    }

    /// $\frac1n\sum(X-m)^2$.
    pub(super) fn variance_about(&self, m: f64) -> f64 {
        self.x.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / self.n()
    }

    /// $(\sigma^2)^{-1/2}$.
    pub(super) fn scale(&self) -> f64 {
        self.variance_about(self.mean()).sqrt().recip()
    }

    /// $\hat X$.
    pub(super) fn hat(&self) -> Vec<f64> {
        let (mean, scale) = (self.mean(), self.scale());
        self.x.iter().map(|x| (x - mean) * scale).collect()
    }

    /// $\sum\partial L/\partial X_3^2\,\hat X$.
    pub(super) fn slope(&self) -> f64 {
        inner(&self.g, &self.hat()).value
    }

    /// $\partial L/\partial X$ by the library.
    pub(super) fn pulled(&self) -> Vec<f64> {
        let weighted: Vec<f64> = self.g.iter().map(|g| g * self.gamma).collect();
        let (mut normalised, mut pulled) = (vec![0.0; self.x.len()], vec![0.0; self.x.len()]);
        let statistics = slice::normalise(&self.x, 0.0, &mut normalised);
        slice::pull_back(&normalised, &statistics, &weighted, &mut pulled);
        pulled
    }

    /// What rounding of $\partial L/\partial X$ is relative to, element by element: the terms of the pull-back, and that $\hat X$ carries an error
    /// of $\max|X|/\sigma$ units.
    pub(super) fn sizes(&self) -> Vec<f64> {
        let (scale, hat, n) = (self.scale(), self.hat(), self.n());
        let h: Vec<f64> = self.g.iter().map(|g| (g * self.gamma).abs()).collect();
        let mean = h.iter().sum::<f64>() / n;
        let slope = h.iter().zip(&hat).map(|(h, x)| (h * x).abs()).sum::<f64>() / n;
        let largest = self.x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let size = |(h, x): (&f64, &f64)| scale * (h + mean + x.abs() * slope) * (1.0 + scale * largest);
        h.iter().zip(&hat).map(size).collect()
    }

    /// $y=\gamma(x-\mu)/\sqrt{\sigma^2}+\beta$ with each argument of its own.
    fn output(&self, x: Dual64, mean: Dual64, variance: Dual64) -> Dual64 {
        (x - mean) / variance.sqrt() * self.gamma + self.beta
    }

    /// $\partial y/\partial x$, $\partial y/\partial\mu$ and $\partial y/\partial\sigma^2$ of element `i`.
    pub(super) fn partials(&self, i: usize) -> [f64; 3] {
        let (x, mean, variance) = (self.x[i], self.mean(), self.variance_about(self.mean()));
        let [one, c] = [|v: f64| Dual64::new(v, 1.0), |v: f64| Dual64::new(v, 0.0)];
        [
            self.output(one(x), c(mean), c(variance)).eps,
            self.output(c(x), one(mean), c(variance)).eps,
            self.output(c(x), c(mean), one(variance)).eps,
        ]
    }

    /// $\partial L/\partial\sigma^2=\sum\partial L/\partial y\,\partial y/\partial\sigma^2$.
    pub(super) fn variance_slope(&self) -> f64 {
        (0..self.x.len()).map(|i| self.g[i] * self.partials(i)[2]).sum()
    }

    /// $\partial\sigma^2/\partial m$ at the centre $m$.
    pub(super) fn centre_slope(&self, m: f64) -> f64 {
        self.x.iter().map(|x| -2.0 * (x - m)).sum::<f64>() / self.n()
    }
}

/// A measure of all groups; `left` and `right` give the elements of each.
pub(super) fn entries(case: &Case, left: impl Fn(&Group) -> Vec<f64>, right: impl Fn(&Group) -> Vec<f64>) -> Measure {
    Measure::all(case.groups.iter().map(|group| {
        let scale = group.sizes().iter().map(|s| s * s).sum::<f64>().sqrt();
        Measure::vectors(&left(group), &right(group), scale, group.x.len())
    }))
}

/// Whether the third term of a line keeps the factor $\hat X$ of its element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Hat {
    /// Eq. 19 as printed.
    Dropped,
    /// Eq. 24.
    Kept,
}

/// Where the mean is subtracted from the factor $X$ in the first and the second term of a line.
pub(super) type Centred = [bool; 2];

/// Line 1 (`[false; 2]`) and 2 (`[true; 2]`) of Eq. 19 and 24: three terms, the second `share` times.
pub(super) fn three_terms(case: &Case, centred: Centred, share: f64, hat: Hat) -> f64 {
    let of_group = |group: &Group| {
        let (mean, scale, hats) = (group.mean(), group.scale(), group.hat());
        let total: f64 = group.g.iter().sum();
        let factor = |i: usize, centred: bool| group.gamma * (group.x[i] - if centred { mean } else { 0.0 }) * scale;
        (0..group.x.len())
            .map(|i| {
                group.g[i] * factor(i, centred[0])
                    - share * total / group.n() * factor(i, centred[1])
                    - third(group, &hats, scale, i, hat)
            })
            .sum::<f64>()
    };
    case.groups.iter().map(of_group).sum()
}

fn third(group: &Group, hats: &[f64], scale: f64, i: usize, hat: Hat) -> f64 {
    let kept = if hat == Hat::Kept { hats[i] } else { 1.0 };
    group.gamma / group.n() * inner(&group.g, hats).value * kept * group.x[i] * scale
}

/// Line 3: $\sum\partial L/\partial X_3^2\,\gamma\hat X$ less the third term.
pub(super) fn two_terms(case: &Case, hat: Hat) -> f64 {
    let of_group = |group: &Group| {
        let (scale, hats) = (group.scale(), group.hat());
        (0..group.x.len()).map(|i| group.g[i] * group.gamma * hats[i] - third(group, &hats, scale, i, hat)).sum::<f64>()
    };
    case.groups.iter().map(of_group).sum()
}

/// Line 4: $\sum\gamma\left(\sum\partial L/\partial X_3^2\,\hat X\right)\left(1-\sum\hat X^2/n\right)$, with $n-1$ for $n$ in $\sigma^2$ if `unbiased`.
pub(super) fn one_term(case: &Case, unbiased: bool) -> f64 {
    let of_group = |group: &Group| {
        let shrink = if unbiased { (group.n() - 1.0) / group.n() } else { 1.0 };
        let square: f64 = group.hat().iter().map(|x| x * x * shrink).sum();
        group.gamma * group.slope() * (1.0 - square / group.n())
    };
    case.groups.iter().map(of_group).sum()
}

/// $\langle\partial L/\partial X,X\rangle$ by the library.
pub(super) fn cost(case: &Case) -> f64 {
    case.groups.iter().map(|group| inner(&group.pulled(), &group.x).value).sum()
}

/// `left = right` for two lines, or nothing for a case that shows nothing (NaN never passes).
pub(super) fn lines(case: &Case, left: f64, right: f64) -> Measure {
    let sizes = |group: &Group| inner(&group.sizes(), &group.x).terms;
    let terms: f64 = case.groups.iter().map(sizes).sum();
    let n = case.groups.iter().map(|group| group.x.len()).sum();
    Measure::ratio(TestRatio::identity(left, right, terms, n)).with("left", left).with("right", right)
}

/// A sum that is to vanish.
pub(super) fn vanishes(terms: impl IntoIterator<Item = f64>, size: f64) -> Measure {
    let sum = Rounded::sum(terms);
    Measure::equality(sum.value, 0.0, sum.terms * (1.0 + size), sum.n)
}
