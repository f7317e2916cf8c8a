#![doc = include_str!("../../../proofs/snas/equation-32.md")]
#![doc = include_str!("../../../proofs/snas/equation-33.md")]
#![doc = include_str!("../../../proofs/snas/equation-34.md")]

use proptest::strategy::Strategy;

use super::cell::{Cell, OPERATIONS, cells, edge};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// Child graphs; all of their numbers are integers, and equality is equality.
fn children(width: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Cell> {
    cells(false, width).prop_map(|cell| cell.child())
}

/// $\tilde O_{i,j}(x_i)$.
fn selected(cell: &Cell, i: usize, j: usize) -> Vec<f64> {
    let (gates, outputs) = (cell.gates()[edge(i, j)], cell.outputs(i, j));
    (0..cell.width()).map(|c| (0..OPERATIONS).map(|k| gates[k] * outputs[k][c]).sum()).collect()
}

fn inner(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// $\partial f/\partial x_j$ against the sum over the nodes $m>j$, no further than `reach` after $j$.
fn integrated(cell: &Cell, reach: usize) -> Measure {
    let (size, gates) = (cell.magnitudes(), cell.gates());
    super::worst((0..cell.nodes() - 1).map(|j| {
        let mut sum = vec![0.0; cell.width()];
        for m in (j + 1..cell.nodes()).take(reach) {
            let slope = cell.output_slope(m);
            for (c, sum) in sum.iter_mut().enumerate() {
                let through = |k: usize| gates[edge(j, m)][k] * inner(&slope, &cell.jacobian(j, m, k, c));
                *sum += (0..OPERATIONS).map(through).sum::<f64>();
            }
        }
        Measure::vectors(&cell.output_slope(j), &sum, size.output_slope(j).iter().sum(), cell.roundings())
    }))
}

/// Eq. (32): the integrated credit of a node.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-32",
        source: "snas, Eq. (32), appendix E",
        hypotheses: &[
            "f an output of the network behind the last node, x_j before it",
            "Õ_m read as Õ_{j,m}, the operation selected at edge (j, m)",
        ],
        printed: Statement::holds(
            "∂f/∂x_j = Σ_{m>j} ∂f/∂x_m ∂Õ_m(x_j)/∂x_j",
            Check::new(children(1..=2), |cell| integrated(cell, usize::MAX)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the nearest node alone, without skips to later layers",
            Check::new(children(1..=2), |cell| integrated(cell, 1)),
        )),
        proof: include_str!("../../../proofs/snas/equation-32.md"),
    }
}

/// $\sum_{i<j}\hat R_{i,j}$, the edges from node `first` on, against `whole`.
fn decomposed(cell: &Cell, first: usize, whole: impl Fn(&[f64], &[f64]) -> f64) -> Measure {
    let size = cell.magnitudes();
    super::worst((1..cell.nodes()).map(|j| {
        let slope = cell.output_slope(j);
        let sum: f64 = (first..j).map(|i| inner(&slope, &selected(cell, i, j))).sum();
        let terms: f64 = (0..j).map(|i| inner(&size.output_slope(j), &selected(&size, i, j))).sum();
        let whole = whole(&slope, &cell.values()[j]);
        Measure::equality(sum, whole, terms + whole.abs(), cell.roundings()).with("node", j as f64)
    }))
}

/// Eq. (33): the credit of an edge.
pub fn edges() -> Claim {
    Claim {
        id: "snas.equation-33",
        source: "snas, Eq. (33), appendix E",
        hypotheses: &[
            "according to (1), edges (i, j) point to j",
            "decompose (32): the R̂_{i,j} add up to ∂f/∂x_j; nodes scalars, as the paper ignores their dimensions",
        ],
        printed: Statement::refuted(
            "According to (1), multiple edges (i, j) are pointing to j, which decompose (32) as: R̂_{i,j} = ∂f/∂x_j Õ_{i,j}(x_i)",
            Check::new(children(1..=1), |cell| decomposed(cell, 0, |slope, _| slope.iter().sum())),
        ),
        corrected: Some(Statement::holds(
            "Σ_{i<j} R̂_{i,j} = ⟨∂f/∂x_j, x_j⟩, the credit of node j in the sense of (31); nodes of any dimension",
            Check::new(children(1..=2), |cell| decomposed(cell, 0, inner)),
        )),
        control: Some(Control::new(
            "the corrected sum without the edge from the input",
            Check::new(children(1..=2), |cell| decomposed(cell, 1, inner)),
        )),
        proof: include_str!("../../../proofs/snas/equation-33.md"),
    }
}

/// $-\frac{\partial\mathcal L}{\partial f}\hat R_{i,j}$ against $\mp\frac{\partial\mathcal L}{\partial x_j}\tilde O_{i,j}(x_i)$, $\mathcal L=\tfrac12(f-y)^2$.
fn weighed(cell: &Cell, sign: f64) -> Measure {
    let size = cell.magnitudes();
    let last = cell.nodes() - 1;
    let outer = |cell: &Cell| cell.values()[last][0] - cell.targets[last - 1][0];
    super::worst(cell.edges().into_iter().map(|(i, j)| {
        let weighed = |cell: &Cell| outer(cell) * inner(&cell.output_slope(j), &selected(cell, i, j));
        let right = sign * inner(&cell.node_slope(j), &selected(cell, i, j));
        Measure::equality(-weighed(cell), right, weighed(&size), cell.roundings())
    }))
}

/// Eq. (34): the credit weighed by the loss.
pub fn weighted() -> Claim {
    Claim {
        id: "snas.equation-34",
        source: "snas, Eq. (34), appendix E",
        hypotheses: &["𝓛 a function of the scalar output f", "the optimization direction: descent, hence the sign"],
        printed: Statement::holds(
            "Adjusting the weight of this sample with ∂𝓛/∂f and taking the optimization direction into account, we have R_{i,j} = −∂𝓛/∂x_j Õ_{i,j}(x_i)",
            Check::new(children(1..=1), |cell| weighed(cell, -1.0)),
        ),
        corrected: None,
        control: Some(Control::new("without the sign", Check::new(children(1..=1), |cell| weighed(cell, 1.0)))),
        proof: include_str!("../../../proofs/snas/equation-34.md"),
    }
}
