//! A run: a folder with the settings and the checkpoints of a supernet in training.
//!
//! `run.json` holds [`Settings`], `epoch-NNNN.safetensors` what had been reached when that epoch ended (0: the initial weights); the last two are
//! kept. Every file is written under another name and then renamed, the folder itself too, so that a run that is killed at any moment has
//! lost no more than the epoch it was in. Continued on the same machine with the same number of threads, it gives the same bits as one that
//! was never interrupted.
//!
//! ```no_run
//! use nasproof::torch::{Place, Precision, run::Run};
//!
//! let place = Place::new("cpu", Precision::F32)?;
//! let run = Run::open("supernet".as_ref(), &place)?;      // the last checkpoint
//! println!("{} weights after epoch {}", nasproof::linalg::Vector::dim(&run.theta), run.epoch);
//! let (data, split) = run.data()?;                        // as it was trained on
//! # let _ = (data, split);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checkpoint;
mod child;
mod error;
mod lock;
mod searched;
mod settings;

pub use child::{child, inherit};
pub use error::RunError;
pub use searched::{SearchSettings, Searched, TorchSystem};
pub use settings::{GateChoice, Settings, Training};

use std::{
    cell::OnceCell,
    fs::{self, File},
    path::{Path, PathBuf},
};

use ndarray::Array2;

use super::{
    ChildError, Network, Place, SpaceNet, TensorVector,
    data::{Data, Split, split},
    train::Epoch,
};
use crate::{
    linalg::Vector,
    report::write,
    space::{Image, Space},
};

/// How many checkpoints are kept.
const KEPT: usize = 2;

/// A supernet with its weights, as far as it was trained.
pub struct Run {
    folder: PathBuf,
    /// What it was asked to do.
    pub settings: Settings,
    /// The network, with its running statistics.
    pub network: SpaceNet,
    /// $\theta$.
    pub theta: TensorVector,
    /// The momentum of the optimiser.
    pub momentum: TensorVector,
    /// The gates it was trained under, E×O; where they were sampled, their mean, $1/|\mathcal O|$; in a search those that its record is taken at.
    pub gates: Array2<f64>,
    /// What a search has reached, in a run that searches.
    pub search: Option<Searched>,
    /// Epochs finished.
    pub epoch: u64,
    /// What each of them gave; a search writes [records](super::search::Record) instead.
    pub history: Vec<Epoch>,
    /// Held by who writes.
    lock: OnceCell<File>,
}

impl Run {
    /// A new run with its initial weights: the folder is made, with `run.json` and the checkpoint of epoch 0. `gates` are those of a file, where
    /// the settings name one.
    ///
    /// # Errors
    /// [`RunError`]; then there is no folder.
    pub fn create(
        folder: &Path,
        settings: Settings,
        gates: Option<Array2<f64>>,
        place: &Place,
    ) -> Result<Self, RunError> {
        Self::create_with(folder, settings, place, |run| {
            if let Some(gates) = gates {
                run.gates = gates;
            }
            Ok(())
        })
    }

    /// As [`Run::create`], with whatever `prepare` makes of the run before it is written.
    ///
    /// # Errors
    /// [`RunError`], also that of `prepare`; then there is no folder.
    pub fn create_with(
        folder: &Path,
        settings: Settings,
        place: &Place,
        prepare: impl FnOnce(&mut Self) -> Result<(), RunError>,
    ) -> Result<Self, RunError> {
        if folder.symlink_metadata().is_ok() {
            return Err(RunError::Exists(folder.to_owned()));
        }
        let mut run = Self::initial(folder, settings, place)?;
        prepare(&mut run)?;
        let beside = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let fail = |source| RunError::Io { path: folder.to_owned(), source };
        lock::sweep_unborn(beside)?;
        let made = tempfile::Builder::new().prefix(write::TEMPORARY).tempdir_in(beside).map_err(fail)?;
        open_to_others(made.path()).map_err(fail)?;
        write::json(&made.path().join("run.json"), &run.settings)?;
        run.lock = lock::lock(made.path())?.into();
        checkpoint::write(&run, &checkpoint_path(made.path(), 0))?;
        fs::rename(made.path(), folder).map_err(fail)?;
        // It has another name now, and there is nothing left to remove.
        let _ = made.keep();
        Ok(run)
    }

    /// The run in a folder, at its last checkpoint, brought to `place`.
    ///
    /// # Errors
    /// [`RunError`]: no run there, damaged files, a checkpoint of another network.
    pub fn open(folder: &Path, place: &Place) -> Result<Self, RunError> {
        Self::open_at(folder, None, place)
    }

    /// As [`Run::open`], at the checkpoint of an epoch.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn open_at(folder: &Path, epoch: Option<u64>, place: &Place) -> Result<Self, RunError> {
        let settings = Self::settings(folder)?;
        let have = checkpoints(folder)?;
        let found = epoch.map_or(have.last().copied(), |epoch| have.contains(&epoch).then_some(epoch));
        let Some(found) = found else {
            return Err(RunError::NoCheckpoint { path: folder.to_owned(), epoch, have });
        };
        let mut run = Self::initial(folder, settings, place)?;
        checkpoint::read(&mut run, &checkpoint_path(folder, found))?;
        Ok(run)
    }

    /// As [`Run::open`], to be written to: no other process can until this is dropped. What killed ones left half-written is removed.
    ///
    /// # Errors
    /// [`RunError::InUse`], and those of [`Run::open`].
    pub fn resume(folder: &Path, place: &Place) -> Result<Self, RunError> {
        let held = lock::lock(folder)?;
        lock::sweep(folder)?;
        let mut run = Self::open(folder, place)?;
        run.lock = held.into();
        Ok(run)
    }

    /// The epoch of the last checkpoint in a folder.
    ///
    /// # Errors
    /// [`RunError::NoCheckpoint`], [`RunError::Io`].
    pub fn reached(folder: &Path) -> Result<u64, RunError> {
        let have = checkpoints(folder)?;
        let none = || RunError::NoCheckpoint { path: folder.to_owned(), epoch: None, have: Vec::new() };
        have.last().copied().ok_or_else(none)
    }

    /// The settings of the run in a folder.
    ///
    /// # Errors
    /// [`RunError::NoRun`], [`RunError::Io`], [`RunError::Json`].
    pub fn settings(folder: &Path) -> Result<Settings, RunError> {
        let path = folder.join("run.json");
        if !path.is_file() {
            return Err(RunError::NoRun(folder.to_owned()));
        }
        let bytes = fs::read(&path).map_err(|source| RunError::Io { path: path.clone(), source })?;
        serde_json::from_slice(&bytes).map_err(|source| RunError::Json { path, source })
    }

    fn initial(folder: &Path, settings: Settings, place: &Place) -> Result<Self, RunError> {
        let space = Space::new(settings.space, settings.size.clone())?;
        let (network, fixed) = match &settings.training.gates {
            GateChoice::Genotype(text) => {
                let genotype = space.parse_genotype(text)?;
                let fixed = space.gates_of(&genotype).map_err(ChildError::from)?;
                (SpaceNet::child(space, &genotype, place)?, Some(fixed))
            }
            _ => (SpaceNet::new(space, place)?, None),
        };
        let theta = TensorVector::new(&network.initial_weights(settings.seed, place)?)?;
        let (search, gates) = match &settings.search {
            Some(search) => {
                let (start, gates) = Searched::start(network.space(), search, settings.seed)?;
                (Some(start), gates)
            }
            None => (None, fixed.unwrap_or_else(|| network.gates().uniform())),
        };
        let (folder, momentum) = (folder.to_owned(), theta.zeros_like());
        Ok(Self {
            folder,
            settings,
            network,
            theta,
            momentum,
            gates,
            search,
            epoch: 0,
            history: Vec::new(),
            lock: OnceCell::new(),
        })
    }

    /// Writes a checkpoint of what has been reached, then removes those before the last two.
    ///
    /// # Errors
    /// [`RunError`]; then the checkpoints there were are there still.
    pub fn save(&self) -> Result<(), RunError> {
        if self.lock.get().is_none() {
            // Of this process, and set once: there is nothing to be lost.
            let _ = self.lock.set(lock::lock(&self.folder)?);
        }
        checkpoint::write(self, &checkpoint_path(&self.folder, self.epoch))?;
        let have = checkpoints(&self.folder)?;
        for &old in have.iter().rev().skip(KEPT) {
            let path = checkpoint_path(&self.folder, old);
            fs::remove_file(&path).map_err(|source| RunError::Io { path, source })?;
        }
        Ok(())
    }

    /// The data set, read again, and its parts.
    ///
    /// # Errors
    /// [`RunError::Data`], [`RunError::Images`], [`RunError::Split`].
    pub fn data(&self) -> Result<(Data, Split), RunError> {
        let settings = &self.settings;
        let data = Data::open(settings.data.as_ref(), Some(settings.size.classes))?;
        let Image { channels, height, width } = settings.size.image;
        if data.training.shape != [channels, height, width] {
            let (given, expected) = (data.training.size(), format!("{channels}×{height}×{width}"));
            return Err(RunError::Images { data: settings.data.clone(), given, expected });
        }
        let parts = parts(&data, (settings.held_out, settings.reserved), settings.split_seed())?;
        Ok((data, parts))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The images trained on, those held out and those reserved, by the shares of the latter two.
///
/// # Errors
/// [`RunError::Split`].
pub fn parts(data: &Data, (share, reserved): (f64, f64), seed: u64) -> Result<Split, RunError> {
    let count = data.training.len();
    split(count, share, reserved, seed).ok_or(RunError::Split { count, share, reserved })
}

fn checkpoint_path(folder: &Path, epoch: u64) -> PathBuf {
    folder.join(format!("epoch-{epoch:04}.safetensors"))
}

/// The epochs whose checkpoints are there, in order.
fn checkpoints(folder: &Path) -> Result<Vec<u64>, RunError> {
    let fail = |source| RunError::Io { path: folder.to_owned(), source };
    let mut epochs = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let name = entry.map_err(fail)?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("epoch-")?.strip_suffix(".safetensors"));
        epochs.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    epochs.sort_unstable();
    Ok(epochs)
}

/// A temporary folder is its owner's alone; a run is for whoever may read what its owner writes.
fn open_to_others(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(folder, <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755))?;
    let _ = folder;
    Ok(())
}
