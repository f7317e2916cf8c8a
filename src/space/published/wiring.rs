//! The cells of the wiring paper (SNAS-Series/SNAS-Series, `Analysis/snas/`), without reductions.

use crate::space::{Cell, Operation};

/// In the order of the columns (`wiring`, Fig. 16): not that of DARTS.
const OPERATIONS: [Operation; 8] = [
    Operation::None,
    Operation::Skip,
    Operation::MaxPool3x3,
    Operation::AvgPool3x3,
    Operation::SepConv3x3,
    Operation::DilConv3x3,
    Operation::DilConv5x5,
    Operation::SepConv5x5,
];

fn with(inputs: usize, output: Vec<usize>) -> Cell {
    Cell::complete(inputs, inputs + 2, output, |_| [OPERATIONS.to_vec(), OPERATIONS.to_vec()])
}

/// Fig. 2: two inputs, two intermediate nodes, both in the output.
pub(super) fn minimal() -> Cell {
    with(2, vec![2, 3])
}

/// Fig. 8(a): one input, nodes 1 and 2.
pub(super) fn simplified() -> Cell {
    with(1, vec![1, 2])
}

/// Fig. 8(b): node 1 reaches the output through node 2 alone.
pub(super) fn modified() -> Cell {
    with(1, vec![2])
}
