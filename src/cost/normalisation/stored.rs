//! Normalisation at evaluation: stored statistics, hence an affine map.
//!
//! $y=\gamma_c\,(x-m_c)(v_c+\epsilon)^{-1/2}+\beta_c$ is affine in $x$: degree 1, and
//! $Jx=\gamma_cx(v_c+\epsilon)^{-1/2}=y+\gamma_cm_c(v_c+\epsilon)^{-1/2}-\beta_c$. So the zero-cost identity is a property of *training* mode:
//! at evaluation the cost is conserved up to $r(x,g)=\sum_ig_i\bigl(\gamma_cm_c(v_c+\epsilon)^{-1/2}-\beta_c\bigr)$.

use super::{
    Affine, Grouping, NormalisationError, Normalised, Shape,
    forward::{finite, length},
};
use crate::{cost::homogeneity::Operation, linalg::Rounded};

/// Running mean and variance of every channel, as batch normalisation (or instance normalisation that tracks) keeps them.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    shape: Shape,
    epsilon: f64,
    mean: Vec<f64>,
    variance: Vec<f64>,
    affine: Affine<f64>,
}

impl Stored {
    /// Stored statistics, one entry a channel; $v_c+\epsilon>0$.
    ///
    /// # Errors
    /// [`NormalisationError`]: lengths, entries not finite, $\epsilon<0$, $v_c<0$ or $v_c+\epsilon=0$.
    pub fn new(
        shape: Shape,
        epsilon: f64,
        mean: Vec<f64>,
        variance: Vec<f64>,
        affine: Affine<f64>,
    ) -> Result<Self, NormalisationError> {
        Grouping::Batch.count(shape)?;
        affine.check(shape.channels)?;
        for (what, values) in [("the stored mean", &mean), ("the stored variance", &variance)] {
            length(what, values.len(), shape.channels)?;
            finite(what, values)?;
        }
        if !(epsilon >= 0.0 && epsilon.is_finite()) {
            return Err(NormalisationError::Epsilon(epsilon));
        }
        if let Some(&value) = variance.iter().find(|&&v| v < 0.0 || v + epsilon <= 0.0) {
            let expected = "v ≥ 0 and v + ε > 0";
            return Err(NormalisationError::Range { what: "a stored variance", value, expected });
        }
        Ok(Self { shape, epsilon, mean, variance, affine })
    }

    /// Moves the stored statistics towards those of a forward pass in training mode:
    /// $m\leftarrow(1-\rho)m+\rho\mu$, $v\leftarrow(1-\rho)v+\rho\frac{n}{n-1}\sigma^2$ (the unbiased variance, as is customary; for $n=1$
    /// the biased one). With several groups a channel (instance grouping) their statistics are averaged.
    ///
    /// # Errors
    /// [`NormalisationError::NotPerChannel`] for layer and group normalisation, [`NormalisationError::Range`] unless $0\le\rho\le1$,
    /// [`NormalisationError::Length`] when the pass is of another shape.
    pub fn update(
        &mut self,
        grouping: Grouping,
        forward: &Normalised<f64>,
        momentum: f64,
    ) -> Result<(), NormalisationError> {
        if !matches!(grouping, Grouping::Batch | Grouping::Instance) {
            return Err(NormalisationError::NotPerChannel(grouping));
        }
        if !(0.0..=1.0).contains(&momentum) {
            let expected = "0 ≤ ρ ≤ 1";
            return Err(NormalisationError::Range { what: "the momentum ρ", value: momentum, expected });
        }
        let groups = grouping.count(self.shape)?;
        length("the statistics", forward.statistics.len(), groups)?;
        let (n, share) = ((self.shape.elements() / groups) as f64, self.shape.channels as f64 / groups as f64);
        let unbiased = if n > 1.0 { n / (n - 1.0) } else { 1.0 };
        for values in [&mut self.mean, &mut self.variance] {
            values.iter_mut().for_each(|value| *value *= 1.0 - momentum);
        }
        for (group, statistics) in forward.statistics.iter().enumerate() {
            // Groups of a channel lie C apart in both groupings.
            let c = group % self.shape.channels;
            self.mean[c] += momentum * share * statistics.mean;
            self.variance[c] += momentum * share * unbiased * statistics.variance;
        }
        Ok(())
    }

    /// $m$, one entry a channel.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// $v$, one entry a channel.
    pub fn variance(&self) -> &[f64] {
        &self.variance
    }

    /// $\gamma_c(v_c+\epsilon)^{-1/2}$.
    fn slope(&self, c: usize) -> f64 {
        self.affine.gamma[c] / (self.variance[c] + self.epsilon).sqrt()
    }
}

impl Operation for Stored {
    fn input_len(&self) -> usize {
        self.shape.elements()
    }

    fn output_len(&self) -> usize {
        self.shape.elements()
    }

    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let at = |(i, x): (usize, &f64)| {
            let c = self.shape.channel(i);
            self.slope(c) * (x - self.mean[c]) + self.affine.beta[c]
        };
        x.iter().enumerate().map(at).collect()
    }

    fn pull_back(&self, _: &[f64], g: &[f64]) -> Vec<f64> {
        g.iter().enumerate().map(|(i, g)| self.slope(self.shape.channel(i)) * g).collect()
    }

    fn degree(&self) -> f64 {
        1.0
    }

    fn remainder(&self, _: &[f64], g: &[f64]) -> Rounded {
        Rounded::sum(g.iter().enumerate().flat_map(|(i, g)| {
            let c = self.shape.channel(i);
            [g * self.slope(c) * self.mean[c], -g * self.affine.beta[c]]
        }))
    }
}
