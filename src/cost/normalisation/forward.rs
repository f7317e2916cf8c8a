//! Forward and backward over a whole array.

use super::{
    Grouping, NormalisationError, Shape,
    slice::{self, Statistics},
};
use crate::linalg::{Real, gamma};

/// Scale and shift of every channel, $y=\gamma_c\hat x+\beta_c$.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine<T> {
    /// $\gamma$, one entry a channel.
    pub gamma: Vec<T>,
    /// $\beta$, one entry a channel.
    pub beta: Vec<T>,
}

impl<T: Real> Affine<T> {
    /// $\gamma=1$, $\beta=0$: no affine parameters.
    pub fn identity(channels: usize) -> Self {
        Self { gamma: vec![T::constant(1.0); channels], beta: vec![T::zero(); channels] }
    }

    pub(super) fn check(&self, channels: usize) -> Result<(), NormalisationError> {
        for (what, given) in [("γ", self.gamma.len()), ("β", self.beta.len())] {
            if given != channels {
                return Err(NormalisationError::Length { what, given, expected: channels });
            }
        }
        finite("γ", &self.gamma)?;
        finite("β", &self.beta)
    }
}

/// A normalisation with statistics from the data.
#[derive(Debug, Clone)]
pub struct Normalisation {
    shape: Shape,
    epsilon: f64,
    groups: Vec<Vec<usize>>,
}

/// A forward pass, kept for the backward pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalised<T> {
    /// $y$, of the shape of $x$.
    pub output: Vec<T>,
    /// $\hat x$, of the shape of $x$.
    pub normalised: Vec<T>,
    /// One entry a group.
    pub statistics: Vec<Statistics<T>>,
}

/// $J^\top g$ for every argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient<T> {
    /// With respect to $x$.
    pub input: Vec<T>,
    /// With respect to $\gamma$, one entry a channel.
    pub gamma: Vec<T>,
    /// With respect to $\beta$, one entry a channel.
    pub beta: Vec<T>,
}

impl Normalisation {
    /// A normalisation of arrays of the given shape, $\epsilon\ge0$.
    ///
    /// # Errors
    /// [`NormalisationError`] for an empty shape, groups that do not divide the channels, or an $\epsilon$ out of range.
    pub fn new(shape: Shape, grouping: Grouping, epsilon: f64) -> Result<Self, NormalisationError> {
        let groups = grouping.planes(shape)?;
        if !(epsilon >= 0.0 && epsilon.is_finite()) {
            return Err(NormalisationError::Epsilon(epsilon));
        }
        Ok(Self { shape, epsilon, groups })
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// $\epsilon$.
    pub fn epsilon(&self) -> f64 {
        self.epsilon
    }

    /// $y=\gamma_c\hat x+\beta_c$ for an `x` of [`Shape::elements`] entries.
    ///
    /// # Errors
    /// [`NormalisationError::Length`], [`NormalisationError::NotFinite`], and with $\epsilon=0$ [`NormalisationError::Constant`] for a group
    /// whose deviation is within the rounding of its mean, $\sigma\le\gamma_n\max_i|x_i|$.
    pub fn forward<T: Real>(&self, x: &[T], affine: &Affine<T>) -> Result<Normalised<T>, NormalisationError> {
        length("x", x.len(), self.shape.elements())?;
        finite("x", x)?;
        affine.check(self.shape.channels)?;
        let mut normalised = vec![T::zero(); x.len()];
        let mut statistics = Vec::with_capacity(self.groups.len());
        let (mut group, mut out) = (Vec::new(), Vec::new());
        for (index, planes) in self.groups.iter().enumerate() {
            self.gather(planes, x, &mut group);
            out.resize(group.len(), T::zero());
            let found = slice::normalise(&group, self.epsilon, &mut out);
            if self.epsilon == 0.0 {
                let largest = group.iter().fold(0.0, |m: f64, x| m.max(x.value().abs()));
                let variance = found.variance.value();
                if variance.sqrt() <= gamma(group.len(), f64::EPSILON) * largest {
                    return Err(NormalisationError::Constant { group: index, elements: group.len(), variance });
                }
            }
            self.scatter(planes, &out, &mut normalised);
            statistics.push(found);
        }
        let at = |i: usize| self.shape.channel(i);
        let output =
            normalised.iter().enumerate().map(|(i, &x)| affine.gamma[at(i)] * x + affine.beta[at(i)]).collect();
        Ok(Normalised { output, normalised, statistics })
    }

    /// $J^\top g$ for a cotangent `g` of the output, at the point of `forward`.
    ///
    /// # Errors
    /// [`NormalisationError::Length`].
    pub fn pull_back<T: Real>(
        &self,
        forward: &Normalised<T>,
        affine: &Affine<T>,
        g: &[T],
    ) -> Result<Gradient<T>, NormalisationError> {
        length("g", g.len(), self.shape.elements())?;
        affine.check(self.shape.channels)?;
        let mut gamma = vec![T::zero(); self.shape.channels];
        let mut beta = gamma.clone();
        let mut scaled = Vec::with_capacity(g.len());
        for (i, (&g, &x)) in g.iter().zip(&forward.normalised).enumerate() {
            let c = self.shape.channel(i);
            gamma[c] += g * x;
            beta[c] += g;
            scaled.push(g * affine.gamma[c]);
        }
        let mut input = vec![T::zero(); g.len()];
        let (mut x, mut h, mut out) = (Vec::new(), Vec::new(), Vec::new());
        for (planes, statistics) in self.groups.iter().zip(&forward.statistics) {
            self.gather(planes, &forward.normalised, &mut x);
            self.gather(planes, &scaled, &mut h);
            out.resize(x.len(), T::zero());
            slice::pull_back(&x, statistics, &h, &mut out);
            self.scatter(planes, &out, &mut input);
        }
        Ok(Gradient { input, gamma, beta })
    }

    /// $\langle J^\top g,x\rangle=\sum_G\frac{\epsilon}{\sigma_G^2+\epsilon}\sum_{i\in G}g_i\gamma_{c(i)}\hat x_i$, the terms of the sum.
    pub(super) fn leaks<'a>(
        &'a self,
        forward: &'a Normalised<f64>,
        affine: &'a Affine<f64>,
        g: &'a [f64],
    ) -> impl Iterator<Item = f64> + 'a {
        self.groups.iter().zip(&forward.statistics).flat_map(move |(planes, statistics)| {
            self.indices(planes)
                .map(move |i| statistics.leak() * g[i] * affine.gamma[self.shape.channel(i)] * forward.normalised[i])
        })
    }

    /// The indices of the elements of a group.
    pub(super) fn indices<'a>(&self, planes: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
        let plane = self.shape.plane();
        planes.iter().flat_map(move |&start| start..start + plane)
    }

    /// The groups, each the list of where its planes begin.
    pub(super) fn groups(&self) -> &[Vec<usize>] {
        &self.groups
    }

    fn gather<T: Real>(&self, planes: &[usize], from: &[T], to: &mut Vec<T>) {
        to.clear();
        to.extend(self.indices(planes).map(|i| from[i]));
    }

    fn scatter<T: Real>(&self, planes: &[usize], from: &[T], to: &mut [T]) {
        for (i, &x) in self.indices(planes).zip(from) {
            to[i] = x;
        }
    }
}

pub(super) fn length(what: &'static str, given: usize, expected: usize) -> Result<(), NormalisationError> {
    if given == expected { Ok(()) } else { Err(NormalisationError::Length { what, given, expected }) }
}

pub(super) fn finite<T: Real>(what: &'static str, x: &[T]) -> Result<(), NormalisationError> {
    match x.iter().position(|x| !x.value().is_finite()) {
        Some(index) => Err(NormalisationError::NotFinite { what, index }),
        None => Ok(()),
    }
}
