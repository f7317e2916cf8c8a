//! The cell of the strongest gates, in the notation of its space.

use ndarray::Array2;

use super::{CellKind, DartsGenotype, Genotype, Nb201Genotype, OneShotGenotype, Operation, Row, Skeleton, Space};

/// Strengths of another shape than the architecture parameters, or not all of them numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrengthError {
    /// Another shape.
    #[error(
        "strengths of shape {given:?} were given; the space {space} has architecture parameters of shape {expected:?} (kinds of cells × edges, operations)"
    )]
    Shape {
        /// The space.
        space: super::SpaceName,
        /// Given.
        given: (usize, usize),
        /// Expected.
        expected: (usize, usize),
    },
    /// A NaN cannot be compared.
    #[error("the strength at row {row}, column {column} is NaN, which is neither stronger nor weaker than anything")]
    NotANumber {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
    },
}

impl Space {
    /// The genotype of the strongest, `strengths` of the shape of the architecture parameters ([`super::Tying::mask`]). Of equal strengths the first
    /// wins, as in the published code.
    ///
    /// # Errors
    /// [`StrengthError`].
    pub fn derive(&self, strengths: &Array2<f64>) -> Result<Genotype, StrengthError> {
        let tying = self.tying();
        if strengths.dim() != tying.mask().dim() {
            let expected = tying.mask().dim();
            return Err(StrengthError::Shape { space: self.name(), given: strengths.dim(), expected });
        }
        let nan = strengths.indexed_iter().find(|(at, x)| tying.mask()[*at] && x.is_nan());
        if let Some(((row, column), _)) = nan {
            return Err(StrengthError::NotANumber { row, column });
        }
        let open = self.choices().strongest(strengths);
        Ok(match self.skeleton() {
            Skeleton::Darts { .. } => {
                let (normal, reduce) = (self.edges(CellKind::Normal, &open), self.edges(CellKind::Reduction, &open));
                let concat = self.cell().output.clone();
                let reduce_concat = if reduce.is_empty() { Vec::new() } else { concat.clone() };
                Genotype::Darts(DartsGenotype { normal, normal_concat: concat, reduce, reduce_concat })
            }
            Skeleton::Nb201 => {
                let mut nodes = vec![Vec::new(); self.cell().nodes - 1];
                for (row, edge) in self.cell().rows.iter().zip(self.edges(CellKind::Normal, &open)) {
                    nodes[row.ends().1 - 1].push(edge);
                }
                Genotype::Nb201(Nb201Genotype { nodes })
            }
            Skeleton::OneShot => Genotype::OneShot(self.parents(&open)),
        })
    }

    /// The open operations of the cells of a kind, each with the node it reads.
    fn edges(&self, kind: CellKind, open: &[(usize, usize)]) -> Vec<(Operation, usize)> {
        let rows = &self.cell().rows;
        let Some(index) = self.kinds().iter().position(|&k| k == kind) else { return Vec::new() };
        let of_kind = open.iter().filter(|(row, _)| row / rows.len() == index);
        of_kind
            .filter_map(|&(row, column)| {
                let row = &rows[row % rows.len()];
                row.operations(kind).get(column).map(|&operation| (operation, row.ends().0))
            })
            .collect()
    }

    /// Operations at nodes and their open parents; a node without a choice has all nodes before it.
    fn parents(&self, open: &[(usize, usize)]) -> OneShotGenotype {
        let cell = self.cell();
        let choice =
            |node: usize| cell.rows.iter().position(|row| matches!(row, Row::Parents { node: of, .. } if *of == node));
        let reads =
            |from: usize, node: usize| from < node && choice(node).is_none_or(|row| open.contains(&(row, from)));
        let matrix = (0..=cell.nodes).map(|from| (0..=cell.nodes).map(|node| reads(from, node)).collect()).collect();
        let operations = self.edges(CellKind::Normal, open).into_iter().map(|(operation, _)| operation).collect();
        OneShotGenotype { matrix, operations }
    }
}
