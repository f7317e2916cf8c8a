#![doc = include_str!("../../../proofs/snas/equation-23.md")]
#![doc = include_str!("../../../proofs/snas/equation-25.md")]

use super::{
    cell::{Cell, OPERATIONS, OVER, Seed, cells, edge},
    equation_6::credit,
    equation_24::jacobian,
};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, sum},
};

/// What $\partial x_j/\partial\alpha^k_{i,j}$ is compared with, for every edge and operation.
#[derive(Debug, Clone, Copy)]
enum Right {
    /// $\mathbf O_{i,j}^\top(x_i)\,\partial f/\partial\alpha^k$, or with the transposed Jacobian.
    Jacobian { transposed: bool },
    /// The same with the Jacobian written out, or with $\boldsymbol\delta$ alone in its place.
    Written { centred: bool },
}

impl Identity for Right {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let point = cell.point::<F>()?;
        let mut out = Vec::new();
        for [i, j, k] in cell.choices() {
            let e = edge(i, j);
            let left = point.node_slopes(Seed::Alpha(e, k))?.swap_remove(j);
            let right = match *self {
                Self::Written { centred } => credit(&point, [i, j, k], centred)?,
                Self::Jacobian { transposed } => {
                    let slopes = jacobian::<F>(&cell.alpha[e], &cell.uniform[e], cell.temperature)?;
                    let entry = |l: usize| if transposed { slopes[k][l].clone() } else { slopes[l][k].clone() };
                    let outputs = point.outputs(i, j);
                    let component = |c: usize| sum((0..OPERATIONS).map(|l| outputs[l][c].clone() * entry(l)));
                    (0..cell.width()).map(component).collect()
                }
            };
            out.extend(left.into_iter().zip(right).map(|(l, r)| [l, r]));
        }
        Ok(out)
    }
}

fn check(right: Right) -> Check {
    Check::identity(OVER, cells(false, 1..=2), right)
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
            check(Right::Jacobian { transposed: false }),
        ),
        corrected: None,
        control: Some(Control::new(
            "the Jacobian transposed: it is symmetric in ln α, not in α",
            check(Right::Jacobian { transposed: true }),
        )),
        proof: include_str!("../../../proofs/snas/equation-23.md"),
    }
}

/// Eq. (25): the same with the Jacobian written out.
pub fn substituted() -> Claim {
    let with = |centred| check(Right::Written { centred });
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
