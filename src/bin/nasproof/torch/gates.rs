//! Gates from a file.

use std::path::Path;

use nasproof::{
    report::npy::{self, Stored},
    space::Gates,
    torch::{Error, Place, run::GateChoice},
};
use ndarray::{Array2, ArrayD, IxDyn};
use tch::Tensor;

use super::subject::at;
use crate::output::Failure;

/// Gates as they are in their file.
pub struct FileGates {
    /// $E\times O$, cells one after another.
    pub values: Array2<f64>,
    /// As in the file: (E, O) or (cells, E, O).
    pub shape: Vec<usize>,
    /// The distance from 1 to the next number of the file's format.
    pub epsilon: f64,
}

impl FileGates {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let stored: Stored = npy::read(path).map_err(|error| at("--gates", error))?;
        let shape = stored.values.shape().to_vec();
        let rows = match *shape {
            [edges, operations] => [edges, operations],
            [cells, edges, operations] => [cells * edges, operations],
            _ => {
                let expected = "(E, O) or (cells, E, O) was expected";
                return Err(at("--gates", format!("`{}` has shape {shape:?}; {expected}", path.display())));
            }
        };
        let epsilon = stored.format.epsilon();
        let values = Array2::from_shape_vec(rows, stored.values.into_iter().collect());
        Ok(Self { values: values.map_err(|error| at("--gates", error))?, shape, epsilon })
    }

    /// Those of a run, in its shape: cells one after another.
    pub fn of(values: Array2<f64>) -> Self {
        Self { shape: vec![values.nrows(), values.ncols()], values, epsilon: f64::EPSILON }
    }

    /// $E\times O$ on a device.
    pub fn tensor(&self, place: &Place) -> Result<Tensor, Error> {
        let (rows, columns) = self.values.dim();
        place.tensor(&self.values.iter().copied().collect::<Vec<_>>(), &[rows as i64, columns as i64])
    }

    /// An array of one number a gate in the shape of the file.
    pub fn shaped(&self, array: &Array2<f64>) -> Result<ArrayD<f64>, Failure> {
        ArrayD::from_shape_vec(IxDyn(&self.shape), array.iter().copied().collect()).map_err(Failure::input)
    }

    /// The gates of a file for a built-in space, checked against those there are.
    pub fn fitting(path: &Path, gates: &Gates) -> Result<Self, Failure> {
        let given = Self::read(path)?;
        let (name, (rows, columns)) = (path.display(), gates.shape());
        let (cells, edges) = (gates.cells.len(), gates.edges.len());
        if ![vec![rows, columns], vec![cells, edges, columns]].contains(&given.shape) {
            let shape: Vec<_> = given.shape.iter().map(ToString::to_string).collect();
            return Err(at(
                "--gates",
                format!(
                    "`{name}` is {}; {rows}×{columns} or {cells}×{edges}×{columns} was expected: cells {cells}, edges of each {edges}, operations {columns}",
                    shape.join("×"),
                ),
            ));
        }
        let stray = given.values.indexed_iter().find(|&(at, &z)| z != 0.0 && !gates.mask[at]);
        if let Some(((row, column), z)) = stray {
            return Err(at(
                "--gates",
                format!("`{name}` has {z} at ({row}, {column}), where the space has no operation; put 0 there"),
            ));
        }
        Ok(given)
    }
}

/// The gates a choice names, checked against those there are; `None` where it names no file.
pub fn read(choice: &GateChoice, gates: &Gates) -> Result<Option<Array2<f64>>, Failure> {
    match choice {
        GateChoice::File(name) => FileGates::fitting(Path::new(name), gates).map(|given| Some(given.values)),
        _ => Ok(None),
    }
}
