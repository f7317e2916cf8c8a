#![doc = include_str!("../../../proofs/snas/equation-2.md")]

use super::cell::{Cell, OPERATIONS, Seed, cells, edge, operation};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// All nodes of the masked cell against those of the child graph, in which each edge runs the operation of its largest gate and no other.
fn measure(cell: &Cell, gates: &[[f64; OPERATIONS]]) -> Measure {
    let masked = cell.forward(Seed::None, Some(gates));
    let mut nodes = vec![cell.input.clone()];
    for j in 1..cell.nodes() {
        let mut x = vec![0.0; cell.width()];
        for (i, node) in nodes.iter().enumerate() {
            let e = edge(i, j);
            let k = cell.one_hot()[e].iter().position(|&z| z == 1.0).unwrap_or(0);
            x.iter_mut().zip(operation(k, &cell.weights[e][k], node)).for_each(|(x, o)| *x += o);
        }
        nodes.push(x);
    }
    let size = cell.magnitudes().forward(Seed::None, Some(gates));
    super::worst((1..cell.nodes()).map(|j| {
        let x: Vec<f64> = masked[j].iter().map(|x| x.re).collect();
        Measure::vectors(&x, &nodes[j], size[j].iter().map(|x| x.re).sum(), cell.roundings())
    }))
}

/// Eq. (2): masks select.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-2",
        source: "snas, Eq. (2), section 2.1",
        hypotheses: &["Z_{i,j} one-hot", "Õ_{i,j} the operation that it selects"],
        printed: Statement::holds(
            "x_j = Σ_{i<j} Õ_{i,j}(x_i) = Σ_{i<j} Z_{i,j}ᵀ O_{i,j}(x_i)",
            Check::new(cells(false, 1..=2), |cell| measure(cell, &cell.one_hot())),
        ),
        corrected: None,
        control: Some(Control::new(
            "Z of Eq. (5), softened, against the operation of the largest gate",
            Check::new(cells(false, 1..=2), |cell| measure(cell, &cell.gates())),
        )),
        proof: include_str!("../../../proofs/snas/equation-2.md"),
    }
}
