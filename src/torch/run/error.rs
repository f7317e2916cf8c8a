//! Why a run cannot be made, opened or continued.

use std::{io, path::PathBuf};

use crate::{
    report::write::WriteError,
    space::{GenotypeError, SettingsError},
    torch::{ChildError, Error, data::DataError},
};

/// A run that cannot be made, opened or continued.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Something is there already.
    #[error("`{}` is there already; give --resume to go on with it, or another --out", .0.display())]
    Exists(PathBuf),
    /// Another process writes there.
    #[error("`{}` is being written by another process; wait until it has ended, or give another --out", .0.display())]
    InUse(PathBuf),
    /// No run there.
    #[error("`{}` is no run: it has no run.json; nasproof train --out and nasproof search --out make one", .0.display())]
    NoRun(PathBuf),
    /// A run without checkpoints.
    #[error("`{}` has no checkpoint{}; it has those of epochs {have:?}", path.display(), epoch.map_or(String::new(), |epoch| format!(" of epoch {epoch}")))]
    NoCheckpoint {
        /// The folder.
        path: PathBuf,
        /// The epoch asked for; the last one where none was.
        epoch: Option<u64>,
        /// Those there.
        have: Vec<u64>,
    },
    /// A file or folder that cannot be read or made.
    #[error("`{}`: {source}; check the path and the permissions", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Settings that are not understood.
    #[error("`{}` is damaged: {source}; it is as the program wrote it, or not at all", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A checkpoint that is not taken.
    #[error("the checkpoint `{}` {what}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        what: String,
    },
    /// Too few images, or a share that is not between 0 and 1.
    #[error(
        "{count} images cannot be split with a share of {reserved} reserved and {share} of the rest held out; give shares between 0 and 1 that leave at \
         least two images"
    )]
    Split {
        /// Images.
        count: usize,
        /// The share held out.
        share: f64,
        /// The share reserved.
        reserved: f64,
    },
    /// Images that do not fit the network.
    #[error("the images of `{data}` are {given}, the network was made for {expected}")]
    Images {
        /// The data set.
        data: String,
        /// C×H×W given.
        given: String,
        /// C×H×W expected.
        expected: String,
    },
    /// Records that are fewer than the epochs, or damaged.
    #[error("`{}`: {what}", path.display())]
    Records {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        what: String,
    },
    /// A run that does not search.
    #[error("`{}` is a run of nasproof train, which has no architecture parameters; nasproof search --out makes one that has", .0.display())]
    NotASearch(PathBuf),
    /// A system that is unknown, or does not fit.
    #[error(transparent)]
    Search(#[from] crate::search::Error),
    /// A text that is no genotype of the space.
    #[error("the genotype is not in the notation of the space: {0}")]
    Genotype(#[from] GenotypeError),
    /// A derived network that cannot be made.
    #[error(transparent)]
    Child(#[from] ChildError),
    /// Weights that do not fit.
    #[error("the weights of `{from}` do not fit the derived network: {what}")]
    Inherit {
        /// The run they were to be taken from.
        from: String,
        /// What does not fit, and what to do.
        what: String,
    },
    /// Sizes that make no network.
    #[error(transparent)]
    Space(#[from] SettingsError),
    /// A data set that is not taken.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Results that cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// libtorch.
    #[error(transparent)]
    Torch(#[from] Error),
}
