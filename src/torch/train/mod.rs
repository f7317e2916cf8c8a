//! Training the weights of a supernet under fixed or sampled gates.
//!
//! The weights of operations that were not run in a step have a gradient of 0: momentum and weight decay move them all the same, as in the
//! published code, whose gradients are set to zero and not removed between steps.

mod gates;

pub use gates::sampled;

use std::time::Instant;

use ndarray::Array2;

use super::{
    Error, Network, Normalisation, Place, SpaceNet, TorchSupernet, Wanted,
    data::{Data, Images, Split, bring, order},
    random::{Purpose, generator},
    run::{GateChoice, Run, RunError},
    take_error,
};
use crate::{linalg::Vector, optimiser::Sgd};

/// Loss, entropy of the predicted distribution (both in nats, means over examples) and accuracy in $\lbrack 0,1\rbrack$.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Figures {
    /// $L$.
    pub loss: f64,
    /// $H$.
    pub entropy: f64,
    /// The share of examples whose class was predicted.
    pub accuracy: f64,
}

impl Figures {
    fn add(&mut self, share: f64, (loss, entropy, accuracy): (f64, f64, f64)) {
        self.loss += share * loss;
        self.entropy += share * entropy;
        self.accuracy += share * accuracy;
    }
}

/// What an epoch gave.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Epoch {
    /// Its number, counted from 1.
    pub epoch: u64,
    /// Its learning rate.
    pub lr: f64,
    /// Over its own steps, each before its update, with the statistics of the batch.
    pub training: Figures,
    /// Over the held-out images at its end, with the statistics that the settings name.
    pub held_out: Figures,
    /// Wall-clock time.
    pub seconds: f64,
}

/// Why training stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The loss is not finite.
    #[error(
        "training diverged: the loss is {loss} in epoch {epoch}, step {step}, at the learning rate {lr}; lower --lr, or --clip the gradient"
    )]
    Diverged {
        /// The epoch, counted from 1.
        epoch: u64,
        /// The step, counted from 1.
        step: usize,
        /// The loss.
        loss: f64,
        /// The learning rate.
        lr: f64,
    },
    /// The run could not be saved.
    #[error(transparent)]
    Run(#[from] RunError),
    /// libtorch.
    #[error(transparent)]
    Torch(#[from] Error),
}

/// A step that is done, for whoever shows progress.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Steps done in this epoch.
    pub step: usize,
    /// Steps in an epoch.
    pub steps: usize,
    /// The loss of the last one.
    pub loss: f64,
}

/// One more epoch, saved when it is over.
///
/// # Errors
/// [`TrainError`]; the run is then as the last checkpoint has it, on the disk.
pub fn epoch(
    run: &mut Run,
    data: &Data,
    split: &Split,
    place: &Place,
    mut progress: impl FnMut(Progress),
) -> Result<Epoch, TrainError> {
    let start = Instant::now();
    let settings = run.settings.clone();
    let (training, at) = (&settings.training, (settings.seed, run.epoch));
    let lr = training.rate(run.epoch);
    let mut sgd = Sgd::resumed(training.sgd(), run.momentum.clone());
    let supernet = TorchSupernet::new(&run.network, *place, settings.bn)?.with_graph_budget(0);
    let indices = order(&split.training, at);
    let steps = indices.len().div_ceil(training.batch_size);
    let mut sum = Figures::default();
    for (step, batch) in indices.chunks(training.batch_size).enumerate() {
        let augmentation = training.augmentation.as_ref().map(|augmentation| (augmentation, at));
        let mini_batch = [bring(&data.training, batch, augmentation, place)?];
        let choice =
            Choice { purpose: Purpose::TrainingGates, seed: settings.seed, epoch: run.epoch, index: step as u64 };
        let (gates, active) = choice.of(&training.gates, &run.gates, &run.network.gates().mask);
        supernet.set_seed(choice.noise());
        let pass =
            supernet.pass(&run.theta, &gates, active.as_ref(), &mini_batch, Normalisation::Train, Wanted::GRADIENT)?;
        let diverged = TrainError::Diverged { epoch: run.epoch + 1, step: step + 1, loss: pass.loss, lr };
        let Some(gradient) = pass.gradient.filter(|_| pass.loss.is_finite()) else { return Err(diverged) };
        sgd.step(&mut run.theta, &gradient, lr);
        sum.add(batch.len() as f64 / indices.len() as f64, (pass.loss, pass.entropy, pass.accuracy));
        progress(Progress { step: step + 1, steps, loss: pass.loss });
    }
    take_error().map_or(Ok(()), Err)?;
    if !run.theta.is_finite() {
        return Err(TrainError::Diverged { epoch: run.epoch + 1, step: steps, loss: f64::NAN, lr });
    }
    run.momentum = sgd.into_velocity();
    let held_out = judge(&supernet, run, &data.training, &split.held_out)?;
    run.epoch += 1;
    let done = Epoch { epoch: run.epoch, lr, training: sum, held_out, seconds: start.elapsed().as_secs_f64() };
    run.history.push(done.clone());
    run.save()?;
    Ok(done)
}

/// Loss, entropy and accuracy of a run over some images, with the statistics that its settings name and gates as in training.
///
/// # Errors
/// [`Error`] of libtorch.
pub fn figures(run: &Run, images: &Images, indices: &[usize], place: &Place) -> Result<Figures, Error> {
    let supernet = TorchSupernet::new(&run.network, *place, run.settings.bn)?.with_graph_budget(0);
    let figures = judge(&supernet, run, images, indices)?;
    take_error().map_or(Ok(figures), Err)
}

/// Loss, entropy and accuracy over some images, with gates as in training, drawn anew for each mini-batch where they are sampled.
fn judge(supernet: &TorchSupernet<&SpaceNet>, run: &Run, images: &Images, indices: &[usize]) -> Result<Figures, Error> {
    let training = &run.settings.training;
    let mut sum = Figures::default();
    for (i, batch) in indices.chunks(training.batch_size).enumerate() {
        let mini_batch = [bring(images, batch, None, supernet.place())?];
        let choice =
            Choice { purpose: Purpose::ProbeGates, seed: run.settings.seed, epoch: run.epoch, index: i as u64 };
        let (gates, active) = choice.of(&training.gates, &run.gates, &run.network.gates().mask);
        supernet.set_seed(choice.noise());
        let pass = supernet.pass(&run.theta, &gates, active.as_ref(), &mini_batch, run.settings.bn, Wanted::LOSS)?;
        sum.add(batch.len() as f64 / indices.len() as f64, (pass.loss, pass.entropy, pass.accuracy));
    }
    Ok(sum)
}

/// Which of the random draws of a run.
pub(super) struct Choice {
    pub(super) purpose: Purpose,
    pub(super) seed: u64,
    pub(super) epoch: u64,
    pub(super) index: u64,
}

impl Choice {
    /// The gates, and the operations to be run where not all are.
    pub(super) fn of(
        &self,
        choice: &GateChoice,
        fixed: &Array2<f64>,
        mask: &Array2<bool>,
    ) -> (Array2<f64>, Option<Array2<bool>>) {
        match choice {
            GateChoice::Sampled => {
                let (gates, active) = sampled(mask, &mut generator(self.seed, self.purpose, self.epoch, self.index));
                (gates, Some(active))
            }
            GateChoice::Uniform | GateChoice::Searched | GateChoice::File(_) | GateChoice::Genotype(_) => {
                (fixed.clone(), None)
            }
        }
    }

    /// The seed of the operations that draw noise.
    pub(super) fn noise(&self) -> i64 {
        use rand::RngExt;
        let mixed = self.seed ^ (self.purpose as u64) << 56;
        generator(mixed, Purpose::Noise, self.epoch, self.index).random()
    }
}
