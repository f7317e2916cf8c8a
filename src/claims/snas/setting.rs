#![doc = include_str!("../../../proofs/snas/section-3.1-reduction.md")]
#![doc = include_str!("../../../proofs/snas/appendix-g.1-operations.md")]

use std::collections::BTreeSet;

use dashu_ratio::RBig;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Statement},
    space::{CellKind, Operation, Settings, Space, SpaceName},
};

/// A network of that many cells.
#[derive(Debug, Clone, Serialize)]
struct Network {
    cells: usize,
}

/// The reduction cells stand where the library's network has its own: at the given parts of the depth, in sixths.
fn reductions(network: &Network, sixths: [usize; 2]) -> Exactly {
    let settings = Settings { cells: network.cells, ..Settings::published(SpaceName::Darts) };
    let Ok(space) = Space::new(SpaceName::Darts, settings) else { return Exactly::truth(false) };
    let there: Vec<usize> = space
        .instances()
        .iter()
        .enumerate()
        .filter(|(_, cell)| cell.kind == CellKind::Reduction)
        .map(|(i, _)| i)
        .collect();
    let expected: Vec<usize> = sixths.iter().map(|s| s * network.cells / 6).collect();
    Exactly::truth(there == expected).with_all("there", &there.into_iter().map(RBig::from).collect::<Vec<_>>())
}

/// Where the reduction cells are.
pub fn reduction() -> Claim {
    let check = |sixths: [usize; 2]| {
        let networks = (6..=20).map(|cells| Network { cells }).collect();
        Check::each("networks of 6 to 20 cells", networks, move |network| Ok(reductions(network, sixths)))
    };
    Claim {
        id: "snas.section-3.1-reduction",
        source: "snas, Search Space, section 3.1",
        hypotheses: &["cells counted from 0, parts of the depth rounded down; 6 to 20 cells"],
        printed: Statement::defines(
            "Reduction cells are located at the 1/3 and 2/3 of the total depth of the network",
            check([2, 4]),
        ),
        corrected: None,
        control: Some(Control::new("at the middle and 2/3", check([3, 4]))),
        proof: include_str!("../../../proofs/snas/section-3.1-reduction.md"),
    }
}

/// One edge of a cell.
#[derive(Debug, Clone, Serialize)]
struct Edge {
    row: usize,
}

/// What an edge chooses between.
pub fn operations() -> Claim {
    use Operation::{AvgPool3x3, DilConv3x3, DilConv5x5, MaxPool3x3, None as Zero, SepConv3x3, SepConv5x5, Skip};
    let check = |named: &'static [Operation]| {
        let edges = (0..14).map(|row| Edge { row }).collect();
        Check::each("the fourteen edges of a cell", edges, move |edge: &Edge| {
            let set = |all: &[Operation]| all.iter().map(|o| format!("{o:?}")).collect::<BTreeSet<_>>();
            let space = Space::published(SpaceName::Darts);
            let there = space.cell().rows.get(edge.row).map(|row| row.operations(CellKind::Normal));
            Ok(Exactly::truth(there.is_some_and(|there| set(there) == set(named) && there.len() == named.len())))
        })
    };
    Claim {
        id: "snas.appendix-g.1-operations",
        source: "snas, Implementation Details of Operations, appendix G.1",
        hypotheses: &["the library's space of DARTS, whose set-up the paper follows; every edge of a cell"],
        printed: Statement::defines(
            "The operations include: 3×3 and 5×5 separable convolutions, 3×3 and 5×5 dilated separable convolutions, 3×3 max pooling, 3×3 average pooling, skip connection and zero operation",
            check(&[SepConv3x3, SepConv5x5, DilConv3x3, DilConv5x5, MaxPool3x3, AvgPool3x3, Skip, Zero]),
        ),
        corrected: None,
        control: Some(Control::new(
            "without the zero operation",
            check(&[SepConv3x3, SepConv5x5, DilConv3x3, DilConv5x5, MaxPool3x3, AvgPool3x3, Skip]),
        )),
        proof: include_str!("../../../proofs/snas/appendix-g.1-operations.md"),
    }
}
