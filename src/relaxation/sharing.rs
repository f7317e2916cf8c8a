//! Cells of a kind share their architecture parameters: expand on the way down, sum on the way back.
//!
//! Gates are untied, one row for each (cell instance, edge); $\alpha$ has one row for each (kind of cell, edge). The map $S$ that copies rows is linear, its
//! adjoint sums them, and $\partial L/\partial\alpha=\cdots S^\top C$ by the chain rule.

use ndarray::{Array2, ArrayView1, Axis};

use super::Error;
use crate::space::{CellKind, Gates};

/// Which row of $\alpha$ each row of the gates follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    rows: Vec<usize>,
    count: usize,
}

impl Sharing {
    /// Each of `rows` gate rows has its own row of $\alpha$.
    pub fn none(rows: usize) -> Self {
        Self { rows: (0..rows).collect(), count: rows }
    }

    /// Gate row $e$ follows row `rows[e]` of the `count` rows of $\alpha$.
    ///
    /// # Errors
    /// [`Error::Row`] when there is no such row.
    pub fn new(rows: Vec<usize>, count: usize) -> Result<Self, Error> {
        match rows.iter().enumerate().find(|(_, alpha)| **alpha >= count) {
            Some((row, &alpha)) => Err(Error::Row { row, alpha, rows: count }),
            None => Ok(Self { rows, count }),
        }
    }

    /// Cells of a kind share: rows $0,\dots$ of $\alpha$ are the edges of the normal cells, then come those of the reduction cells, where there are any.
    pub fn by_kind(gates: &Gates) -> Self {
        let edges = gates.edges.len();
        let has = |kind| gates.cells.contains(&kind);
        let offset = if has(CellKind::Normal) { edges } else { 0 };
        let row = |&kind: &CellKind| if kind == CellKind::Reduction { offset } else { 0 };
        Self {
            rows: gates.cells.iter().flat_map(|kind| row(kind)..row(kind) + edges).collect(),
            count: offset + if has(CellKind::Reduction) { edges } else { 0 },
        }
    }

    /// The number of rows of $\alpha$.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The row of $\alpha$ that each gate row follows.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Rows of $\alpha$'s gates copied to all rows of the supernet's.
    pub fn expand<T: Copy>(&self, rows: &Array2<T>) -> Array2<T> {
        rows.select(Axis(0), &self.rows)
    }

    /// Rows of the supernet summed into the row they follow: the adjoint of [`Sharing::expand`].
    pub fn collect(&self, rows: &Array2<f64>) -> Array2<f64> {
        let mut out = Array2::zeros((self.count, rows.ncols()));
        for (row, &to) in rows.rows().into_iter().zip(&self.rows) {
            let mut sum = out.row_mut(to);
            sum += &row;
        }
        out
    }

    /// The operations that a row of $\alpha$ has: those that any of its gate rows evaluates. $E\times O$ to rows of $\alpha\times O$.
    pub fn present(&self, mask: &Array2<bool>) -> Array2<bool> {
        let mut out = Array2::from_elem((self.count, mask.ncols()), false);
        let or = |(to, row): (&usize, ArrayView1<'_, bool>)| {
            out.row_mut(*to).zip_mut_with(&row, |to, &on| *to |= on);
        };
        self.rows.iter().zip(mask.rows()).for_each(or);
        out
    }
}
