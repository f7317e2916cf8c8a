#![doc = include_str!("../../../proofs/snas/equation-6.md")]
#![doc = include_str!("../../../proofs/snas/equation-6-operations.md")]
#![doc = include_str!("../../../proofs/snas/equation-6-architectures.md")]

use super::cell::{Cell, OPERATIONS, OVER, Point, Seed, cells, edge};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, inner, sum},
};

/// $\sum_{m>j}\frac{\partial\mathcal L}{\partial x_m}\mathbf Z_{j,m}^\top\frac{\partial\mathbf O_{j,m}(x_j)}{\partial x_j}$ along component `c`, `slopes` those of the nodes.
fn through_edges<F: Symbolic>(point: &Point<F>, slopes: &[Vec<F>], j: usize, c: usize) -> F {
    let pairs = (j + 1..point.cell.nodes()).flat_map(|m| (0..OPERATIONS).map(move |k| (m, k)));
    sum(pairs.map(|(m, k)| point.gates[edge(j, m)][k].clone() * inner(&slopes[m], &point.jacobian(j, m, k, c))))
}

/// The three lines, for all nodes and edges.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// The first, at every node that has a successor or is seen by the loss, with or without what the loss sees of the node itself.
    Nodes { own: bool },
    /// The second, with the gate or 1 in its place.
    Operations { gated: bool },
    /// The third, the normalisation of the gates taken for constant unless `centred`.
    Architectures { centred: bool },
}

/// $\mathbf O_{i,j}^\top(x_i)\bigl(\boldsymbol\delta(k'-k)-\mathbf Z_{i,j}\bigr)\mathbf Z_{i,j}^k\frac1{\lambda\boldsymbol\alpha_{i,j}^k}$ by component. Without `centred`,
/// $\mathbf Z_{i,j}$ is left out of the difference.
pub(super) fn credit<F: Symbolic>(point: &Point<F>, [i, j, k]: [usize; 3], centred: bool) -> Result<Vec<F>, Undefined> {
    let (e, outputs, cell) = (edge(i, j), point.outputs(i, j), point.cell);
    let z = &point.gates[e];
    let factor = z[k].over(&(F::number(cell.temperature)? * F::number(cell.alpha[e][k])?))?;
    let weight = |l: usize| {
        let delta = if l == k { F::one() } else { F::zero() };
        if centred { delta - z[l].clone() } else { delta }
    };
    let component = |c: usize| factor.clone() * sum((0..OPERATIONS).map(|l| weight(l) * outputs[l][c].clone()));
    Ok((0..cell.width()).map(component).collect())
}

impl Identity for Line {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let point = cell.point::<F>()?;
        let slopes = (0..cell.nodes()).map(|j| point.node_slope(j)).collect::<Result<Vec<_>, _>>()?;
        let mut out = Vec::new();
        match *self {
            Self::Nodes { own } => {
                let last = if cell.concatenated { cell.nodes() } else { cell.nodes() - 1 };
                for (j, c) in (1..last).flat_map(|j| (0..cell.width()).map(move |c| (j, c))) {
                    let seen = match own && cell.seen().contains(&j) {
                        true => point.values[j][c].clone() - point.targets[j - 1][c].clone(),
                        false => F::zero(),
                    };
                    out.push([slopes[j][c].clone(), through_edges(&point, &slopes, j, c) + seen]);
                }
            }
            Self::Operations { gated } => {
                for [i, j, k, n] in cell.parameters() {
                    let e = edge(i, j);
                    let along = inner(&slopes[j], &point.parameter_jacobian(i, j, k, n));
                    let right = if gated { point.gates[e][k].clone() * along } else { along };
                    out.push([point.slope(Seed::Weight(e, k, n))?, right]);
                }
            }
            Self::Architectures { centred } => {
                for [i, j, k] in cell.choices() {
                    let right = inner(&slopes[j], &credit(&point, [i, j, k], centred)?);
                    out.push([point.slope(Seed::Alpha(edge(i, j), k))?, right]);
                }
            }
        }
        Ok(out)
    }
}

fn check(concatenated: bool, line: Line) -> Check {
    Check::identity(OVER, cells(concatenated, 1..=2), line)
}

/// Eq. (6), first line, in the cell of section 2.1.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-6",
        source: "snas, Eq. (6), first line, section 2.2",
        hypotheses: &[
            "the cell of section 2.1: its output is the concatenation of the intermediate nodes",
            "m over the nodes of Eq. (1), Z_m and O_m read as Z_{j,m} and O_{j,m}, as Eq. (27) prints them",
            "any differentiable loss, here squared errors; ∂𝓛/∂x the total derivative",
        ],
        printed: Statement::refuted(
            "∂𝓛/∂x_j = Σ_{m>j} ∂𝓛/∂x_m Z_mᵀ ∂O_m(x_j)/∂x_j",
            check(true, Line::Nodes { own: false }),
        ),
        corrected: Some(Statement::holds(
            "∂𝓛/∂x_j = [∂𝓛/∂x_out]_j + Σ_{m>j} ∂𝓛/∂x_m Z_{j,m}ᵀ ∂O_{j,m}(x_j)/∂x_j, [∂𝓛/∂x_out]_j the block of the output that is x_j",
            check(true, Line::Nodes { own: true }),
        )),
        control: Some(Control::new(
            "the corrected statement with the output's block left out",
            check(true, Line::Nodes { own: false }),
        )),
        proof: include_str!("../../../proofs/snas/equation-6.md"),
    }
}

const SECOND: &str = "∂𝓛/∂θ_{i,j}^k = ∂𝓛/∂x_j Z_{i,j}^k ∂O_{i,j}(x_i)/∂θ_{i,j}^k";

/// Eq. (6), second line.
pub fn operation_claim() -> Claim {
    Claim {
        id: "snas.equation-6-operations",
        source: "snas, Eq. (6), second line, section 2.2",
        hypotheses: &[
            "θ_{i,j}^k enters O_{i,j}^k alone: no weights shared between edges or cells",
            "the gates do not depend on θ",
            "any cell, whatever the loss sees",
        ],
        printed: Statement::holds(SECOND, check(true, Line::Operations { gated: true })),
        corrected: None,
        control: Some(Control::new("the gate left out", check(true, Line::Operations { gated: false }))),
        proof: include_str!("../../../proofs/snas/equation-6-operations.md"),
    }
}

/// Eq. (6), third line: the search gradient.
pub fn architecture_claim() -> Claim {
    Claim {
        id: "snas.equation-6-architectures",
        source: "snas, Eq. (6), third line, section 2.2",
        hypotheses: &["Z_{i,j} by Eq. (5), its noise held fixed, λ > 0", "∂𝓛/∂x_j the total derivative"],
        printed: Statement::holds(
            "∂𝓛/∂α_{i,j}^k = ∂𝓛/∂x_j O_{i,j}ᵀ(x_i) (δ(k'−k) − Z_{i,j}) Z_{i,j}^k 1/(λ α_{i,j}^k)",
            check(true, Line::Architectures { centred: true }),
        ),
        corrected: None,
        control: Some(Control::new(
            "δ(k'−k) in place of δ(k'−k) − Z_{i,j}: the normalisation taken for constant",
            check(true, Line::Architectures { centred: false }),
        )),
        proof: include_str!("../../../proofs/snas/equation-6-architectures.md"),
    }
}

/// Eq. (27), first line, in the unit of Figure 6.
pub fn unit_claim() -> Claim {
    Claim {
        id: "snas.equation-27",
        source: "snas, Eq. (27), first line, appendix C",
        hypotheses: &[
            "the unit of Figure 6: the loss sees the last node alone, and x_j comes before it",
            "∂𝓛/∂x_m the total derivative, ∂O_{j,m}/∂x_j that of the operation",
        ],
        printed: Statement::holds(
            "∂𝓛/∂x_j = Σ_{m>j} ∂𝓛/∂x_m Z_{j,m}ᵀ ∂O_{j,m}(x_j)/∂x_j",
            check(false, Line::Nodes { own: false }),
        ),
        corrected: None,
        control: Some(Control::new("a loss that sees all nodes", check(true, Line::Nodes { own: false }))),
        proof: include_str!("../../../proofs/snas/equation-27.md"),
    }
}

/// Eq. (27), second line.
pub fn unit_operation_claim() -> Claim {
    Claim {
        id: "snas.equation-27-operations",
        source: "snas, Eq. (27), second line, appendix C",
        printed: Statement::holds(SECOND, check(false, Line::Operations { gated: true })),
        proof: concat!(
            include_str!("../../../proofs/snas/equation-27-operations.md"),
            "\n\n",
            include_str!("../../../proofs/snas/equation-6-operations.md")
        ),
        ..operation_claim()
    }
}

/// Eq. (27), third line.
pub fn unit_architecture_claim() -> Claim {
    Claim {
        id: "snas.equation-27-architectures",
        source: "snas, Eq. (27), third line, appendix C",
        printed: Statement::holds(
            "∂𝓛/∂α_{i,j}^k = ∂𝓛/∂x_j O_{i,j}ᵀ(x_i) (δ(k'−k) − Z_{i,j}) Z_{i,j}^k 1/(λ α_{i,j}^k) (extracted with x_1 for x_j)",
            check(false, Line::Architectures { centred: true }),
        ),
        proof: concat!(
            include_str!("../../../proofs/snas/equation-27-architectures.md"),
            "\n\n",
            include_str!("../../../proofs/snas/equation-6-architectures.md")
        ),
        ..architecture_claim()
    }
}
