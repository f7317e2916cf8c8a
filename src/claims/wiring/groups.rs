//! The displays of appendices D and H.1 on normalisation, symbol by symbol.
//!
//! Batch and layer normalisation differ only in which elements share a mean: a group is a channel ($BD$ elements, $\gamma_c$) or an example
//! ($CD$ elements, $\gamma_b$). Every sum of Eq. 16–19 and 23–24 is a sum over groups of sums over their elements.

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::view::View;
use crate::{
    claims::{Exactly, Measure, strategies},
    cost::{homogeneity::inner, normalisation::slice},
    enclosure::Undefined,
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

/// Groups of integers with a rational $\sigma$, so that every display can be computed in fractions: all of them, up to scale.
///
/// $u_0=(1,-1,1,\dots)$ has mean 0 and variance 1, and so has its reflection $u=u_0-2\frac{w^\top u_0}{w^\top w}w$ along any $w$ of mean 0; every rational $u$ of mean 0 and
/// variance 1 is one such, for $w=u_0-u$. Drawn: $w$, and $X=m+(w^\top w)\,u$, integers, of variance $(w^\top w)^2$.
fn rational_groups(count: usize, size: usize) -> impl Strategy<Value = Case> + Send + Sync {
    let x = (vec(-2i8..=2, size - 1), strategies::integer()).prop_map(move |(w, m)| {
        let mut w: Vec<f64> = w.into_iter().map(f64::from).collect();
        w.push(-w.iter().sum::<f64>());
        let base = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        let square: f64 = w.iter().map(|w| w * w).sum();
        let along: f64 = w.iter().enumerate().map(|(i, w)| w * base(i)).sum();
        let length = if square > 0.0 { square } else { 1.0 };
        (0..size).map(|i| m + length * base(i) - 2.0 * along * w[i]).collect::<Vec<f64>>()
    });
    let group = (x, strategies::integers(size), strategies::integer(), strategies::integer())
        .prop_map(|(x, g, gamma, beta)| Group { x, g, gamma, beta });
    vec(group, count).prop_map(|groups| Case { groups })
}

/// [`batch`] with rational standard deviations.
pub(super) fn rational_batch() -> impl Strategy<Value = Case> + Send + Sync {
    rational_groups(CHANNELS, BATCH * PIXELS)
}

/// [`layer`] with rational standard deviations.
pub(super) fn rational_layer() -> impl Strategy<Value = Case> + Send + Sync {
    rational_groups(BATCH, CHANNELS * PIXELS)
}

/// What the exact instances are, for a reader.
pub(super) const OVER: &str =
    "both sides as fractions, on integer groups whose σ is rational (reflections of a ±1 vector)";

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
}

/// $\partial L/\partial X$ by the library against a display, element by element.
pub(super) fn entries(case: &Case, right: impl Fn(&View<f64>) -> Vec<f64>) -> Measure {
    Measure::all(case.groups.iter().map(|group| {
        let Ok(view) = View::new(group) else { return Measure::truth(false) };
        let scale = group.sizes().iter().map(|s| s * s).sum::<f64>().sqrt();
        Measure::vectors(&group.pulled(), &right(&view), scale, group.x.len())
    }))
}

/// The same in fractions, $\partial L/\partial X$ by the chain rule over dual numbers.
pub(super) fn exact_entries(case: &Case, right: impl Fn(&View<RBig>) -> Vec<RBig>) -> Result<Exactly, Undefined> {
    let each = case.groups.iter().map(|group| {
        let view = View::new(group)?;
        let (left, right) = (view.pulled()?, right(&view));
        Ok(Exactly::truth(left == right).with_all("left", &left).with_all("right", &right))
    });
    Ok(Exactly::all(each.collect::<Result<Vec<_>, _>>()?))
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
