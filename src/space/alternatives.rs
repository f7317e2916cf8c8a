//! Cells that differ from the derived one in one operation.

use ndarray::Array2;

use super::{Genotype, Row, Space, StrengthError};

/// The cell derived with one operation forced on its edge, the others as their strengths have them.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// The row of $\alpha$.
    pub row: usize,
    /// The operation, a column.
    pub column: usize,
    /// The cell.
    pub genotype: Genotype,
}

impl Space {
    /// For each operation that a derived cell may have, the cell that is derived when its strength is $+\infty$ and those of the others of its row
    /// $-\infty$; for each parent, when its strength alone is $+\infty$. Where edges or parents compete for a place in the cell, it has one, and the weakest of the
    /// others goes (of equal ones the last).
    ///
    /// # Errors
    /// [`StrengthError`].
    pub fn alternatives(&self, strengths: &Array2<f64>) -> Result<Vec<Alternative>, StrengthError> {
        // Strengths of another shape are refused here.
        self.derive(strengths)?;
        let mut out = Vec::new();
        for ((row, column), _) in self.choices().allowed().indexed_iter().filter(|(_, may)| **may) {
            let mut forced = strengths.clone();
            // Of parents a node keeps several: the others stay as strong as they are.
            if !matches!(self.cell().rows[row % self.cell().rows.len()], Row::Parents { .. }) {
                forced.row_mut(row).fill(f64::NEG_INFINITY);
            }
            forced[(row, column)] = f64::INFINITY;
            out.push(Alternative { row, column, genotype: self.derive(&forced)? });
        }
        Ok(out)
    }
}
