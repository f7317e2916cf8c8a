//! Gates from a file.

use std::path::Path;

use nasproof::{
    report::npy::{self, ReadError, Stored},
    space::Gates,
    torch::run::GateChoice,
};
use ndarray::Array2;

use crate::output::Failure;

/// The gates a choice names, checked against those there are; `None` where it names no file.
pub fn read(choice: &GateChoice, gates: &Gates) -> Result<Option<Array2<f64>>, Failure> {
    let GateChoice::File(name) = choice else { return Ok(None) };
    let path = Path::new(name);
    let stored: Stored = npy::read(path).map_err(|error| Failure::input(format!("--gates: {error}")))?;
    let given = stored
        .into_matrix()
        .map_err(|problem| Failure::input(format!("--gates: {}", ReadError { path: path.to_owned(), problem })))?;
    fit(path, &given, gates)?;
    Ok(Some(given))
}

/// Checks the gates of a file against those there are.
pub fn fit(path: &Path, given: &Array2<f64>, gates: &Gates) -> Result<(), Failure> {
    let (name, (rows, columns)) = (path.display(), gates.shape());
    if given.dim() != (rows, columns) {
        return Err(Failure::input(format!(
            "--gates: `{name}` is {}×{}, {rows}×{columns} was expected: {} cells of {} edges, {columns} operations",
            given.nrows(),
            given.ncols(),
            gates.cells.len(),
            gates.edges.len(),
        )));
    }
    let stray = given.indexed_iter().find(|&(at, &z)| z != 0.0 && !gates.mask[at]);
    if let Some(((row, column), z)) = stray {
        return Err(Failure::input(format!(
            "--gates: `{name}` has {z} at ({row}, {column}), where the space has no operation; put 0 there"
        )));
    }
    Ok(())
}
