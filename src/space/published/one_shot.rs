//! NAS-Bench-1Shot1 (automl/nasbench-1shot1): operations at the nodes, a choice of parents for each node and for the output.

use crate::space::{Cell, Operation, cell::Row};

/// In the order of the columns (`optimizers/darts/genotypes.py`).
const OPERATIONS: [Operation; 3] = [Operation::BareMaxPool3x3, Operation::Conv3x3BnRelu, Operation::Conv1x1BnRelu];

/// The number of parents of nodes 1, 2, …, and at last of the output (`nasbench_analysis/search_spaces/`). A node whose number of parents is
/// the number of nodes before it has no choice.
pub(super) const SPACE_1: [usize; 5] = [1, 2, 2, 2, 2];
pub(super) const SPACE_2: [usize; 5] = [1, 1, 2, 2, 3];
pub(super) const SPACE_3: [usize; 6] = [1, 1, 1, 2, 2, 2];

/// The operations of all nodes, then the parents of those nodes that have a choice, then those of the output, which is made of the nodes, the cell's input
/// being added to it.
pub(super) fn cell(parents: &[usize]) -> Cell {
    let nodes = parents.len();
    let operations = (1..nodes).map(|node| Row::Node { node, operations: OPERATIONS.to_vec() });
    let choices = (1..=nodes).zip(parents).filter(|(node, keep)| keep < &node);
    let parents = choices.map(|(node, &keep)| Row::Parents { node, count: node, keep });
    Cell { inputs: 1, nodes, rows: operations.chain(parents).collect(), output: (1..nodes).collect() }
}
