#![doc = include_str!("../../../proofs/snas/equation-26.md")]

use num_dual::Dual64;

use super::cell::{Cell, OPERATIONS, Seed, cells, edge};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// $\partial x_m/\partial x_j$ along component `c`, the nodes between held fixed.
fn partial(cell: &Cell, j: usize, m: usize, c: usize) -> Vec<f64> {
    let gates: Vec<[Dual64; OPERATIONS]> = cell.gates().iter().map(|z| z.map(Dual64::from)).collect();
    let mut nodes = cell.forward(Seed::None, None);
    nodes[j][c] = nodes[j][c].derivative();
    cell.mix(m, &nodes, &gates, Seed::None).iter().map(|x| x.eps).collect()
}

/// The same through the nodes between as well.
fn total(cell: &Cell, j: usize, m: usize, c: usize) -> Vec<f64> {
    cell.forward(Seed::Node(j, c), None)[m].iter().map(|x| x.eps).collect()
}

fn measure(cell: &Cell, slope: impl Fn(&Cell, usize, usize, usize) -> Vec<f64>) -> Measure {
    let (gates, size) = (cell.gates(), cell.magnitudes());
    let each = cell.edges().into_iter().flat_map(|(j, m)| (0..cell.width()).map(move |c| (j, m, c)));
    super::worst(each.map(|(j, m, c)| {
        let mut right = vec![0.0; cell.width()];
        for (k, gate) in gates[edge(j, m)].iter().enumerate() {
            let slope = cell.jacobian(j, m, k, c);
            right.iter_mut().zip(slope).for_each(|(sum, o)| *sum += gate * o);
        }
        Measure::vectors(&slope(cell, j, m, c), &right, total(&size, j, m, c).iter().sum(), cell.roundings())
    }))
}

/// Eq. (26): a node by one before it.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-26",
        source: "snas, Eq. (26), appendix C",
        hypotheses: &[
            "∂ the partial derivative: the nodes between j and m held fixed, as the chain rule of Eq. (27) takes it",
        ],
        printed: Statement::holds(
            "∂x_m/∂x_j = Z_{j,m}ᵀ ∂O_{j,m}(x_j)/∂x_j",
            Check::new(cells(false, 1..=2), |cell| measure(cell, partial)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the total derivative, through the nodes between",
            Check::new(cells(false, 1..=2), |cell| measure(cell, total)),
        )),
        proof: include_str!("../../../proofs/snas/equation-26.md"),
    }
}
