//! A genotype as gates of 0 and 1.

use ndarray::Array2;

use super::{DartsGenotype, Genotype, OneShotGenotype};
use crate::space::{CellKind, Operation, Row, Skeleton, Space, SpaceName};

/// A genotype that is no cell of the space.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the genotype is no cell of the space {space}: {what}")]
pub struct MisfitError {
    /// The space.
    pub space: SpaceName,
    /// What does not fit.
    pub what: String,
}

impl Space {
    /// Gates that are 1 where the genotype has an operation (or a parent) and 0 elsewhere, in every cell: the supernet becomes the derived
    /// network.
    ///
    /// # Errors
    /// [`MisfitError`] when the genotype is of another space.
    pub fn gates_of(&self, genotype: &Genotype) -> Result<Array2<f64>, MisfitError> {
        Ok(self.tying().expand(&self.opened(genotype)?))
    }

    /// The same in the shape of the architecture parameters, each kind of cell once.
    ///
    /// # Errors
    /// As [`Space::gates_of`].
    pub fn opened(&self, genotype: &Genotype) -> Result<Array2<f64>, MisfitError> {
        let rows = self.cell().rows.len();
        let mut alpha = Array2::zeros(self.tying().mask().dim());
        for (i, &kind) in self.kinds().iter().enumerate() {
            for (row, column) in self.chosen(genotype, kind)? {
                alpha[(i * rows + row, column)] = 1.0;
            }
        }
        Ok(alpha)
    }

    /// The (row, column) of a cell of that kind that a genotype chooses.
    fn chosen(&self, genotype: &Genotype, kind: CellKind) -> Result<Vec<(usize, usize)>, MisfitError> {
        match genotype {
            Genotype::Darts(genotype) => self.chosen_edges(genotype, kind),
            Genotype::Nb201(genotype) => {
                let ends =
                    genotype.nodes.iter().enumerate().flat_map(|(i, node)| node.iter().map(move |&e| (e, i + 1)));
                ends.map(|((operation, from), to)| self.place(operation, from, to, kind)).collect()
            }
            Genotype::OneShot(genotype) => self.chosen_parents(genotype),
        }
    }

    fn misfit(&self, what: String) -> MisfitError {
        MisfitError { space: self.name(), what }
    }

    /// The place of an operation on an edge.
    fn place(
        &self,
        operation: Operation,
        from: usize,
        to: usize,
        kind: CellKind,
    ) -> Result<(usize, usize), MisfitError> {
        let edge = |row: &Row| matches!(row, Row::Edge { from: f, to: t, .. } if (*f, *t) == (from, to));
        let row = self.cell().rows.iter().position(edge);
        let row = row.ok_or_else(|| self.misfit(format!("there is no edge from node {from} to node {to}")))?;
        let operations = self.cell().rows[row].operations(kind);
        match operations.iter().position(|&o| o == operation) {
            Some(column) => Ok((row, column)),
            None => {
                let names: Vec<&str> = operations.iter().map(|o| o.name()).collect();
                let names = names.join(", ");
                Err(self.misfit(format!("the edge from node {from} to node {to} has {names}, not {operation}")))
            }
        }
    }

    fn chosen_edges(&self, genotype: &DartsGenotype, kind: CellKind) -> Result<Vec<(usize, usize)>, MisfitError> {
        let (edges, concat) = match kind {
            CellKind::Normal => (&genotype.normal, &genotype.normal_concat),
            CellKind::Reduction => (&genotype.reduce, &genotype.reduce_concat),
        };
        let cell = self.cell();
        if *concat != cell.output {
            return Err(self.misfit(format!("its output is made of nodes {concat:?}, not of {:?}", cell.output)));
        }
        let (inputs, nodes) = (cell.inputs, cell.nodes);
        let every = self.skeleton() == Skeleton::Darts { reductions: false };
        let of = |to: usize| if every { to } else { 2 };
        let expected: usize = (inputs..nodes).map(of).sum();
        if edges.len() != expected {
            return Err(self.misfit(format!("it has {} edges where {expected} were expected", edges.len())));
        }
        let ends = (inputs..nodes).flat_map(|to| std::iter::repeat_n(to, of(to)));
        edges.iter().zip(ends).map(|(&(operation, from), to)| self.place(operation, from, to, kind)).collect()
    }

    fn chosen_parents(&self, genotype: &OneShotGenotype) -> Result<Vec<(usize, usize)>, MisfitError> {
        let genotype = &genotype.connected();
        let nodes = self.cell().nodes;
        if genotype.matrix.len() != nodes + 1 || genotype.operations.len() + 1 != nodes {
            let given = genotype.operations.len();
            return Err(self.misfit(format!("it has {given} nodes between input and output, not {}", nodes - 1)));
        }
        let parents = |node: usize| (0..node).filter(move |&from| genotype.matrix[from][node]);
        for node in 1..=nodes {
            let choice = self.cell().rows.iter().find_map(|row| match row {
                Row::Parents { node: n, keep, .. } if *n == node => Some(*keep),
                _ => None,
            });
            let (given, expected) = (parents(node).count(), choice.unwrap_or(node));
            if given != expected {
                let what = format!("node {node} (the output is node {nodes}) has {given} parents, not {expected}");
                return Err(self.misfit(what));
            }
        }
        let mut out = Vec::new();
        for (i, row) in self.cell().rows.iter().enumerate() {
            match row {
                Row::Parents { node, .. } => out.extend(parents(*node).map(|from| (i, from))),
                Row::Node { node, operations } => {
                    let operation = genotype.operations[node - 1];
                    out.extend(operations.iter().position(|&o| o == operation).map(|column| (i, column)));
                }
                Row::Edge { .. } => {}
            }
        }
        Ok(out)
    }
}
