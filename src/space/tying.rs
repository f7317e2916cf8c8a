//! Which gates share architecture parameters.

use ndarray::Array2;

use super::Space;

/// The map from rows of gates to rows of architecture parameters.
///
/// The architecture parameters $\alpha$ have one row for each (kind of cell, row of a cell), kinds in the order of [`Space::kinds`], and the
/// columns of the gates. Cells of a kind share them: a relaxation [expands](Tying::expand) on the way down and [sums](Tying::sum) on the way
/// back, and the two are adjoint, $\langle G,\,\text{expand}(\alpha)\rangle=\langle\text{sum}(G),\,\alpha\rangle$.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tying {
    /// For each row of the gates, the row of $\alpha$.
    rows: Vec<usize>,
    /// The rows of $\alpha$ and, for each, which columns exist.
    mask: Array2<bool>,
}

impl Tying {
    pub(super) fn new(space: &Space) -> Self {
        let (kinds, gates, edges) = (space.kinds(), space.gates(), space.cell().rows.len());
        let group = |kind| kinds.iter().position(|&k| k == kind).unwrap_or(0);
        let rows = gates.cells.iter().flat_map(|&kind| (0..edges).map(move |edge| group(kind) * edges + edge));
        let mask = Array2::from_shape_fn((kinds.len() * edges, gates.shape().1), |(row, column)| {
            !gates.operations[kinds[row / edges].index()][row % edges][column].is_empty()
        });
        Self { rows: rows.collect(), mask }
    }

    /// For each row of the gates, the row of $\alpha$.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The entries of $\alpha$ that exist; its shape is that of $\alpha$.
    pub fn mask(&self) -> &Array2<bool> {
        &self.mask
    }

    /// The rows of `alpha`, each where it belongs: of the shape of the gates.
    ///
    /// # Panics
    /// When `alpha` has not the shape of [`Tying::mask`].
    pub fn expand(&self, alpha: &Array2<f64>) -> Array2<f64> {
        assert_eq!(alpha.dim(), self.mask.dim(), "the shape of the architecture parameters");
        alpha.select(ndarray::Axis(0), &self.rows)
    }

    /// The sum over the rows that share parameters: of the shape of $\alpha$.
    ///
    /// # Panics
    /// When `gates` has not the shape of the gates.
    pub fn sum(&self, gates: &Array2<f64>) -> Array2<f64> {
        assert_eq!(gates.dim(), (self.rows.len(), self.mask.ncols()), "the shape of the gates");
        let mut out = Array2::zeros(self.mask.dim());
        for (&to, from) in self.rows.iter().zip(gates.rows()) {
            let mut row = out.row_mut(to);
            row += &from;
        }
        out
    }
}
