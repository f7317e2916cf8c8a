//! What only data decide: files read from the folder that `nasproof verify --data DIR` names.
//!
//! | file | what it holds | who reads it |
//! |---|---|---|
//! | `nb201/test_accuracy_200_epochs.csv` | three test accuracies of each of the 15,625 cells of NAS-Bench-201 | [`Data::cells`] |
//! | `robustdarts/*.json` | Hessians in $\alpha$, one JSON object `{epoch, H, g}` a line | [`Data::hessians`] |
//!
//! A file is read when the first claim asks for it, once, and checked as it is read: a file that is missing or malformed is an error that
//! names the file and the line, never a verdict.

mod cells;
mod hessians;

use std::{
    io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

pub use cells::Cell;
pub use hessians::AlphaHessian;

use super::Measure;

/// Why a file of data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Not there, or not readable.
    #[error("cannot read `{}`: {source}; `--data` takes a folder that holds {expected}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
        /// What was looked for.
        expected: &'static str,
    },
    /// A line that is not what the format says.
    #[error("`{}`, line {line}: {what}; expected {expected}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What was found.
        what: String,
        /// What should stand there.
        expected: &'static str,
    },
}

/// A folder of data.
#[derive(Debug)]
pub struct Data {
    folder: PathBuf,
    cells: OnceLock<Vec<Cell>>,
    hessians: OnceLock<Vec<AlphaHessian>>,
}

impl Data {
    /// Nothing is read yet.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), cells: OnceLock::new(), hessians: OnceLock::new() }
    }

    /// The cells of NAS-Bench-201 with their accuracies.
    ///
    /// # Errors
    /// [`DataError`] for a file that is missing, malformed or incomplete.
    pub fn cells(&self) -> Result<&[Cell], DataError> {
        once(&self.cells, || cells::read(&self.folder))
    }

    /// The Hessians in $\alpha$ of a RobustDARTS run, epoch by epoch.
    ///
    /// # Errors
    /// [`DataError`] for a folder without such files or a malformed line.
    pub fn hessians(&self) -> Result<&[AlphaHessian], DataError> {
        once(&self.hessians, || hessians::read(&self.folder))
    }
}

/// The content of the cell, read if it is not there. Two threads may both read; both get the same.
fn once<T>(cell: &OnceLock<Vec<T>>, read: impl FnOnce() -> Result<Vec<T>, DataError>) -> Result<&[T], DataError> {
    if let Some(there) = cell.get() {
        return Ok(there);
    }
    let new = read()?;
    Ok(cell.get_or_init(|| new))
}

type Look = dyn Fn(&Data) -> Result<Measure, DataError> + Send + Sync;

/// A check that reads data, with the control that the same data must reject.
pub struct DataCheck {
    pub(super) look: Box<Look>,
    pub(super) control: Option<(&'static str, Box<Look>)>,
}

impl DataCheck {
    /// Measures what the data say.
    pub fn new(look: impl Fn(&Data) -> Result<Measure, DataError> + Send + Sync + 'static) -> Self {
        Self { look: Box::new(look), control: None }
    }

    /// With a deliberately wrong variant.
    #[must_use]
    pub fn rejecting(
        self,
        description: &'static str,
        altered: impl Fn(&Data) -> Result<Measure, DataError> + Send + Sync + 'static,
    ) -> Self {
        Self { control: Some((description, Box::new(altered))), ..self }
    }

    /// What the control altered.
    pub fn control(&self) -> Option<&'static str> {
        self.control.as_ref().map(|(description, _)| *description)
    }
}
