//! What is looked at: a run, or a module, on which images and with which statistics.

use std::path::{Path, PathBuf};

use clap::Args;
use nasproof::torch::{
    MiniBatch, Normalisation, Place, Precision, TensorVector,
    data::{Data, Problem},
    module::{Module, ModuleError},
    run::Run,
};

use super::{
    args::{self, PlaceArgs},
    failure,
    gates::FileGates,
};
use crate::output::{Failure, notice};

/// A run or a module, its images, and how batch normalisation sees them.
#[derive(Debug, Args)]
pub struct SubjectArgs {
    /// The run, as nasproof train wrote it.
    #[arg(value_name = "RUN", required_unless_present = "module", conflicts_with = "module")]
    pub run: Option<PathBuf>,

    /// A TorchScript module `forward(images, gates) -> logits` instead of a run.
    #[arg(long, value_name = "NET.pt", requires_all = ["data", "gates"])]
    pub module: Option<PathBuf>,

    /// The images: a .safetensors file with `images` and `labels`, a CIFAR or IDX file or folder, or the word digits [default: those of the run].
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// The statistics of batch normalisation: of each mini-batch, or the stored ones as constants.
    #[arg(long, value_name = "batch|eval", value_parser = args::normalisation(), default_value = "batch")]
    pub bn: Normalisation,

    #[command(flatten)]
    pub place: PlaceArgs,
}

/// What [`SubjectArgs`] name.
pub enum Subject<'a> {
    Run(&'a Path),
    Module { path: &'a Path, data: &'a Path },
}

/// Names the argument that an error is about.
pub fn at(argument: &str, error: impl std::fmt::Display) -> Failure {
    Failure::input(format!("{argument}: {error}"))
}

impl SubjectArgs {
    pub fn subject(&self) -> Result<Subject<'_>, Failure> {
        match (&self.run, &self.module, &self.data) {
            (_, Some(path), Some(data)) => Ok(Subject::Module { path, data }),
            (Some(run), None, _) => Ok(Subject::Run(run)),
            // clap has seen to it that one is given whole.
            _ => Err(Failure::input("give a RUN, or --module with --data and --gates")),
        }
    }

    /// The place of a module.
    pub fn place_of_module(&self) -> Result<Place, Failure> {
        self.place.place(("cpu", Precision::F32))
    }

    /// The run in `folder` at the checkpoint of `epoch`, or the last.
    pub fn open_run(&self, folder: &Path, epoch: Option<u64>) -> Result<(Run, Place), Failure> {
        let trained = Run::settings(folder)?;
        let place = self.place.place((&trained.device, trained.dtype))?;
        Ok((Run::open_at(folder, epoch, &place)?, place))
    }

    /// The images of --data, for a network of so many classes, where known.
    pub fn images(&self, path: &Path, classes: Option<usize>) -> Result<Data, Failure> {
        Data::open(path, classes).map_err(|error| at("--data", error))
    }

    /// The module in a file, found fit for derivatives on a first mini-batch of `data`, with its weights. Its name is told before it runs.
    pub fn open_module(
        &self,
        path: &Path,
        gates: &FileGates,
        data: &Data,
        first: &MiniBatch,
        place: Place,
    ) -> Result<(Module, TensorVector), Failure> {
        notice(&format!("running the TorchScript program `{}`", path.display()));
        let module =
            Module::open(path, &gates.shape, place, self.bn).map_err(|error| failure(Some("--module"), &error))?;
        let probe = gates
            .tensor(&place)
            .map_err(ModuleError::from)
            .and_then(|gates| module.probe(first.images(), &gates))
            .map_err(|error| failure(Some("--module"), &error))?;
        if data.classes > probe.classes {
            return Err(at("--data", self.beyond(data, probe.classes)));
        }
        let weights = module.weights().map_err(|error| failure(Some("--module"), &error))?;
        Ok((module, weights))
    }

    /// Which label is beyond the classes of a module, and where: the file is read once more for as many, and says the byte where it has one.
    fn beyond(&self, data: &Data, classes: usize) -> String {
        let told = format!("the module tells {classes} classes apart, 0 to {}", classes.saturating_sub(1));
        match self.data.as_deref().map(|path| Data::open(path, Some(classes))) {
            Some(Err(error)) if !matches!(error.problem, Problem::Classes { .. }) => format!("{error}; {told}"),
            other => {
                let name = other.and_then(Result::err).map_or_else(String::new, |error| format!("{error}; "));
                match data.training.labels().iter().enumerate().find(|(_, label)| **label >= classes) {
                    Some((image, label)) => format!("{name}image {image} has the label {label}; {told}"),
                    None => format!("{name}{told}"),
                }
            }
        }
    }
}
