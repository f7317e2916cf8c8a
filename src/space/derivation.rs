//! How a discrete cell is read off the strengths of its gates.

use ndarray::{Array2, ArrayView1};

use super::{CellKind, DartsGenotype, Genotype, Nb201Genotype, OneShotGenotype, Operation, Row, Skeleton, Space};

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Of the edges in `rows`, all into `node`, the `keep` strongest; an edge is as strong as its strongest operation that is not excluded, and
    /// keeps that.
    Edges {
        /// The node.
        node: usize,
        /// The rows of a cell.
        rows: Vec<usize>,
        /// How many edges stay.
        keep: usize,
    },
    /// The strongest operation of a row.
    Operation {
        /// The row of a cell.
        row: usize,
    },
    /// The `keep` strongest columns of a row of parents.
    Parents {
        /// The row of a cell.
        row: usize,
        /// How many parents stay.
        keep: usize,
    },
}

/// How the cells of a space are derived, the same for each kind of cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// Operations that a derived cell never has.
    pub excluded: Vec<Operation>,
    /// What is decided, in order.
    pub decisions: Vec<Decision>,
}

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
    /// How published code derives a cell of this space: in the DARTS family two edges a node, without none; in NAS-Bench-201 and in the wiring
    /// paper the strongest operation of every edge, none included; in NAS-Bench-1Shot1 the strongest operation of each node and the given number
    /// of parents.
    pub fn derivation(&self) -> Derivation {
        let cell = self.cell();
        let every = |(row, kind): (usize, &Row)| match kind {
            Row::Edge { .. } | Row::Node { .. } => Decision::Operation { row },
            Row::Parents { keep, .. } => Decision::Parents { row, keep: *keep },
        };
        if self.skeleton() != (Skeleton::Darts { reductions: true }) {
            return Derivation { excluded: Vec::new(), decisions: cell.rows.iter().enumerate().map(every).collect() };
        }
        let edges = |node: usize| {
            let rows = cell.rows.iter().enumerate().filter(|(_, row)| row.ends().1 == node).map(|(row, _)| row);
            Decision::Edges { node, rows: rows.collect(), keep: 2 }
        };
        let decisions = (cell.inputs..cell.nodes).map(edges).collect();
        Derivation { excluded: vec![Operation::None], decisions }
    }

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
        let derivation = self.derivation();
        let rows = self.cell().rows.len();
        let derived = |kind: CellKind| {
            let first = self.kinds().iter().position(|&k| k == kind)? * rows;
            Some(Derived { space: self, derivation: &derivation, kind, strengths, first })
        };
        let normal = derived(CellKind::Normal).map(|d| d.edges()).unwrap_or_default();
        Ok(match self.skeleton() {
            Skeleton::Darts { .. } => {
                let reduce = derived(CellKind::Reduction).map(|d| d.edges()).unwrap_or_default();
                let concat = self.cell().output.clone();
                let reduce_concat = if reduce.is_empty() { Vec::new() } else { concat.clone() };
                Genotype::Darts(DartsGenotype { normal, normal_concat: concat, reduce, reduce_concat })
            }
            Skeleton::Nb201 => {
                let mut nodes = vec![Vec::new(); self.cell().nodes - 1];
                for (row, edge) in self.cell().rows.iter().zip(normal) {
                    nodes[row.ends().1 - 1].push(edge);
                }
                Genotype::Nb201(Nb201Genotype { nodes })
            }
            Skeleton::OneShot => {
                let derived = derived(CellKind::Normal);
                Genotype::OneShot(derived.map_or_else(OneShotGenotype::default, |d| d.parents(normal)))
            }
        })
    }
}

/// The cell of one kind.
struct Derived<'a> {
    space: &'a Space,
    derivation: &'a Derivation,
    kind: CellKind,
    strengths: &'a Array2<f64>,
    /// The first row of this kind.
    first: usize,
}

impl Derived<'_> {
    fn strength(&self, row: usize) -> ArrayView1<'_, f64> {
        self.strengths.row(self.first + row)
    }

    /// The strongest operation of a row that is not excluded, with its strength.
    fn best(&self, row: usize) -> Option<(Operation, f64)> {
        let operations = self.space.cell().rows[row].operations(self.kind);
        let candidates = operations.iter().zip(self.strength(row)).map(|(&o, &s)| (o, s));
        candidates
            .filter(|(operation, _)| !self.derivation.excluded.contains(operation))
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    /// The operations that stay, each with the node it reads.
    fn edges(&self) -> Vec<(Operation, usize)> {
        let mut out = Vec::new();
        for decision in &self.derivation.decisions {
            match decision {
                Decision::Edges { rows, keep, .. } => {
                    let found = rows.iter().filter_map(|&row| self.best(row).map(|(o, s)| (row, o, s)));
                    let mut found: Vec<_> = found.collect();
                    found.sort_by(|a, b| b.2.total_cmp(&a.2));
                    let ends = |row: usize| self.space.cell().rows[row].ends().0;
                    out.extend(found.into_iter().take(*keep).map(|(row, operation, _)| (operation, ends(row))));
                }
                Decision::Operation { row } => {
                    out.extend(
                        self.best(*row).map(|(operation, _)| (operation, self.space.cell().rows[*row].ends().0)),
                    );
                }
                Decision::Parents { .. } => {}
            }
        }
        out
    }

    /// Operations at nodes and their strongest parents; a node without a choice has all nodes before it.
    fn parents(&self, operations: Vec<(Operation, usize)>) -> OneShotGenotype {
        let nodes = self.space.cell().nodes;
        let parents = |node: usize| -> Vec<usize> {
            let choice = self.derivation.decisions.iter().find_map(|decision| match decision {
                Decision::Parents { row, keep } if self.space.cell().rows[*row].ends().1 == node => Some((*row, *keep)),
                _ => None,
            });
            let mut order: Vec<usize> = (0..node).collect();
            if let Some((row, keep)) = choice {
                order.sort_by(|&a, &b| self.strength(row)[b].total_cmp(&self.strength(row)[a]));
                order.truncate(keep);
            }
            order
        };
        let reads: Vec<Vec<usize>> = (0..=nodes).map(parents).collect();
        let row = |from: usize| -> Vec<bool> { reads.iter().map(|parents| parents.contains(&from)).collect() };
        let matrix = (0..=nodes).map(row).collect();
        OneShotGenotype { matrix, operations: operations.into_iter().map(|(operation, _)| operation).collect() }
    }
}
