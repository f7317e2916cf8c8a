#![doc = include_str!("../../../proofs/lecture/spaces.md")]
#![doc = include_str!("../../../proofs/lecture/space-3.md")]

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Statement},
    space::{CellKind, Operation, Row, Space, SpaceName},
};

/// One edge of one of the spaces.
#[derive(Debug, Clone, Serialize)]
struct Edge {
    row: usize,
}

/// That every edge of a cell is so.
fn every(statement: impl Fn(&Edge) -> Exactly + Send + Sync + 'static) -> Check {
    let edges = (0..14).map(|row| Edge { row }).collect();
    Check::each("the fourteen edges of a cell", edges, move |edge| Ok(statement(edge)))
}

impl Edge {
    /// The operations of both kinds of cells; none where there is no such edge.
    fn operations(&self, name: SpaceName) -> Vec<Vec<Operation>> {
        match Space::published(name).cell().rows.get(self.row) {
            Some(row @ Row::Edge { .. }) => {
                [CellKind::Normal, CellKind::Reduction].map(|kind| row.operations(kind).to_vec()).to_vec()
            }
            _ => Vec::new(),
        }
    }

    /// The edge has `count` different operations in both kinds of cells, those `named` where any are.
    fn has(&self, name: SpaceName, count: usize, named: &[Operation]) -> Exactly {
        let kinds = self.operations(name);
        let set = |all: &[Operation]| all.iter().map(|o| format!("{o:?}")).collect::<BTreeSet<_>>();
        let fits = |there: &Vec<Operation>| {
            set(there).len() == count && there.len() == count && (named.is_empty() || set(there) == set(named))
        };
        let most = kinds.iter().map(Vec::len).max().unwrap_or(0);
        Exactly::truth(kinds.len() == 2 && kinds.iter().all(fits)).with_count("operations_of_the_edge", most as u64)
    }
}

const CONVOLUTION: Operation = Operation::SepConv3x3;

/// The spaces of two operations.
pub fn two() -> Claim {
    let check = |third: Operation| {
        every(move |edge| {
            edge.has(SpaceName::S1, 2, &[])
                .and(edge.has(SpaceName::S2, 2, &[CONVOLUTION, Operation::Skip]))
                .and(edge.has(SpaceName::S4, 2, &[CONVOLUTION, third]))
        })
    };
    Claim {
        id: "lecture.spaces",
        source: "lecture, DARTS fails in many simple cases",
        hypotheses: &["Conv3x3: the separable convolution of the DARTS space, as RobustDARTS has it"],
        printed: Statement::defines(
            "Space 1: 2 operations per edge (selected from the original DARTS supernet); Space 2: 2 operations per edge {Conv3x3, skip_connect}; Space 4: 2 operations per edge {Conv3x3, Gaussian_noise}",
            check(Operation::Noise),
        ),
        corrected: None,
        control: Some(Control::new("skip for the noise of Space 4", check(Operation::Skip))),
        proof: include_str!("../../../proofs/lecture/spaces.md"),
    }
}

/// The space of three.
pub fn three() -> Claim {
    const NAMED: &[Operation] = &[CONVOLUTION, Operation::Skip, Operation::None];
    let check = |count: usize| every(move |edge| edge.has(SpaceName::S3, count, NAMED));
    Claim {
        id: "lecture.space-3",
        source: "lecture, DARTS fails in many simple cases",
        hypotheses: &["the operations named between braces, as the library's S3 has them"],
        printed: Statement::refuted("Space 3: 2 operations per edge {Conv3x3, skip_connect, Zero}", check(2)),
        corrected: Some(Statement::holds("Space 3: 3 operations per edge {Conv3x3, skip_connect, Zero}", check(3))),
        control: Some(Control::new("4 operations", check(4))),
        proof: include_str!("../../../proofs/lecture/space-3.md"),
    }
}
