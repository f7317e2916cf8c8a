//! What a system must know of a search space.

use ndarray::Array2;

use super::Error;
use crate::{
    relaxation::{
        Sharing,
        resource::{Constraint, Prices, Resources},
    },
    space::{CellKind, Gates, Space},
};

/// Rows of $\alpha$: which gates follow them, which operations they have, and which node they enter.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// From rows of $\alpha$ to rows of gates.
    pub sharing: Sharing,
    /// The operations of each row of $\alpha$, rows $\times O$.
    pub present: Array2<bool>,
    /// The node that the edge of each row of $\alpha$ enters; only equality of the numbers matters.
    pub nodes: Vec<usize>,
}

impl Layout {
    /// Each row of gates has its own row of $\alpha$; `nodes[e]` is the node that edge $e$ enters.
    pub fn untied(present: Array2<bool>, nodes: Vec<usize>) -> Self {
        Self { sharing: Sharing::none(present.nrows()), present, nodes }
    }

    /// Cells of a kind share their rows.
    pub fn of(gates: &Gates) -> Self {
        let sharing = Sharing::by_kind(gates);
        let mut nodes = vec![0; sharing.count()];
        for (row, &alpha) in sharing.rows().iter().enumerate() {
            let (cell, edge) = gates.place(row);
            let kind = usize::from(gates.cells[cell] == CellKind::Reduction);
            // Nodes of the two kinds are different nodes.
            nodes[alpha] = 2 * gates.edges[edge].1 + kind;
        }
        Self { present: sharing.present(&gates.mask), sharing, nodes }
    }

    /// Cells of a kind share their rows, as [`Space::tying`] has them: rows for both kinds of cells wherever the space has both, also in a network
    /// so small that one of them does not occur.
    ///
    /// # Errors
    /// None: the rows of a tying are there.
    pub fn of_space(space: &Space) -> Result<Self, Error> {
        let tying = space.tying();
        let cell = &space.cell().rows;
        let nodes = (0..space.kinds().len()).flat_map(|kind| cell.iter().map(move |row| 2 * row.ends().1 + kind));
        let sharing = Sharing::new(tying.rows().to_vec(), tying.mask().nrows())?;
        Ok(Self { sharing, present: tying.mask().clone(), nodes: nodes.collect() })
    }

    /// What the operations of a space take, over all cells that follow a row of $\alpha$ together, at a price for each resource.
    ///
    /// # Errors
    /// [`Error::Relaxation`] when a price is negative or not finite.
    pub fn constraint(&self, space: &Space, prices: Prices) -> Result<Constraint, Error> {
        let all = space.resources();
        let [parameters, flops, accesses] =
            [all.parameters, all.flops, all.accesses].map(|of| self.sharing.collect(&of));
        let needs = Array2::from_shape_fn(self.shape(), |at| Resources {
            parameters: parameters[at],
            flops: flops[at],
            memory_access: accesses[at],
        });
        Ok(Constraint::priced(&needs, prices)?)
    }

    /// Rows of $\alpha$ and operations.
    pub fn shape(&self) -> (usize, usize) {
        self.present.dim()
    }
}
