#![doc = include_str!("../../../proofs/snas/equation-20.md")]

use super::cell::{Cell, OPERATIONS, cells, edge};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// $x_j$ against the sum over the nodes $h$ that `counted(h, i, j)`, for all $i<j$.
fn measure(cell: &Cell, counted: impl Fn(usize, usize, usize) -> bool) -> Measure {
    let (values, gates, size) = (cell.values(), cell.gates(), cell.magnitudes().values());
    super::worst(cell.edges().into_iter().map(|(i, j)| {
        let mut sum = vec![0.0; cell.width()];
        for h in (0..j).filter(|&h| counted(h, i, j)) {
            let outputs = cell.outputs(h, j);
            for (sum, c) in sum.iter_mut().zip(0..) {
                *sum += (0..OPERATIONS).map(|k| gates[edge(h, j)][k] * outputs[k][c]).sum::<f64>();
            }
        }
        Measure::vectors(&values[j], &sum, size[j].iter().sum(), cell.roundings())
            .with("i", i as f64)
            .with("j", j as f64)
    }))
}

/// Eq. (20): a node by one edge and the rest.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-20",
        source: "snas, Eq. (20), appendix C",
        hypotheses: &["intermediate nodes take input from all previous nodes", "i any node before j"],
        printed: Statement::refuted(
            "x_j = Σ_{h<j} Z_{h,j}ᵀ O_{h,j}(x_h) = Z_{i,j}ᵀ O_{i,j}(x_i) + Σ_{h<i} Z_{h,j}ᵀ O_{h,j}(x_h)",
            Check::new(cells(false, 1..=2), |cell| measure(cell, |h, i, _| h <= i)),
        ),
        corrected: Some(Statement::holds(
            "x_j = Z_{i,j}ᵀ O_{i,j}(x_i) + Σ_{h<j, h≠i} Z_{h,j}ᵀ O_{h,j}(x_h); the printed sum over h < i is the same exactly when i = j − 1 or the nodes between add nothing",
            Check::all(vec![
                Check::new(cells(false, 1..=2), |cell| measure(cell, |_, _, _| true)),
                Check::new(cells(false, 1..=2), |cell| measure(cell, |h, i, j| h <= i || i + 1 < j)),
            ]),
        )),
        control: Some(Control::new(
            "the corrected sum without edge (i, j) itself",
            Check::new(cells(false, 1..=2), |cell| measure(cell, |h, i, _| h != i)),
        )),
        proof: include_str!("../../../proofs/snas/equation-20.md"),
    }
}
