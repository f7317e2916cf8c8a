#![doc = include_str!("../../../proofs/snas/equation-21.md")]

use super::cell::{Cell, OVER, Seed, cells, edge};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined},
};

/// $\partial x_j/\partial\theta^k_{i,j}$ against $\mathbf Z^\top_{i,j}\partial\mathbf O_{i,j}(x_i)/\partial\theta_{i,j}^k$, whose only nonzero component is the $k$-th; `gated` or with 1 for $Z$.
struct Parameters {
    gated: bool,
}

impl Identity for Parameters {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let point = cell.point::<F>()?;
        let mut out = Vec::new();
        for [i, j, k, n] in cell.parameters() {
            let e = edge(i, j);
            let gate = if self.gated { point.gates[e][k].clone() } else { F::one() };
            let left = point.node_slopes(Seed::Weight(e, k, n))?.swap_remove(j);
            let right = point.parameter_jacobian(i, j, k, n).into_iter().map(|o| gate.clone() * o);
            out.extend(left.into_iter().zip(right).map(|(l, r)| [l, r]));
        }
        Ok(out)
    }
}

fn check(gated: bool) -> Check {
    Check::identity(OVER, cells(false, 1..=2), Parameters { gated })
}

/// Eq. (21): a node by the parameters of an operation into it.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-21",
        source: "snas, Eq. (21), appendix C",
        hypotheses: &["θ_{i,j}^k the parameters of O_{i,j}^k and of nothing else", "gates held fixed"],
        printed: Statement::holds("∂x_j/∂θ_{i,j}^k = Z_{i,j}ᵀ ∂O_{i,j}(x_i)/∂θ_{i,j}^k", check(true)),
        corrected: None,
        control: Some(Control::new("the gate left out", check(false))),
        proof: include_str!("../../../proofs/snas/equation-21.md"),
    }
}
