//! NAS-Bench-201: a cell is six operations, an accuracy a data set.

use std::path::Path;

use super::DataError;
use crate::space::{Benchmark, BenchmarkError, Nb201Genotype, Operation};

const FILE: &str = "nb201/test_accuracy_200_epochs.csv";
const FOLDER: &str = "nb201/test_accuracy_200_epochs.csv (three accuracies and an architecture string a line)";
const LINE: &str = "three accuracies in percent and an architecture string like \
                    |none~0|+|none~0|none~1|+|none~0|none~1|none~2|, separated by commas";
/// Five operations on six edges.
const ALL: usize = 5usize.pow(6);

/// A cell and its test accuracies after 200 epochs, in percent, averaged over the seeds of the benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The operations of the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3.
    pub operations: Vec<Operation>,
    /// CIFAR-10, CIFAR-100, ImageNet-16-120.
    pub accuracy: [f64; 3],
}

impl Cell {
    /// How many edges carry one of `operations`.
    pub fn count(&self, operations: &[Operation]) -> usize {
        self.operations.iter().filter(|o| operations.contains(o)).count()
    }
}

/// All of them, each once.
pub(super) fn read(folder: &Path) -> Result<Vec<Cell>, DataError> {
    let path = folder.join(FILE);
    let malformed = |line, what: String| DataError::Malformed { path: path.clone(), line, what, expected: LINE };
    let table = Benchmark::read(&path).map_err(|error| match error {
        BenchmarkError::Read { source, .. } => DataError::Read { path: path.clone(), source, expected: FOLDER },
        BenchmarkError::Columns { found, .. } => malformed(1, format!("the columns {found}")),
        BenchmarkError::Line { line, what, .. } => malformed(line, what),
    })?;
    let columns = table.columns.len();
    let cell = |(genotype, accuracies): (Nb201Genotype, Vec<f64>)| {
        let operations = genotype.nodes.iter().flatten().map(|&(operation, _)| operation).collect();
        let accuracy = accuracies.try_into().map_err(|_| malformed(1, format!("{columns} columns of accuracies")))?;
        Ok(Cell { operations, accuracy })
    };
    let cells = table.rows.into_iter().map(cell).collect::<Result<Vec<Cell>, DataError>>()?;
    if cells.len() != ALL {
        let last = cells.len() as u64 + 1;
        return Err(malformed(last, format!("the file ends after {} of {ALL} cells", cells.len())));
    }
    Ok(cells)
}
