//! Hessians in $\alpha$ as RobustDARTS stores them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::DataError;

const FOLDER: &str = "robustdarts/*.json (a JSON object {\"epoch\", \"H\", \"g\"} a line)";
const LINE: &str = "a JSON object {\"epoch\": e, \"H\": n rows of n finite numbers, \"g\": n finite numbers}";

/// The second derivatives of the validation loss in the logits of all edges, at the end of an epoch.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AlphaHessian {
    /// The epoch, from 0.
    pub epoch: u64,
    /// $\partial^2L/\partial\alpha^2$ plus the weight decay of the optimiser on the diagonal, row by row.
    #[serde(rename = "H")]
    pub hessian: Vec<Vec<f64>>,
    /// $\partial L/\partial\alpha$ plus the weight decay times $\alpha$.
    #[serde(rename = "g")]
    pub gradient: Vec<f64>,
}

/// Every line of every file, in the order of the names.
pub(super) fn read(folder: &Path) -> Result<Vec<AlphaHessian>, DataError> {
    let folder = folder.join("robustdarts");
    let failed = |path: &Path, source| DataError::Read { path: path.to_owned(), source, expected: FOLDER };
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|e| failed(&folder, e))? {
        let path: PathBuf = entry.map_err(|e| failed(&folder, e))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(failed(&folder, io::Error::new(io::ErrorKind::NotFound, "no file ends in .json")));
    }
    let mut all = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|e| failed(&path, e))?;
        let malformed = |line: usize, what: String| DataError::Malformed {
            path: path.clone(),
            line: line as u64,
            what,
            expected: LINE,
        };
        for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let point: AlphaHessian = serde_json::from_str(line).map_err(|e| malformed(i + 1, e.to_string()))?;
            let n = point.gradient.len();
            if n == 0 || point.hessian.len() != n || point.hessian.iter().any(|row| row.len() != n) {
                return Err(malformed(i + 1, format!("{} rows for a gradient of {n}", point.hessian.len())));
            }
            all.push(point);
        }
        if text.trim().is_empty() {
            return Err(malformed(1, "an empty file".to_owned()));
        }
    }
    Ok(all)
}
