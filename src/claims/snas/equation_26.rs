#![doc = include_str!("../../../proofs/snas/equation-26.md")]

use super::cell::{Cell, OPERATIONS, OVER, Seed, cells, edge};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, sum},
};

/// $\partial x_m/\partial x_j$ with the nodes between held fixed, or through them as well.
struct Between {
    held: bool,
}

impl Identity for Between {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let point = cell.point::<F>()?;
        let mut out = Vec::new();
        for (j, m, c) in cell.edges().into_iter().flat_map(|(j, m)| (0..cell.width()).map(move |c| (j, m, c))) {
            let left = point.moved(Seed::Node(j, c), |node| !self.held || node == m)?.swap_remove(m);
            let jacobians: Vec<Vec<F>> = (0..OPERATIONS).map(|k| point.jacobian(j, m, k, c)).collect();
            let gates = &point.gates[edge(j, m)];
            let right = |d: usize| sum((0..OPERATIONS).map(|k| gates[k].clone() * jacobians[k][d].clone()));
            out.extend(left.into_iter().enumerate().map(|(d, l)| [l, right(d)]));
        }
        Ok(out)
    }
}

fn check(held: bool) -> Check {
    Check::identity(OVER, cells(false, 1..=2), Between { held })
}

/// Eq. (26): a node by one before it.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-26",
        source: "snas, Eq. (26), appendix C",
        hypotheses: &[
            "∂ the partial derivative: the nodes between j and m held fixed, as the chain rule of Eq. (27) takes it",
        ],
        printed: Statement::holds("∂x_m/∂x_j = Z_{j,m}ᵀ ∂O_{j,m}(x_j)/∂x_j", check(true)),
        corrected: None,
        control: Some(Control::new("the total derivative, through the nodes between", check(false))),
        proof: include_str!("../../../proofs/snas/equation-26.md"),
    }
}
