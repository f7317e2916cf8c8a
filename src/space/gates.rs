//! Which gates a supernet has, and what each belongs to.

use std::ops::Range;

use ndarray::Array2;

/// Whether a cell keeps the resolution or halves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellKind {
    /// It keeps resolution and channels.
    Normal,
    /// It halves the resolution and doubles the channels.
    Reduction,
}

impl CellKind {
    /// Its place in arrays of one entry a kind: normal, then reduction.
    pub fn index(self) -> usize {
        match self {
            Self::Normal => 0,
            Self::Reduction => 1,
        }
    }
}

/// The gates of a supernet, $E\times O$: one row for each (cell instance, edge), in that order, one column for each operation.
///
/// Cells of a kind share their architecture parameters; their gates are untied, and the relaxation expands and sums.
#[derive(Debug, Clone, PartialEq)]
pub struct Gates {
    /// The kind of each cell instance, in the order of the data flow.
    pub cells: Vec<CellKind>,
    /// The (input, output) nodes of each edge of a cell; every cell has the same.
    pub edges: Vec<(usize, usize)>,
    /// The name of the operation in each column, for each edge of a normal and of a reduction cell: `[kind][edge][column]`. They differ over the
    /// edges in spaces such as RobustDARTS S1 only. A column beyond the operations of an edge is named by the empty string.
    pub operations: [Vec<Vec<String>>; 2],
    /// The gates that are evaluated at all, $E\times O$; the others have no effect, no weights and no cost.
    pub mask: Array2<bool>,
}

impl Gates {
    /// $(E, O)$, $E$ = cells × edges.
    pub fn shape(&self) -> (usize, usize) {
        self.mask.dim()
    }

    /// The rows of a cell instance.
    ///
    /// # Panics
    /// Never; a cell that does not exist has rows beyond the last.
    pub fn rows(&self, cell: usize) -> Range<usize> {
        cell * self.edges.len()..(cell + 1) * self.edges.len()
    }

    /// The (cell, edge) of a row.
    pub fn place(&self, row: usize) -> (usize, usize) {
        (row / self.edges.len(), row % self.edges.len())
    }

    /// The name of the operation whose gate is at (row, column); empty where there is none.
    pub fn operation(&self, row: usize, column: usize) -> &str {
        let (cell, edge) = self.place(row);
        let kind = self.cells.get(cell).map_or(0, |kind| kind.index());
        self.operations[kind].get(edge).and_then(|names| names.get(column)).map_or("", String::as_str)
    }

    /// $1/|\text{evaluated operations}|$ at every evaluated gate of an edge, 0 elsewhere: the softmax of equal logits.
    pub fn uniform(&self) -> Array2<f64> {
        let mut out = Array2::zeros(self.shape());
        for (mut row, mask) in out.rows_mut().into_iter().zip(self.mask.rows()) {
            let count = mask.iter().filter(|&&on| on).count().max(1);
            row.iter_mut().zip(mask).for_each(|(z, &on)| *z = if on { 1.0 / count as f64 } else { 0.0 });
        }
        out
    }
}
