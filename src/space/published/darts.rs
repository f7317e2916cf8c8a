//! DARTS (quark0/darts, `cnn/model_search.py`): two inputs, four intermediate nodes, fourteen edges, eight operations.

use crate::space::{Cell, Operation};

/// In the order of the columns (`cnn/genotypes.py`).
pub(super) const OPERATIONS: [Operation; 8] = [
    Operation::None,
    Operation::MaxPool3x3,
    Operation::AvgPool3x3,
    Operation::Skip,
    Operation::SepConv3x3,
    Operation::SepConv5x5,
    Operation::DilConv3x3,
    Operation::DilConv5x5,
];

/// The cell with the given operations on its edges.
pub(super) fn with(operations: impl FnMut(usize) -> [Vec<Operation>; 2]) -> Cell {
    Cell::complete(2, 6, vec![2, 3, 4, 5], operations)
}

pub(super) fn cell() -> Cell {
    with(|_| [OPERATIONS.to_vec(), OPERATIONS.to_vec()])
}
