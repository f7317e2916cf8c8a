//! Table 4: what the benchmark's own numbers say of it.

use crate::claims::{
    Claim,
    benchmark::{Row, all_skip, best, on_cells, row},
};

/// The claims, in the order of the table.
pub fn claims() -> Vec<Claim> {
    vec![
        on_cells(
            Row {
                id: "poster.table-4-darts",
                source: "poster, Table 4, rows 'DARTS (1st)' and 'DARTS (2nd)', test",
                text: "DARTS (1st), DARTS (2nd): test 54.30±0.00, 15.61±0.00, 16.32±0.00",
                control: "CIFAR-10 and CIFAR-100 exchanged",
                proof: include_str!("../../../proofs/poster/table-4-darts.md"),
            },
            |cells| row(all_skip(cells), [54.30, 15.61, 16.32]),
            |cells| row(all_skip(cells), [15.61, 54.30, 16.32]),
        ),
        on_cells(
            Row {
                id: "poster.table-4-optimal",
                source: "poster, Table 4, row 'optimal', test",
                text: "optimal: test 94.37, 73.51, 47.31",
                control: "the accuracies of one cell, the best on CIFAR-10",
                proof: include_str!("../../../proofs/poster/table-4-optimal.md"),
            },
            |cells| row(best(cells), [94.37, 73.51, 47.31]),
            |cells| {
                let top = cells.iter().max_by(|a, b| a.accuracy[0].total_cmp(&b.accuracy[0]));
                row(top.map_or([f64::NAN; 3], |c| c.accuracy), [94.37, 73.51, 47.31])
            },
        ),
    ]
}
