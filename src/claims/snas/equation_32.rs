#![doc = include_str!("../../../proofs/snas/equation-32.md")]
#![doc = include_str!("../../../proofs/snas/equation-33.md")]
#![doc = include_str!("../../../proofs/snas/equation-34.md")]

use proptest::strategy::Strategy;

use super::cell::{Cell, OPERATIONS, cells, edge};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, inner, sum},
};

/// Child graphs; all of their numbers are integers, and equality is equality.
fn children(width: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Cell> {
    cells(false, width).prop_map(|cell| cell.child())
}

/// The equations of appendix E on a child graph with an output $f$.
#[derive(Debug, Clone, Copy)]
enum Equation {
    /// $\partial f/\partial x_j$ is the sum over the nodes $m>j$, no further than `reach` after $j$.
    Integrated { reach: usize },
    /// $\sum_{i<j}\hat R_{i,j}$, the edges from node `first` on, is $\partial f/\partial x_j$, or that times $x_j$.
    Decomposed { first: usize, times_node: bool },
    /// $-\frac{\partial\mathcal L}{\partial f}\hat R_{i,j}=-\frac{\partial\mathcal L}{\partial x_j}\tilde O_{i,j}(x_i)$, $\mathcal L=\tfrac12(f-y)^2$, the sign left out or not.
    Weighed { signed: bool },
}

impl Identity for Equation {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let point = cell.point::<F>()?;
        let slopes = (0..cell.nodes()).map(|j| point.output_slope(j)).collect::<Result<Vec<_>, _>>()?;
        let credit = |i: usize, j: usize| inner(&slopes[j], &point.edge_output(i, j));
        let mut out = Vec::new();
        match *self {
            Self::Integrated { reach } => {
                for (j, c) in (0..cell.nodes() - 1).flat_map(|j| (0..cell.width()).map(move |c| (j, c))) {
                    let after = (j + 1..cell.nodes()).take(reach).flat_map(|m| (0..OPERATIONS).map(move |k| (m, k)));
                    let through = after.map(|(m, k)| {
                        point.gates[edge(j, m)][k].clone() * inner(&slopes[m], &point.jacobian(j, m, k, c))
                    });
                    out.push([slopes[j][c].clone(), sum(through)]);
                }
            }
            Self::Decomposed { first, times_node } => {
                for (j, (slope, value)) in slopes.iter().zip(&point.values).enumerate().take(cell.nodes()).skip(1) {
                    let whole = match times_node {
                        true => inner(slope, value),
                        false => sum(slope.iter().cloned()),
                    };
                    out.push([sum((first..j).map(|i| credit(i, j))), whole]);
                }
            }
            Self::Weighed { signed } => {
                let last = cell.nodes() - 1;
                let outer = point.values[last][0].clone() - point.targets[last - 1][0].clone();
                for (i, j) in cell.edges() {
                    let right = inner(&point.node_slope(j)?, &point.edge_output(i, j));
                    out.push([-(outer.clone() * credit(i, j)), if signed { -right } else { right }]);
                }
            }
        }
        Ok(out)
    }
}

fn check(width: std::ops::RangeInclusive<usize>, equation: Equation) -> Check {
    Check::identity("child graphs of small integers", children(width), equation)
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
            check(1..=2, Equation::Integrated { reach: usize::MAX }),
        ),
        corrected: None,
        control: Some(Control::new(
            "the nearest node alone, without skips to later layers",
            check(1..=2, Equation::Integrated { reach: 1 }),
        )),
        proof: include_str!("../../../proofs/snas/equation-32.md"),
    }
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
            check(1..=1, Equation::Decomposed { first: 0, times_node: false }),
        ),
        corrected: Some(Statement::holds(
            "Σ_{i<j} R̂_{i,j} = ⟨∂f/∂x_j, x_j⟩, the credit of node j in the sense of (31); nodes of any dimension",
            check(1..=2, Equation::Decomposed { first: 0, times_node: true }),
        )),
        control: Some(Control::new(
            "the corrected sum without the edge from the input",
            check(1..=2, Equation::Decomposed { first: 1, times_node: true }),
        )),
        proof: include_str!("../../../proofs/snas/equation-33.md"),
    }
}

/// Eq. (34): the credit weighed by the loss.
pub fn weighted() -> Claim {
    Claim {
        id: "snas.equation-34",
        source: "snas, Eq. (34), appendix E",
        hypotheses: &["𝓛 a function of the scalar output f", "the optimization direction: descent, hence the sign"],
        printed: Statement::holds(
            "Adjusting the weight of this sample with ∂𝓛/∂f and taking the optimization direction into account, we have R_{i,j} = −∂𝓛/∂x_j Õ_{i,j}(x_i)",
            check(1..=1, Equation::Weighed { signed: true }),
        ),
        corrected: None,
        control: Some(Control::new("without the sign", check(1..=1, Equation::Weighed { signed: false }))),
        proof: include_str!("../../../proofs/snas/equation-34.md"),
    }
}
