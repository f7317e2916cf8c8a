//! Table 4: what the benchmark's own numbers say of it.

use crate::claims::{
    Claim, Statement,
    benchmark::{Row, all_skip, best, on_cells, row},
};

fn run(id: &'static str, text: &'static str, command: &'static str, proof: &'static str) -> Claim {
    Claim::run((id, "poster, Table 4"), &["the published search and its data, on a GPU"], text, command, proof)
}

/// The rows that no file of data decides.
fn searched() -> Vec<Claim> {
    vec![
        run(
            "poster.table-4-random-nas",
            "RandomNAS: valid 80.42±3.58, 52.12±5.55, 27.22±3.24; test 84.07±3.61, 52.31±5.77, 26.28±3.09",
            "nasproof search --system random-nas --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/poster/table-4-random-nas.md"),
        ),
        run(
            "poster.table-4-enas",
            "ENAS: valid 37.51±3.19, 13.37±2.35, 15.06±1.95; test 53.89±0.58, 13.96±2.33, 14.84±2.10",
            "nasproof search --system enas --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/poster/table-4-enas.md"),
        ),
        run(
            "poster.table-4-gdas",
            "GDAS: valid 89.88±0.33, 70.95±0.78, 41.28±0.46; test 93.40±0.49, 70.33±0.87, 41.47±0.21",
            "nasproof search --system gdas --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/poster/table-4-gdas.md"),
        ),
        run(
            "poster.table-4-setn",
            "SETN: valid 84.04±0.28, 58.86±0.06, 33.06±0.02; test 87.64±0.00, 59.05±0.24, 32.52±0.21",
            "nasproof search --system setn --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/poster/table-4-setn.md"),
        ),
        run(
            "poster.table-4-snas",
            "SNAS: valid 90.10±1.04, 69.69±2.39, 42.84±1.79; test 92.77±0.84, 69.35±1.98, 43.16±2.64",
            "nasproof search --system snas --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/poster/table-4-snas.md"),
        ),
        run(
            "poster.table-4-pc-darts",
            "PC-DARTS: valid 89.96±0.15, 67.12±0.39, 40.83±0.08; test 93.41±0.30, 67.48±0.89, 41.31±0.22",
            "nasproof search --system pc-darts --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/poster/table-4-pc-darts.md"),
        ),
        Claim {
            hypotheses: &["the validation accuracies of the benchmark, which no file here holds"],
            printed: Statement::empirical(
                "valid: Random baseline 83.20±13.28, 60.70±12.55, 33.34±9.39; DARTS 39.77±0.00, 15.03±0.00, 16.43±0.00; DARTS-PT 87.34±0.43, 62.48±2.89, 36.35±2.76; DARTS-IF 90.13±0.54, 65.47±1.33, 42.78±3.57; DARTS-IM 90.92±0.34, 71.21±0.55, 44.70±0.74; optimal 91.61, 74.49, 46.77",
            ),
            ..run("poster.table-4-valid", "", "", include_str!("../../../proofs/poster/table-4-valid.md"))
        },
    ]
}

/// The claims, in the order of the table.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![
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
    ];
    claims.extend(searched());
    claims
}
