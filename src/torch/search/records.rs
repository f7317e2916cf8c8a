//! `epochs.jsonl`: a line an epoch.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::{
    search::{Epoch, Stopped},
    torch::run::RunError,
};

/// What an epoch of a search gave.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// The learning rate of the weights.
    pub lr: f64,
    /// Wall-clock time.
    pub seconds: f64,
    /// The genotype derived from this epoch, in the notation of the space; `None` after epochs for which a system that tries candidates
    /// tried none; where the curvature has ended such a search, that of the epoch which is kept.
    pub genotype: Option<String>,
    /// Whether the curvature has ended the search here, and which epoch counts.
    pub stopped: Option<Stopped>,
    /// All else.
    #[serde(flatten)]
    pub epoch: Epoch,
}

fn path(folder: &Path) -> PathBuf {
    folder.join("epochs.jsonl")
}

/// Writes the record of epoch `number` (counted from 1) behind those of the epochs before it; whatever stood there goes.
pub(super) fn append(folder: &Path, number: u64, record: &Record) -> Result<(), RunError> {
    let path = path(folder);
    let fail = |source| RunError::Io { path: path.clone(), source };
    let mut line = serde_json::to_vec(record).map_err(|source| RunError::Json { path: path.clone(), source })?;
    line.push(b'\n');
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(fail)?;
    let end = end_of(&mut file, number - 1).map_err(fail)?;
    let Some(end) = end else { return Err(too_few(&path, number - 1)) };
    // What is there is of an epoch that had no checkpoint yet.
    file.set_len(end).and_then(|()| file.seek(SeekFrom::End(0))).map_err(fail)?;
    file.write_all(&line).and_then(|()| file.sync_all()).map_err(fail)
}

/// Where the line of that number ends.
fn end_of(file: &mut File, lines: u64) -> std::io::Result<Option<u64>> {
    let (mut end, mut reader) = (0, BufReader::new(file));
    for _ in 0..lines {
        let mut line = Vec::new();
        reader.by_ref().read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            return Ok(None);
        }
        end += line.len() as u64;
    }
    Ok(Some(end))
}

fn too_few(path: &Path, epochs: u64) -> RunError {
    let what = format!(
        "it has fewer than {epochs} whole lines, one an epoch; go back to an earlier checkpoint, or start another run"
    );
    RunError::Records { path: path.to_owned(), what }
}

/// The records of the first `epochs` epochs.
///
/// # Errors
/// [`RunError::Io`]; [`RunError::Records`] when there are fewer, [`RunError::Json`] when one is damaged.
pub fn records(folder: &Path, epochs: u64) -> Result<Vec<Record>, RunError> {
    let path = path(folder);
    if epochs == 0 {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).map_err(|source| RunError::Io { path: path.clone(), source })?;
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).take(epochs as usize);
    let parsed: Result<Vec<Record>, _> = whole.map(serde_json::from_str).collect();
    let records = parsed.map_err(|source| RunError::Json { path: path.clone(), source })?;
    if (records.len() as u64) < epochs { Err(too_few(&path, epochs)) } else { Ok(records) }
}
