//! The [search systems](crate::search) on the supernets of libtorch: runs that search, and what they leave.
//!
//! # What is in a RUN
//! | file | what |
//! |---|---|
//! | `run.json` | [`Settings`](super::run::Settings): the space and its size, the data and its parts, how the weights are trained (`training`), and how $\alpha$ is searched for (`search`) |
//! | `epoch-NNNN.safetensors` | the state when epoch NNNN ended (0: at the start), the last two: the weights by their names in PyTorch, running statistics, `momentum.…`, $\alpha$ as `alpha` with the moments `alpha.first` and `alpha.second` of its Adam, and `gates`, the $Z$ (cells × edges, operations) that the record is taken at; `nasproof costs` and `nasproof estimate` read it as that of any run |
//! | `epochs.jsonl` | one [`Record`] a line, the line of epoch $n$ being the $n$-th |
//!
//! A line of `epochs.jsonl` is an object with
//! - `epoch` (from 1), `lr`, `seconds`, `genotype` (in `enas`, `random-nas` and `setn`, which try candidates for it, after every so many epochs as the settings say, null in between, and the one that counts at the end) and `stopped` (`at` and
//!   `kept`, where the curvature has ended the search);
//! - `alpha`, as the system keeps it (null for $-\infty$, an operation that an edge does not have), `strengths` and `gates`, with one row for each (kind of cell,
//!   edge), normal cells first, and one column for each operation of the space;
//! - `cost` and `evaluated`, rows (cell, edge), cells in the order of the data flow: the mean of $\partial L/\partial Z$ over this epoch's evaluations on training
//!   mini-batches (null where there was none), and their number; `validation_cost` and `validation_evaluated` of the steps of $\alpha$ on
//!   held-out ones (none on one level, in `darts-2nd` and in `enas`);
//! - `training` and `validation` (the held-out part): `loss`, `entropy` $H$ of the predictions and `accuracy` at `gates`, means over mini-batches;
//! - `entropy` of the strengths, the mean over the edges in nats; `curvature`, the largest `eigenvalue` of the Hessian in $\alpha$ on one held-out mini-batch, its upper `bound`, and the `kind` of loss that was differentiated ([`search::Kind`]), where asked for;
//!   `discrepancy`, the largest relative difference of finite and exact second order over the steps.
//!
//! The line is written before the checkpoint of its epoch: lines beyond the last checkpoint are of an epoch that was interrupted, and are written again.
//!
//! # Parts of the data
//! The share `reserved` of the training images is touched by nothing here ([`Split::reserved`](super::data::Split)); of the rest the share `held_out` is what $\alpha$ is judged
//! on, and the others are what the weights are trained on.
//!
//! # Statistics of batch normalisation
//! Steps take those of the mini-batch, and the stored ones move; records take what the settings name, and the $\alpha$-Hessian those of the mini-batch.

mod batches;
mod criterion;
mod derive;
mod published;
mod records;
mod select;

pub use batches::Dealt;
pub use criterion::{Criterion, ESTIMATORS, estimator};
pub use derive::{Underived, counted_strengths, derive_by, derived, tries_candidates};
pub use published::{Misfit, constraint_taken, curvature_defined, published};
pub use records::{Record, records};
pub use select::{Judge, Judging, Timely, Unselected, Verdict};

use std::time::Instant;

use super::{
    Error, Normalisation, Place, TorchSupernet,
    data::{Data, Split},
    random::Purpose,
    run::{Run, RunError, Searched, TorchSystem},
    take_error,
    train::{Choice, Progress},
};
use crate::{
    linalg::Vector,
    search::{self, Layout, State, architecture},
    space::StrengthError,
};

/// Why a search stopped.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Something stopped being finite, or a system is missing something.
    #[error(transparent)]
    Search(#[from] search::Error),
    /// The run could not be saved.
    #[error(transparent)]
    Run(#[from] RunError),
    /// No genotype.
    #[error(transparent)]
    Strength(#[from] StrengthError),
    /// libtorch.
    #[error(transparent)]
    Torch(#[from] Error),
}

impl SearchError {
    /// Whether it is what was given, and nothing that another criterion would not meet with as well.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Run(_) | Self::Torch(_))
    }

    /// Whether numbers stopped being finite: then it was not what was given.
    pub fn diverged(&self) -> bool {
        matches!(self, Self::Search(search::Error::NotFinite { .. }))
    }
}

/// What failed below, where something did and left NaN, or else `error`.
fn cause(error: search::Error) -> SearchError {
    take_error().map_or(SearchError::Search(error), SearchError::Torch)
}

/// Whether a search has nothing left to do.
pub fn finished(run: &Run, records: &[Record]) -> bool {
    run.epoch >= run.settings.training.epochs || records.last().is_some_and(|last| last.stopped.is_some())
}

/// The epoch whose architecture counts, counted from 1: the last, or the one that the curvature has it return to; `None` without records.
pub fn counted(records: &[Record]) -> Option<u64> {
    let last = records.last()?;
    Some(last.stopped.map_or(last.epoch.epoch, |stopped| stopped.kept) as u64)
}

/// One more epoch, recorded and saved when it is over; `before` are the records of the earlier ones.
///
/// # Errors
/// [`SearchError`]; the run is then as the last checkpoint has it, on the disk.
pub fn epoch(
    run: &mut Run,
    (data, split): (&Data, &Split),
    place: &Place,
    before: &[Record],
    mut progress: impl FnMut(Progress),
) -> Result<Record, SearchError> {
    let start = Instant::now();
    let (Some(settings), Some(searched), Some(asked)) =
        (run.settings.searching(), run.search.clone(), run.settings.search.clone())
    else {
        return Err(RunError::NotASearch(run.folder().to_owned()).into());
    };
    let (space, seed) = (run.network.space(), run.settings.seed);
    let layout = Layout::of_space(space)?;
    let supernet = TorchSupernet::new(&run.network, *place, Normalisation::Batch)?
        .with_graph_budget(0)
        .in_training(run.settings.bn);
    let mut system: TorchSystem<'_> = asked.system()?;
    system.recall(&layout, &searched.memory)?;
    if let Some(prices) = asked.prices {
        system.constrain(layout.constraint(space, prices)?);
    }
    let dealt =
        |indices, augmentation| Dealt { images: &data.training, indices, size: settings.batch, augmentation, place };
    let augmentation = run.settings.training.augmentation.as_ref();
    let (training, validation) = (dealt(&split.training[..], augmentation), dealt(&split.held_out[..], None));
    let state = State {
        weights: run.theta.clone(),
        velocity: run.momentum.clone(),
        alpha: searched.alpha,
        moments: searched.moments,
        epoch: run.epoch as usize,
    };
    let rng = search::generator(seed, state.epoch + 1);
    let mut going = search::Run::resumed(&supernet, &layout, &settings, state, rng);
    let (lr, steps) = (going.rate(), split.training.len().div_ceil(settings.batch));
    let watch = |going: &search::Run<'_, _>| {
        let (epoch, index) = (going.epoch as u64, going.step as u64);
        supernet.set_seed(Choice { purpose: Purpose::TrainingGates, seed, epoch, index }.noise());
        progress(Progress { step: going.step, steps, loss: going.last_loss });
    };
    let epoch = search::epoch(&mut going, &mut *system, (&training, &validation), seed, watch).map_err(cause)?;
    let stopped = search::stopped(&settings, before.iter().map(|record| &record.epoch).chain([&epoch]));
    let last = going.epoch >= settings.epochs || stopped.is_some();
    let tries = last || (asked.genotype > 0 && going.epoch.is_multiple_of(asked.genotype));
    let genotype = match (system.tries_candidates(), tries) {
        (false, _) => Some(space.derive(&epoch.strengths)?),
        (true, false) => None,
        (true, true) => {
            // Proposals are those of the α that is kept; the weights are the last ones.
            let kept =
                stopped.and_then(|stopped| before.get(stopped.kept - 1)).map(|record| record.epoch.alpha.clone());
            let trained = kept.map(|alpha| std::mem::replace(&mut going.alpha, alpha));
            let found = architecture(&mut going, &mut *system, &validation, seed).map_err(cause)?;
            going.alpha = trained.unwrap_or(going.alpha);
            Some(space.derive(&found)?)
        }
    };
    let gates = layout.sharing.expand(&epoch.gates);
    let memory = system.memory();
    let State { weights, velocity, alpha, moments, epoch: number } = going.into_state();
    take_error().map_or(Ok(()), Err)?;
    if !(weights.is_finite() && velocity.is_finite()) {
        let diverged = search::Error::NotFinite { what: "weights", epoch: run.epoch as usize, step: steps - 1 };
        return Err(diverged.into());
    }
    let genotype = genotype.map(|genotype| genotype.to_string());
    let seconds = start.elapsed().as_secs_f64();
    let record = Record { lr, seconds, genotype, stopped, epoch };
    (run.theta, run.momentum, run.gates, run.epoch) = (weights, velocity, gates, number as u64);
    run.search = Some(Searched { alpha, moments, memory });
    records::append(run.folder(), run.epoch, &record)?;
    run.save()?;
    Ok(record)
}
