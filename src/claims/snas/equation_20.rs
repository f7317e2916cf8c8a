#![doc = include_str!("../../../proofs/snas/equation-20.md")]

use super::cell::{Cell, OVER, cells};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, sum},
};

/// $x_j$ against the sum over the nodes $h$ that `counted(h, i, j)`, for all $i<j$.
struct Sum(fn(usize, usize, usize) -> bool);

impl Identity for Sum {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let point = cell.point::<F>()?;
        let mut out = Vec::new();
        for (i, j) in cell.edges() {
            let edges: Vec<Vec<F>> = (0..j).filter(|&h| self.0(h, i, j)).map(|h| point.edge_output(h, j)).collect();
            out.extend(
                (0..cell.width()).map(|c| [point.values[j][c].clone(), sum(edges.iter().map(|o| o[c].clone()))]),
            );
        }
        Ok(out)
    }
}

fn check(counted: fn(usize, usize, usize) -> bool) -> Check {
    Check::identity(OVER, cells(false, 1..=2), Sum(counted))
}

/// Eq. (20): a node by one edge and the rest.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-20",
        source: "snas, Eq. (20), appendix C",
        hypotheses: &["intermediate nodes take input from all previous nodes", "i any node before j"],
        printed: Statement::refuted(
            "x_j = Σ_{h<j} Z_{h,j}ᵀ O_{h,j}(x_h) = Z_{i,j}ᵀ O_{i,j}(x_i) + Σ_{h<i} Z_{h,j}ᵀ O_{h,j}(x_h)",
            check(|h, i, _| h <= i),
        ),
        corrected: Some(Statement::holds(
            "x_j = Z_{i,j}ᵀ O_{i,j}(x_i) + Σ_{h<j, h≠i} Z_{h,j}ᵀ O_{h,j}(x_h); the printed sum over h < i is the same exactly when i = j − 1 or the nodes between add nothing",
            Check::all(vec![check(|_, _, _| true), check(|h, i, j| h <= i || i + 1 < j)]),
        )),
        control: Some(Control::new("the corrected sum without edge (i, j) itself", check(|h, i, _| h != i))),
        proof: include_str!("../../../proofs/snas/equation-20.md"),
    }
}
