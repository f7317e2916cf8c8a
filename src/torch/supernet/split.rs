//! The cost of a mini-batch, told apart by its images.
//!
//! $L=\frac1N\sum_i\ell_i$, so $C=\partial L/\partial Z=C^++C^-$ with $C^\pm=\frac1N\sum_{i\in\pm}\partial\ell_i/\partial Z$ for any question that divides the $N$ images
//! in two: two backward passes through the graph of one forward pass. Where the statistics of the batch normalise, $\ell_i$ depends on every image, and
//! $\partial\ell_i/\partial Z$ is what the loss of image $i$ costs within the whole mini-batch.

use ndarray::Array2;
use tch::{Reduction, Tensor, no_grad, with_grad};

use super::{
    TorchSupernet,
    graph::backward,
    pass::{Setting, closed},
};
use crate::{
    problem::only_active,
    torch::{Error, MiniBatch, Network, Normalisation, TensorVector, error::Doing, host},
};

/// A cost in two parts.
#[derive(Debug, Clone)]
pub struct SplitCost {
    /// The logits, examples × classes.
    pub logits: Array2<f64>,
    /// Which images the first part is of.
    pub chosen: Vec<bool>,
    /// $C^+$ of the chosen images and $C^-$ of the others, $E\times O$; their sum is $C$, and 0 stands at the operations that were not run.
    pub parts: [Array2<f64>; 2],
}

impl<N: Network> TorchSupernet<N> {
    /// The cost of a mini-batch, when only the operations in `active` are run (`None` for all), in the part of the images that `choose` names once it has seen the
    /// logits, and that of the others. One forward and two backward passes; one where all images are of one part.
    ///
    /// # Errors
    /// [`Error`]: shapes, labels beyond the classes, libtorch, that of `choose`, or an answer of another length than there are images.
    pub fn split_cost(
        &self,
        weights: &TensorVector,
        gates: &Array2<f64>,
        active: Option<&Array2<bool>>,
        mini_batch: &MiniBatch,
        normalisation: Normalisation,
        choose: impl FnOnce(&Array2<f64>) -> Result<Vec<bool>, Error>,
    ) -> Result<SplitCost, Error> {
        let gates = closed(gates, active);
        let run = active.unwrap_or(&self.network().gates().mask);
        let setting = self.setting(weights, &gates, run, normalisation, true)?;
        let examples = mini_batch.examples();
        let recorded = with_grad(|| self.logits(&setting, 0, examples))?;
        let logits = no_grad(|| host::matrix(&recorded)).doing("the logits")?;
        let chosen = choose(&logits)?;
        if chosen.len() != mini_batch.len() {
            let (given, expected) = (chosen.len(), mini_batch.len());
            return Err(Error::Other(format!(
                "{given} answers were given to which of {expected} images are meant; give one an image"
            )));
        }
        let losses =
            with_grad(|| recorded.f_cross_entropy_loss::<Tensor>(examples.labels, None, Reduction::None, -100, 0.0));
        let losses = losses.doing("the cross-entropy")?;
        let both = chosen.contains(&true) && chosen.contains(&false);
        let first = self.part(&setting, &losses, &chosen, true, both)?;
        let second = self.part(&setting, &losses, &chosen, false, false)?;
        let parts = [first, second].map(|cost| only_active(&cost, run));
        Ok(SplitCost { logits, chosen, parts })
    }

    /// $\frac1N\sum\partial\ell_i/\partial Z$ over the images whose answer is `which`; the graph is needed once more where it is to be `kept`.
    fn part(
        &self,
        setting: &Setting<'_>,
        losses: &Tensor,
        chosen: &[bool],
        which: bool,
        kept: bool,
    ) -> Result<Array2<f64>, Error> {
        if !chosen.contains(&which) {
            return Ok(Array2::zeros(self.network().gates().shape()));
        }
        let share = 1.0 / chosen.len() as f64;
        let shares: Vec<f64> = chosen.iter().map(|&answer| if answer == which { share } else { 0.0 }).collect();
        let shares = self.place().tensor(&shares, &[shares.len() as i64])?;
        let loss = with_grad(|| losses.f_mul(&shares)?.f_sum(None)).doing("the loss of some images")?;
        let cost = backward(&loss, &[&setting.gates], kept, false, "the backward pass")?.swap_remove(0);
        no_grad(|| host::matrix(&cost)).doing("the cost")
    }
}
