#![doc = include_str!("../../../proofs/snas/equation-2.md")]

use super::cell::{Cell, OVER, Point, cells, edge, masks, operation};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined},
};

/// All nodes of the masked cell, its gates softened or not, against those of the child graph, in which each edge runs the operation of its largest gate and no other.
struct Selects {
    softened: bool,
}

impl Identity for Selects {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let masked = if self.softened { cell.point::<F>()? } else { cell.masked(masks(&cell.selected()))? };
        let child = run_child(&masked, &cell.selected());
        Ok(masked.values.iter().flatten().cloned().zip(child.into_iter().flatten()).map(|(x, y)| [x, y]).collect())
    }
}

/// The nodes of a child graph: each edge runs one operation, masks have no part in it.
pub(super) fn run_child<F: Symbolic>(point: &Point<F>, choice: &[usize]) -> Vec<Vec<F>> {
    let mut nodes = vec![point.values[0].clone()];
    for j in 1..point.cell.nodes() {
        let mut x = vec![F::zero(); point.cell.width()];
        for (i, node) in nodes.iter().enumerate() {
            let e = edge(i, j);
            x.iter_mut().zip(operation(choice[e], &point.weights[e][choice[e]], node)).for_each(|(x, o)| *x += o);
        }
        nodes.push(x);
    }
    nodes
}

fn check(softened: bool) -> Check {
    Check::identity(OVER, cells(false, 1..=2), Selects { softened })
}

/// Eq. (2): masks select.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-2",
        source: "snas, Eq. (2), section 2.1",
        hypotheses: &["Z_{i,j} one-hot", "Õ_{i,j} the operation that it selects"],
        printed: Statement::holds("x_j = Σ_{i<j} Õ_{i,j}(x_i) = Σ_{i<j} Z_{i,j}ᵀ O_{i,j}(x_i)", check(false)),
        corrected: None,
        control: Some(Control::new("Z of Eq. (5), softened, against the operation of the largest gate", check(true))),
        proof: include_str!("../../../proofs/snas/equation-2.md"),
    }
}
