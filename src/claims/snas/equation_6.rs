#![doc = include_str!("../../../proofs/snas/equation-6.md")]
#![doc = include_str!("../../../proofs/snas/equation-6-operations.md")]
#![doc = include_str!("../../../proofs/snas/equation-6-architectures.md")]

use super::cell::{Cell, OPERATIONS, Seed, cells, edge};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// $\sum_{m>j}\frac{\partial\mathcal L}{\partial x_m}\mathbf Z_{j,m}^\top\frac{\partial\mathbf O_{j,m}(x_j)}{\partial x_j}$ along component `c`.
fn through_edges(cell: &Cell, j: usize, c: usize) -> f64 {
    let gates = cell.gates();
    let mut sum = 0.0;
    for m in j + 1..cell.nodes() {
        let slope = cell.node_slope(m);
        for (k, gate) in gates[edge(j, m)].iter().enumerate() {
            sum += slope.iter().zip(cell.jacobian(j, m, k, c)).map(|(g, o)| g * gate * o).sum::<f64>();
        }
    }
    sum
}

/// The first line at every node from `first` on that has a successor or is seen by the loss, with or without what the loss sees of the node itself.
pub(super) fn nodes(cell: &Cell, own: bool) -> Measure {
    let size = cell.magnitudes();
    let last = if cell.concatenated { cell.nodes() } else { cell.nodes() - 1 };
    super::worst((1..last).flat_map(|j| (0..cell.width()).map(move |c| (j, c))).map(|(j, c)| {
        let seen = if own && cell.seen().contains(&j) { cell.values()[j][c] - cell.targets[j - 1][c] } else { 0.0 };
        let left = cell.slope(Seed::Node(j, c));
        Measure::equality(left, through_edges(cell, j, c) + seen, size.slope(Seed::Node(j, c)), cell.roundings())
            .with("node", j as f64)
    }))
}

/// The second line, with the gate or 1 in its place.
pub(super) fn operations(cell: &Cell, gated: bool) -> Measure {
    let (size, gates) = (cell.magnitudes(), cell.gates());
    let entries = cell.edges().into_iter().flat_map(|(i, j)| {
        (0..OPERATIONS).flat_map(move |k| (0..cell.width() * cell.width()).map(move |n| (i, j, k, n)))
    });
    super::worst(entries.map(|(i, j, k, n)| {
        let e = edge(i, j);
        let gate = if gated { gates[e][k] } else { 1.0 };
        let terms = cell.node_slope(j).into_iter().zip(cell.parameter_jacobian(i, j, k, n));
        let right: f64 = terms.map(|(g, o)| g * gate * o).sum();
        let seed = Seed::Weight(e, k, n);
        Measure::equality(cell.slope(seed), right, size.slope(seed), cell.roundings())
    }))
}

/// $\mathbf O_{i,j}^\top(x_i)\bigl(\boldsymbol\delta(k'-k)-\mathbf Z_{i,j}\bigr)\mathbf Z_{i,j}^k\frac1{\lambda\boldsymbol\alpha_{i,j}^k}$ by component, and the same with all terms
/// positive. Without `centred`, $\mathbf Z_{i,j}$ is left out of the difference.
pub(super) fn credit(cell: &Cell, i: usize, j: usize, k: usize, centred: bool) -> [Vec<f64>; 2] {
    let (e, outputs) = (edge(i, j), cell.outputs(i, j));
    let z = cell.gates()[e];
    let factor = z[k] / (cell.temperature * cell.alpha[e][k]);
    let sum = |weight: &dyn Fn(usize, f64) -> f64| {
        let component = |c: usize| (0..OPERATIONS).map(|l| weight(l, outputs[l][c]) * factor).sum::<f64>();
        (0..cell.width()).map(component).collect::<Vec<f64>>()
    };
    let delta = |l: usize| f64::from(u8::from(l == k));
    [sum(&|l, o| o * (delta(l) - if centred { z[l] } else { 0.0 })), sum(&|l, o| o.abs() * (delta(l) + z[l]))]
}

/// The third line.
pub(super) fn architectures(cell: &Cell, centred: bool) -> Measure {
    let size = cell.magnitudes();
    let each = cell.edges().into_iter().flat_map(|(i, j)| (0..OPERATIONS).map(move |k| (i, j, k)));
    super::worst(each.map(|(i, j, k)| {
        let along = |cell: &Cell, x: &[f64]| cell.node_slope(j).iter().zip(x).map(|(g, x)| g * x).sum::<f64>();
        let [right, _] = credit(cell, i, j, k, centred);
        let [_, terms] = credit(&size, i, j, k, centred);
        let left = cell.slope(Seed::Alpha(edge(i, j), k));
        Measure::equality(left, along(cell, &right), along(&size, &terms), cell.roundings())
    }))
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
            Check::new(cells(true, 1..=2), |cell| nodes(cell, false)),
        ),
        corrected: Some(Statement::holds(
            "∂𝓛/∂x_j = [∂𝓛/∂x_out]_j + Σ_{m>j} ∂𝓛/∂x_m Z_{j,m}ᵀ ∂O_{j,m}(x_j)/∂x_j, [∂𝓛/∂x_out]_j the block of the output that is x_j",
            Check::new(cells(true, 1..=2), |cell| nodes(cell, true)),
        )),
        control: Some(Control::new(
            "the corrected statement with the output's block left out",
            Check::new(cells(true, 1..=2), |cell| nodes(cell, false)),
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
        printed: Statement::holds(SECOND, Check::new(cells(true, 1..=2), |cell| operations(cell, true))),
        corrected: None,
        control: Some(Control::new(
            "the gate left out",
            Check::new(cells(true, 1..=2), |cell| operations(cell, false)),
        )),
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
            Check::new(cells(true, 1..=2), |cell| architectures(cell, true)),
        ),
        corrected: None,
        control: Some(Control::new(
            "δ(k'−k) in place of δ(k'−k) − Z_{i,j}: the normalisation taken for constant",
            Check::new(cells(true, 1..=2), |cell| architectures(cell, false)),
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
            Check::new(cells(false, 1..=2), |cell| nodes(cell, false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "a loss that sees all nodes",
            Check::new(cells(true, 1..=2), |cell| nodes(cell, false)),
        )),
        proof: include_str!("../../../proofs/snas/equation-27.md"),
    }
}

/// Eq. (27), second line.
pub fn unit_operation_claim() -> Claim {
    Claim {
        id: "snas.equation-27-operations",
        source: "snas, Eq. (27), second line, appendix C",
        printed: Statement::holds(SECOND, Check::new(cells(false, 1..=2), |cell| operations(cell, true))),
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
            Check::new(cells(false, 1..=2), |cell| architectures(cell, true)),
        ),
        proof: concat!(
            include_str!("../../../proofs/snas/equation-27-architectures.md"),
            "\n\n",
            include_str!("../../../proofs/snas/equation-6-architectures.md")
        ),
        ..architecture_claim()
    }
}
