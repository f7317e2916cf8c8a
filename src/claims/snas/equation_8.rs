#![doc = include_str!("../../../proofs/snas/equation-8.md")]
#![doc = include_str!("../../../proofs/snas/section-2.3-distributed.md")]

use super::cell::{Cell, OPERATIONS, Seed, cells, edge};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// $\partial\mathcal L/\partial x_j\,\tilde O_{i,j}(x_i)$ and its magnitude, the slope at node `at`.
fn product(cell: &Cell, i: usize, j: usize, at: usize) -> f64 {
    let (gates, outputs, slope) = (cell.gates()[edge(i, j)], cell.outputs(i, j), cell.node_slope(at));
    let mixed = (0..cell.width()).map(|c| (0..OPERATIONS).map(|k| gates[k] * outputs[k][c]).sum::<f64>());
    slope.iter().zip(mixed).map(|(g, o)| g * o).sum()
}

/// $-\sum_kZ^kC^k$ with the cost $C^k=\partial\mathcal L/\partial Z^k$ against $\mp\partial\mathcal L/\partial x_j\tilde O_{i,j}(x_i)$.
fn credit(cell: &Cell, sign: f64) -> Measure {
    let (size, gates) = (cell.magnitudes(), cell.gates());
    super::worst(cell.edges().into_iter().map(|(i, j)| {
        let e = edge(i, j);
        let cost: f64 = (0..OPERATIONS).map(|k| gates[e][k] * cell.slope(Seed::Gate(e, k))).sum();
        Measure::equality(-cost, sign * product(cell, i, j, j), product(&size, i, j, j), cell.roundings())
    }))
}

/// Eq. (8): the credit of an edge.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-8",
        source: "snas, Eq. (8), section 2.3",
        hypotheses: &["any gates", "the code: minus the gates times their costs ∂𝓛/∂Z, as the library has them"],
        printed: Statement::defines(
            "R_{i,j} = −[∂𝓛/∂x_j Õ_{i,j}(x_i)]_c",
            Check::new(cells(true, 1..=2), |cell| credit(cell, -1.0)),
        ),
        corrected: None,
        control: Some(Control::new("the sign left out", Check::new(cells(true, 1..=2), |cell| credit(cell, 1.0)))),
        proof: include_str!("../../../proofs/snas/equation-8.md"),
    }
}

/// $\sum_{i<j}R_{i,j}=-\langle\partial\mathcal L/\partial x_j,x_j\rangle$, over the nodes from `first` on.
fn conserved(cell: &Cell, first: usize) -> Measure {
    let size = cell.magnitudes();
    super::worst((1..cell.nodes()).map(|j| {
        let sum: f64 = (first..j).map(|i| -product(cell, i, j, j)).sum();
        let whole: f64 = cell.node_slope(j).iter().zip(&cell.values()[j]).map(|(g, x)| -g * x).sum();
        let terms = (0..j).map(|i| product(&size, i, j, j)).sum();
        Measure::equality(sum, whole, terms, cell.roundings())
    }))
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
            Check::new(cells(true, 1..=2), |cell| conserved(cell, 0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the edge from the input left out",
            Check::new(cells(true, 1..=2), |cell| conserved(cell, 1)),
        )),
        proof: include_str!("../../../proofs/snas/section-2.3-distributed.md"),
    }
}
