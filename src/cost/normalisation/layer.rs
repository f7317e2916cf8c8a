//! A normalisation as an [`Operation`] of degree 0.

use super::{Affine, Normalisation, NormalisationError, Normalised};
use crate::{cost::homogeneity::Operation, linalg::Rounded};

/// Normalisation, scale and shift with statistics from the data: degree 0, remainder as in the [table](super).
///
/// Inputs must be finite and, when $\epsilon=0$, constant on no group: [`NormalisationLayer::new`] cannot know them, so where
/// [`Normalisation::forward`] would refuse, the results are NaN, which no test ratio passes.
#[derive(Debug, Clone)]
pub struct NormalisationLayer {
    normalisation: Normalisation,
    affine: Affine<f64>,
}

impl NormalisationLayer {
    /// Puts the two together.
    ///
    /// # Errors
    /// [`NormalisationError::Length`] unless `affine` has one entry a channel, [`NormalisationError::NotFinite`].
    pub fn new(normalisation: Normalisation, affine: Affine<f64>) -> Result<Self, NormalisationError> {
        affine.check(normalisation.shape().channels)?;
        Ok(Self { normalisation, affine })
    }

    /// Without affine parameters.
    pub fn plain(normalisation: Normalisation) -> Self {
        let affine = Affine::identity(normalisation.shape().channels);
        Self { normalisation, affine }
    }

    fn run(&self, x: &[f64]) -> Option<Normalised<f64>> {
        self.normalisation.forward(x, &self.affine).ok()
    }
}

impl Operation for NormalisationLayer {
    fn input_len(&self) -> usize {
        self.normalisation.shape().elements()
    }

    fn output_len(&self) -> usize {
        self.input_len()
    }

    fn forward(&self, x: &[f64]) -> Vec<f64> {
        self.run(x).map_or_else(|| vec![f64::NAN; self.output_len()], |forward| forward.output)
    }

    fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        let pulled = self.run(x).and_then(|forward| self.normalisation.pull_back(&forward, &self.affine, g).ok());
        pulled.map_or_else(|| vec![f64::NAN; self.input_len()], |gradient| gradient.input)
    }

    fn degree(&self) -> f64 {
        0.0
    }

    fn remainder(&self, x: &[f64], g: &[f64]) -> Rounded {
        match self.run(x) {
            Some(forward) => Rounded::sum(self.normalisation.leaks(&forward, &self.affine, g)),
            None => Rounded { value: f64::NAN, terms: f64::NAN, n: 1 },
        }
    }

    /// $\sum_i|x_i|\,s\,(|h_i|+\overline{|h|}+|\hat x_i|\,\overline{|h\hat x|})$ with $h=\gamma g$, times $1+s\max|x|$: $\hat x$ itself carries
    /// an error of $s\max|x|$ units, the mean having been subtracted.
    fn magnitude(&self, x: &[f64], g: &[f64]) -> f64 {
        let Some(forward) = self.run(x) else { return f64::NAN };
        let shape = self.normalisation.shape();
        let groups = self.normalisation.groups().iter().zip(&forward.statistics);
        let of_group = |(planes, statistics): (&Vec<usize>, &super::slice::Statistics<f64>)| {
            let elements: Vec<(f64, f64, f64)> = self
                .normalisation
                .indices(planes)
                .map(|i| (x[i].abs(), (g[i] * self.affine.gamma[shape.channel(i)]).abs(), forward.normalised[i].abs()))
                .collect();
            let n = elements.len() as f64;
            let mean = elements.iter().map(|(_, h, _)| h).sum::<f64>() / n;
            let slope = elements.iter().map(|(_, h, normal)| h * normal).sum::<f64>() / n;
            let largest = elements.iter().fold(0.0f64, |m, e| m.max(e.0));
            let sum: f64 = elements.iter().map(|(x, h, normal)| x * (h + mean + normal * slope)).sum();
            sum * statistics.scale * (1.0 + statistics.scale * largest)
        };
        groups.map(of_group).sum()
    }
}
