#![doc = include_str!("../../../proofs/snas/equation-8.md")]
#![doc = include_str!("../../../proofs/snas/section-2.3-distributed.md")]

use super::cell::{Cell, OPERATIONS, OVER, Seed, cells, edge};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, inner, sum},
};

/// Credits against what they should be.
#[derive(Debug, Clone, Copy)]
enum Credit {
    /// $-\sum_kZ^kC^k$ with the cost $C^k=\partial\mathcal L/\partial Z^k$ against $-\partial\mathcal L/\partial x_j\tilde O_{i,j}(x_i)$, edge by edge, the sign left out or not.
    OfEdges { signed: bool },
    /// $\sum_{i<j}R_{i,j}=-\langle\partial\mathcal L/\partial x_j,x_j\rangle$, over the nodes from the first that counts.
    OfNodes { first: usize },
}

impl Identity for Credit {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let point = cell.point::<F>()?;
        let slopes = (0..cell.nodes()).map(|j| point.node_slope(j)).collect::<Result<Vec<_>, _>>()?;
        let product = |i: usize, j: usize| inner(&slopes[j], &point.edge_output(i, j));
        let edge_sides = |(i, j): (usize, usize), signed: bool| -> Result<[F; 2], Undefined> {
            let e = edge(i, j);
            let costs = (0..OPERATIONS).map(|k| point.slope(Seed::Gate(e, k))).collect::<Result<Vec<F>, _>>()?;
            Ok([-inner(&point.gates[e], &costs), if signed { -product(i, j) } else { product(i, j) }])
        };
        match *self {
            Self::OfEdges { signed } => cell.edges().into_iter().map(|ends| edge_sides(ends, signed)).collect(),
            Self::OfNodes { first } => Ok((1..cell.nodes())
                .map(|j| [sum((first..j).map(|i| -product(i, j))), -inner(&slopes[j], &point.values[j])])
                .collect()),
        }
    }
}

fn check(credit: Credit) -> Check {
    Check::identity(OVER, cells(true, 1..=2), credit)
}

/// Eq. (8): the credit of an edge.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-8",
        source: "snas, Eq. (8), section 2.3",
        hypotheses: &["any gates", "the code: minus the gates times their costs ∂𝓛/∂Z, as the library has them"],
        printed: Statement::defines("R_{i,j} = −[∂𝓛/∂x_j Õ_{i,j}(x_i)]_c", check(Credit::OfEdges { signed: true })),
        corrected: None,
        control: Some(Control::new("the sign left out", check(Credit::OfEdges { signed: false }))),
        proof: include_str!("../../../proofs/snas/equation-8.md"),
    }
}

/// The credit of a node, distributed to the edges into it.
pub fn distributed() -> Claim {
    Claim {
        id: "snas.section-2.3-distributed",
        source: "snas, below Eq. (8), section 2.3",
        hypotheses: &[
            "the credit of node j by Eq. (31): −⟨∂𝓛/∂x_j, x_j⟩, ∂𝓛/∂x_j integrated over all effective layers",
            "distributed: the credits R_{i,j} of the edges add up to it",
        ],
        printed: Statement::holds(
            "This integrated credit of a node j is then distributed to edges (i, j) pointing to it, weighted by Õ_{i,j}(x_i)",
            check(Credit::OfNodes { first: 0 }),
        ),
        corrected: None,
        control: Some(Control::new("the edge from the input left out", check(Credit::OfNodes { first: 1 }))),
        proof: include_str!("../../../proofs/snas/section-2.3-distributed.md"),
    }
}
