//! The topology of a cell, and what its gates choose between.

use super::{CellKind, Operation};

/// What one row of gates of a cell chooses between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// The operations on the edge between two nodes.
    Edge {
        /// The node it starts from.
        from: usize,
        /// The node it adds to.
        to: usize,
        /// The operations in the order of the columns, in a normal and in a reduction cell.
        operations: [Vec<Operation>; 2],
    },
    /// The operations at a node, on the sum of what comes in (NAS-Bench-1Shot1).
    Node {
        /// The node.
        node: usize,
        /// The operations in the order of the columns.
        operations: Vec<Operation>,
    },
    /// The parents of a node: column $j$ multiplies what comes from node $j$ (NAS-Bench-1Shot1).
    Parents {
        /// The node; the output is the one after the last.
        node: usize,
        /// The number of its possible parents, nodes `0..count`.
        count: usize,
        /// How many of them a derived cell keeps.
        keep: usize,
    },
}

/// A directed acyclic graph with gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The number of input nodes; they come first.
    pub inputs: usize,
    /// The number of nodes, without the output where that is a concatenation.
    pub nodes: usize,
    /// What the gates choose, row by row.
    pub rows: Vec<Row>,
    /// The nodes that form the output: concatenated, or a single one alone.
    pub output: Vec<usize>,
}

impl Row {
    /// The (input, output) nodes: of an operation at a node that node twice; of a choice of parents the first of them and the node.
    pub fn ends(&self) -> (usize, usize) {
        match *self {
            Self::Edge { from, to, .. } => (from, to),
            Self::Node { node, .. } => (node, node),
            Self::Parents { node, .. } => (0, node),
        }
    }

    /// The operations in the order of the columns; none for a choice of parents.
    pub fn operations(&self, kind: CellKind) -> &[Operation] {
        match self {
            Self::Edge { operations, .. } => &operations[kind.index()],
            Self::Node { operations, .. } => operations,
            Self::Parents { .. } => &[],
        }
    }

    /// The name of each column: that of the operation, or `input` and `node 1`, `node 2`, … for parents.
    pub fn columns(&self, kind: CellKind) -> Vec<String> {
        match self {
            Self::Parents { count, .. } => (0..*count).map(parent).collect(),
            _ => self.operations(kind).iter().map(Operation::to_string).collect(),
        }
    }
}

/// The name of a parent.
fn parent(node: usize) -> String {
    if node == 0 { "input".to_owned() } else { format!("node {node}") }
}

impl Cell {
    /// A cell in which every node after the inputs has an edge from each node before it; `operations` of each edge in order.
    pub(super) fn complete(
        inputs: usize,
        nodes: usize,
        output: Vec<usize>,
        mut operations: impl FnMut(usize) -> [Vec<Operation>; 2],
    ) -> Self {
        let ends = (inputs..nodes).flat_map(|to| (0..to).map(move |from| (from, to)));
        let rows =
            ends.enumerate().map(|(edge, (from, to))| Row::Edge { from, to, operations: operations(edge) }).collect();
        Self { inputs, nodes, rows, output }
    }

    /// The largest number of columns of a row.
    pub fn columns(&self) -> usize {
        let width = |row: &Row| row.columns(CellKind::Normal).len().max(row.columns(CellKind::Reduction).len());
        self.rows.iter().map(width).max().unwrap_or(0)
    }
}
