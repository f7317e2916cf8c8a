//! What makes a cell of the gates: which of them a discrete cell opens.

use ndarray::Array2;

use super::{Operation, Row, Skeleton, Space};

/// One decision; rows are those of $\alpha$.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// One operation of a row.
    Operation {
        /// The row.
        row: usize,
    },
    /// Of the edges in `rows`, all into one node, as many as `keep`, and one operation on each of these.
    Edges {
        /// The rows.
        rows: Vec<usize>,
        /// How many edges stay.
        keep: usize,
    },
    /// As many as `keep` of the parents that are the columns of a row.
    Parents {
        /// The row.
        row: usize,
        /// How many parents stay.
        keep: usize,
    },
}

/// Decisions that make no cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// A row that there is not.
    #[error("a decision is on row {row}, and there are {rows} rows, counted from 0")]
    Row {
        /// The row.
        row: usize,
        /// How many there are.
        rows: usize,
    },
    /// A row that two decisions are on, or one twice.
    #[error("row {0} is decided on twice: each row belongs to one decision")]
    Twice(usize),
    /// More than there are.
    #[error("a decision keeps {keep} of {there}: it must keep at least one, and no more than there are")]
    Keep {
        /// How many it keeps.
        keep: usize,
        /// Of how many.
        there: usize,
    },
}

/// The cells that a space has, as gates of 0 and 1: a list of decisions, each on rows of its own.
///
/// ```
/// use nasproof::space::{Space, SpaceName};
/// use ndarray::Array2;
///
/// let choices = Space::published(SpaceName::Darts).choices();
/// // Two of the edges into each of four nodes, in normal and in reduction cells.
/// assert_eq!(choices.decisions().len(), 8);
/// assert_eq!(choices.strongest(&Array2::ones((28, 8))).len(), 16);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    allowed: Array2<bool>,
    decisions: Vec<Decision>,
}

impl Choices {
    /// These decisions, on the operations marked in `allowed`, rows of $\alpha\times O$.
    ///
    /// # Errors
    /// [`ChoiceError`].
    pub fn new(allowed: Array2<bool>, decisions: Vec<Decision>) -> Result<Self, ChoiceError> {
        let out = Self { allowed, decisions };
        let mut seen = vec![false; out.allowed.nrows()];
        for decision in &out.decisions {
            let rows = match decision {
                Decision::Operation { row } | Decision::Parents { row, .. } => std::slice::from_ref(row),
                Decision::Edges { rows, .. } => rows,
            };
            let count = out.allowed.nrows();
            for &row in rows {
                match seen.get_mut(row) {
                    None => return Err(ChoiceError::Row { row, rows: count }),
                    Some(true) => return Err(ChoiceError::Twice(row)),
                    Some(seen) => *seen = true,
                }
            }
            let (groups, keep) = out.groups(decision);
            let there = groups.iter().filter(|group| !group.is_empty()).count();
            if keep == 0 || keep > there {
                return Err(ChoiceError::Keep { keep, there });
            }
        }
        Ok(out)
    }

    /// One operation on every row, of those marked: NAS-Bench-201 and the cells of the wiring paper.
    pub fn one_each(allowed: Array2<bool>) -> Self {
        let decisions = (0..allowed.nrows()).map(|row| Decision::Operation { row }).collect();
        Self { allowed, decisions }
    }

    /// What a cell may open, rows of $\alpha\times O$.
    pub fn allowed(&self) -> &Array2<bool> {
        &self.allowed
    }

    /// The decisions in order.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Whether each row is decided by itself, on one operation.
    pub fn is_one_each(&self) -> bool {
        self.decisions.iter().all(|decision| matches!(decision, Decision::Operation { .. }))
    }

    /// The columns that a cell may open in a row.
    pub fn columns(&self, row: usize) -> Vec<usize> {
        (0..self.allowed.ncols()).filter(|&column| self.allowed[(row, column)]).collect()
    }

    /// How many of a row's columns a cell opens at most: the parents that a node keeps, else 1.
    pub fn kept_of(&self, row: usize) -> usize {
        let parents = self.decisions.iter().find_map(|decision| match decision {
            Decision::Parents { row: of, keep } if *of == row => Some(*keep),
            _ => None,
        });
        parents.unwrap_or(1)
    }

    /// What a decision is between: groups of gates, (row, column), of which a cell opens one each of as many as are kept. The operations of a row are one group,
    /// those of each edge one, and each parent is one by itself.
    pub fn groups(&self, decision: &Decision) -> (Vec<Vec<(usize, usize)>>, usize) {
        let of = |row: usize| self.columns(row).into_iter().map(move |column| (row, column));
        match decision {
            Decision::Operation { row } => (vec![of(*row).collect()], 1),
            Decision::Edges { rows, keep } => (rows.iter().map(|&row| of(row).collect()).collect(), *keep),
            Decision::Parents { row, keep } => (of(*row).map(|gate| vec![gate]).collect(), *keep),
        }
    }

    /// 1 where a cell has an open gate and 0 elsewhere, rows of $\alpha\times O$.
    pub fn gates(&self, open: &[(usize, usize)]) -> Array2<f64> {
        let mut out = Array2::zeros(self.allowed.dim());
        open.iter().for_each(|&at| out[at] = 1.0);
        out
    }

    /// The open gates of the strongest cell, decision after decision and within one the strongest first; of equal strengths the first wins, as in
    /// the published code. An edge is as strong as its strongest operation.
    pub fn strongest(&self, strengths: &Array2<f64>) -> Vec<(usize, usize)> {
        let stronger = |best: (usize, usize), next: (usize, usize)| {
            if strengths[next] > strengths[best] { next } else { best }
        };
        let mut out = Vec::new();
        for decision in &self.decisions {
            let (groups, keep) = self.groups(decision);
            let mut found: Vec<_> = groups.into_iter().filter_map(|group| group.into_iter().reduce(stronger)).collect();
            // Stable, so that ties stay in order.
            found.sort_by(|a, b| strengths[*b].total_cmp(&strengths[*a]));
            out.extend(found.into_iter().take(keep));
        }
        out
    }

    /// All that a decision may open: for edges every choice of them with every choice of their operations, at most 490 in the published spaces and more
    /// than can be listed where many are kept of many.
    pub fn options(&self, decision: &Decision) -> Vec<Vec<(usize, usize)>> {
        let (groups, keep) = self.groups(decision);
        subsets(&groups, keep)
    }
}

/// One of each of `keep` of the groups, in every way.
fn subsets(groups: &[Vec<(usize, usize)>], keep: usize) -> Vec<Vec<(usize, usize)>> {
    let Some((first, rest)) = groups.split_first().filter(|_| groups.len() >= keep) else {
        return if keep == 0 { vec![Vec::new()] } else { Vec::new() };
    };
    if keep == 0 {
        return vec![Vec::new()];
    }
    let with = subsets(rest, keep - 1);
    let mut out: Vec<_> =
        first.iter().flat_map(|&at| with.iter().map(move |tail| [&[at], &tail[..]].concat())).collect();
    out.extend(subsets(rest, keep));
    out
}

impl Space {
    /// The cells that published code derives in this space, the same decisions for each kind of cell: in the DARTS family two edges a node, without
    /// none; in NAS-Bench-201 and in the wiring paper one operation on every edge, none included; in NAS-Bench-1Shot1 one operation at each node and the
    /// given number of parents.
    pub fn choices(&self) -> Choices {
        let cell = self.cell();
        let two = self.skeleton() == (Skeleton::Darts { reductions: true });
        let mut allowed = self.tying().mask().clone();
        let mut decisions = Vec::new();
        for (index, &kind) in self.kinds().iter().enumerate() {
            let first = index * cell.rows.len();
            if two {
                for (row, edge) in cell.rows.iter().enumerate() {
                    let none = edge.operations(kind).iter().position(|&operation| operation == Operation::None);
                    none.into_iter().for_each(|column| allowed[(first + row, column)] = false);
                }
                decisions.extend((cell.inputs..cell.nodes).map(|node| {
                    let into = cell.rows.iter().enumerate().filter(|(_, row)| row.ends().1 == node);
                    Decision::Edges { rows: into.map(|(row, _)| first + row).collect(), keep: 2 }
                }));
            } else {
                decisions.extend(cell.rows.iter().enumerate().map(|(row, of)| match of {
                    Row::Edge { .. } | Row::Node { .. } => Decision::Operation { row: first + row },
                    Row::Parents { keep, .. } => Decision::Parents { row: first + row, keep: *keep },
                }));
            }
        }
        Choices { allowed, decisions }
    }
}
