#![doc = include_str!("../../../proofs/snas/equation-21.md")]

use super::cell::{Cell, OPERATIONS, Seed, cells, edge};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// $\partial x_j/\partial\theta^k_{i,j}$ against $\mathbf Z^\top_{i,j}\partial\mathbf O_{i,j}(x_i)/\partial\theta_{i,j}^k$, whose only nonzero component is the $k$-th; `gated` or with 1 for $Z$.
fn measure(cell: &Cell, gated: bool) -> Measure {
    let (gates, size) = (cell.gates(), cell.magnitudes());
    let entries = cell.edges().into_iter().flat_map(|(i, j)| {
        (0..OPERATIONS).flat_map(move |k| (0..cell.width() * cell.width()).map(move |n| (i, j, k, n)))
    });
    super::worst(entries.map(|(i, j, k, n)| {
        let e = edge(i, j);
        let along =
            |cell: &Cell| cell.forward(Seed::Weight(e, k, n), None)[j].iter().map(|x| x.eps).collect::<Vec<f64>>();
        let gate = if gated { gates[e][k] } else { 1.0 };
        let right: Vec<f64> = cell.parameter_jacobian(i, j, k, n).iter().map(|o| gate * o).collect();
        Measure::vectors(&along(cell), &right, along(&size).iter().sum(), cell.roundings())
    }))
}

/// Eq. (21): a node by the parameters of an operation into it.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-21",
        source: "snas, Eq. (21), appendix C",
        hypotheses: &["θ_{i,j}^k the parameters of O_{i,j}^k and of nothing else", "gates held fixed"],
        printed: Statement::holds(
            "∂x_j/∂θ_{i,j}^k = Z_{i,j}ᵀ ∂O_{i,j}(x_i)/∂θ_{i,j}^k",
            Check::new(cells(false, 1..=2), |cell| measure(cell, true)),
        ),
        corrected: None,
        control: Some(Control::new("the gate left out", Check::new(cells(false, 1..=2), |cell| measure(cell, false)))),
        proof: include_str!("../../../proofs/snas/equation-21.md"),
    }
}
