#![doc = include_str!("../../../proofs/snas/equation-23.md")]
#![doc = include_str!("../../../proofs/snas/equation-25.md")]

use super::{
    cell::{Cell, OPERATIONS, Seed, cells, edge},
    equation_6::credit,
    equation_24::jacobian,
};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// $\partial x_j/\partial\alpha^k_{i,j}$ by dual numbers against `right` for every edge and operation.
fn measure(cell: &Cell, right: impl Fn(usize, usize, usize) -> Vec<f64>) -> Measure {
    let size = cell.magnitudes();
    let each = cell.edges().into_iter().flat_map(|(i, j)| (0..OPERATIONS).map(move |k| (i, j, k)));
    super::worst(each.map(|(i, j, k)| {
        let x = &cell.forward(Seed::Alpha(edge(i, j), k), None)[j];
        let left: Vec<f64> = x.iter().map(|x| x.eps).collect();
        let [_, terms] = credit(&size, i, j, k, true);
        Measure::vectors(&left, &right(i, j, k), terms.iter().sum(), cell.roundings())
    }))
}

/// $\mathbf O_{i,j}^\top(x_i)\,\partial f/\partial\alpha^k$, or with the transposed Jacobian.
fn product(cell: &Cell, i: usize, j: usize, k: usize, transposed: bool) -> Vec<f64> {
    let (e, outputs) = (edge(i, j), cell.outputs(i, j));
    let slopes = jacobian(&cell.alpha[e], &cell.uniform[e], cell.temperature);
    let entry = |l: usize| if transposed { slopes[k][l] } else { slopes[l][k] };
    (0..cell.width()).map(|c| (0..OPERATIONS).map(|l| outputs[l][c] * entry(l)).sum()).collect()
}

/// Eq. (23): a node by an architecture parameter.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-23",
        source: "snas, Eq. (23), appendix C",
        hypotheses: &[
            "Z_{i,j} = f_{α_{i,j}}(G_{i,j}), the noise held fixed",
            "α_{i,j} the parameters of edge (i, j) alone",
        ],
        printed: Statement::holds(
            "∂x_j/∂α_{i,j}^k = O_{i,j}ᵀ(x_i) ∂f_{α_{i,j}}(G_{i,j})/∂α_{i,j}^k",
            Check::new(cells(false, 1..=2), |cell| measure(cell, |i, j, k| product(cell, i, j, k, false))),
        ),
        corrected: None,
        control: Some(Control::new(
            "the Jacobian transposed: it is symmetric in ln α, not in α",
            Check::new(cells(false, 1..=2), |cell| measure(cell, |i, j, k| product(cell, i, j, k, true))),
        )),
        proof: include_str!("../../../proofs/snas/equation-23.md"),
    }
}

/// Eq. (25): the same with the Jacobian written out.
pub fn substituted() -> Claim {
    let with = |centred| {
        Check::new(cells(false, 1..=2), move |cell| {
            measure(cell, |i, j, k| {
                let [right, _] = credit(cell, i, j, k, centred);
                right
            })
        })
    };
    Claim {
        id: "snas.equation-25",
        source: "snas, Eq. (25), appendix C",
        printed: Statement::holds(
            "∂x_j/∂α_{i,j}^k = O_{i,j}ᵀ(x_i) (δ(k'−k) − Z_{i,j}) Z_{i,j}^k 1/(λ α_{i,j}^k)",
            with(true),
        ),
        control: Some(Control::new("δ(k'−k) in place of δ(k'−k) − Z_{i,j}", with(false))),
        proof: include_str!("../../../proofs/snas/equation-25.md"),
        ..claim()
    }
}
