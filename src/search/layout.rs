//! What a system must know of a search space.

use ndarray::Array2;

use super::Error;
use crate::{
    relaxation::{
        Sharing,
        resource::{Constraint, Prices, Resources},
    },
    space::{Choices, Row, Space},
};

/// Rows of $\alpha$: which gates follow them, which operations they have, and what makes a cell of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// From rows of $\alpha$ to rows of gates.
    pub sharing: Sharing,
    /// The operations of each row of $\alpha$, rows $\times O$.
    pub present: Array2<bool>,
    /// Rows with equal numbers are edges into one node; a choice that is no edge stands alone.
    pub nodes: Vec<usize>,
    /// What a discrete cell opens.
    pub choices: Choices,
}

impl Layout {
    /// Each row of gates has its own row of $\alpha$, of which a cell has one operation; `nodes[e]` is the node that edge $e$ enters.
    pub fn untied(present: Array2<bool>, nodes: Vec<usize>) -> Self {
        Self { sharing: Sharing::none(present.nrows()), choices: Choices::one_each(present.clone()), present, nodes }
    }

    /// Cells of a kind share their rows, as [`Space::tying`] has them: rows for both kinds of cells wherever the space has both, also in a network
    /// so small that one of them does not occur.
    ///
    /// # Errors
    /// None: the rows of a tying are there.
    pub fn of_space(space: &Space) -> Result<Self, Error> {
        let tying = space.tying();
        let rows = &space.cell().rows;
        let sharing = Sharing::new(tying.rows().to_vec(), tying.mask().nrows())?;
        let first = |kind: usize| kind * (space.cell().nodes + rows.len());
        let node = |(at, row): (usize, &Row)| match row {
            Row::Edge { to, .. } => *to,
            Row::Node { .. } | Row::Parents { .. } => space.cell().nodes + at,
        };
        let nodes =
            (0..space.kinds().len()).flat_map(|kind| rows.iter().enumerate().map(move |row| first(kind) + node(row)));
        Ok(Self { sharing, present: tying.mask().clone(), nodes: nodes.collect(), choices: space.choices() })
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
