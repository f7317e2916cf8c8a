#![doc = include_str!("../../../proofs/lecture/table-resnet.md")]
#![doc = include_str!("../../../proofs/lecture/table-random.md")]
#![doc = include_str!("../../../proofs/lecture/table-enas.md")]
#![doc = include_str!("../../../proofs/lecture/table-darts.md")]
#![doc = include_str!("../../../proofs/lecture/table-drnas.md")]
#![doc = include_str!("../../../proofs/lecture/table-optimal.md")]
#![doc = include_str!("../../../proofs/lecture/oracle.md")]

use crate::{
    claims::{
        Claim, Measure,
        benchmark::{OnCells, Row, all_skip, best, on_cells, refuted_on_cells, row, uniform},
        data::Cell,
    },
    space::Operation,
};

const ONE_CELL: &[&str] = &[
    "nb201/test_accuracy_200_epochs.csv: test accuracies after 200 epochs, averaged over the seeds of the benchmark",
    "the columns 'test' of a row with ±0.00 are those of one cell, as a search that is done once and evaluated on three data sets has them",
];

/// How many cells have accuracies that round to the printed ones, where a column is given.
fn matching(cells: &[Cell], printed: [Option<f64>; 3]) -> usize {
    let fits = |c: &&Cell| {
        (0..3).all(|k| printed[k].is_none_or(|p| Measure::printed(c.accuracy[k], p, 2).test_ratio().passes()))
    };
    cells.iter().filter(fits).count()
}

/// Whether exactly one cell has them.
fn one(cells: &[Cell], printed: [f64; 3]) -> Measure {
    let count = matching(cells, printed.map(Some));
    Measure::truth(count == 1).with("cells", count as f64).with_vector("printed_row", &printed)
}

/// Skip on every edge but that between the intermediate nodes, which has none.
fn skips_but_one(cells: &[Cell]) -> [f64; 3] {
    let is = |c: &&Cell| {
        c.operations.iter().enumerate().all(|(e, o)| *o == [Operation::Skip, Operation::None][usize::from(e == 2)])
    };
    cells.iter().find(is).map_or([f64::NAN; 3], |c| c.accuracy)
}

/// The residual cell of the benchmark: two convolutions and a skip around them, then a skip.
fn residual(cells: &[Cell]) -> [f64; 3] {
    use Operation::{None as No, NorConv3x3 as Conv, Skip};
    // 0→1, 0→2, 1→2, 0→3, 1→3, 2→3.
    let there = [Conv, No, Conv, Skip, No, Skip];
    cells.iter().find(|c| c.operations == there).map_or([f64::NAN; 3], |c| c.accuracy)
}

fn resnet() -> Claim {
    refuted_on_cells(
        Row {
            id: "lecture.table-resnet",
            source: "lecture, On NAS-Bench-201, row 'ResNet', test",
            text: "ResNet: test 93.97, 70.86, 43.63",
            control: "the residual cell with CIFAR-10 and CIFAR-100 exchanged",
            proof: include_str!("../../../proofs/lecture/table-resnet.md"),
        },
        ONE_CELL,
        OnCells {
            printed: |cells| one(cells, [93.97, 70.86, 43.63]),
            reading: "no cell has this row; the residual cell of the benchmark has 93.91, 70.89, 44.23 as the mean of its seeds",
            corrected: |cells| row(residual(cells), [93.91, 70.89, 44.23]),
            altered: |cells| row(residual(cells), [70.89, 93.91, 44.23]),
        },
    )
}

fn random() -> Claim {
    uniform(
        Row {
            id: "lecture.table-random",
            source: "lecture, On NAS-Bench-201, row 'Random (baseline)', test",
            text: "Random (baseline): test 93.70±0.36, 70.65±1.38, 42.96±2.15",
            control: "mean and deviation exchanged",
            proof: include_str!("../../../proofs/lecture/table-random.md"),
        },
        &[
            "nb201/test_accuracy_200_epochs.csv",
            "'random': uniformly; read as mean and standard deviation over all 15,625 cells, the slide giving no number of draws",
        ],
        [[93.70, 70.65, 42.96], [0.36, 1.38, 2.15]],
    )
}

fn enas() -> Claim {
    refuted_on_cells(
        Row {
            id: "lecture.table-enas",
            source: "lecture, On NAS-Bench-201, row 'ENAS', test",
            text: "ENAS: test 54.30±0.00, 10.62±0.27, 16.32±0.00",
            control: "the cell that is skip on all edges but one",
            proof: include_str!("../../../proofs/lecture/table-enas.md"),
        },
        ONE_CELL,
        OnCells {
            printed: |cells| one(cells, [54.30, 10.62, 16.32]),
            reading: "the one cell with 54.30 on CIFAR-10, skip on all edges, has 16.32 on ImageNet-16-120 and 15.61 on CIFAR-100",
            corrected: |cells| {
                let count = matching(cells, [Some(54.30), None, None]);
                row(all_skip(cells), [54.30, 15.61, 16.32]).and(Measure::truth(count == 1))
            },
            altered: |cells| row(skips_but_one(cells), [54.30, 15.61, 16.32]),
        },
    )
}

fn darts() -> Claim {
    refuted_on_cells(
        Row {
            id: "lecture.table-darts",
            source: "lecture, On NAS-Bench-201, rows 'DARTS (1st)' and 'DARTS (2nd)', test",
            text: "DARTS (1st), DARTS (2nd): test 54.30±0.00, 38.97±0.00, 18.41±0.00",
            control: "the cell that is skip on all edges, on the last two",
            proof: include_str!("../../../proofs/lecture/table-darts.md"),
        },
        ONE_CELL,
        OnCells {
            printed: |cells| one(cells, [54.30, 38.97, 18.41]),
            reading: "the row is of two cells: skip on all edges has 54.30 (and 15.61, 16.32); skip on all edges but the one between the intermediate nodes, which is none, has 38.97 and 18.41 (and 70.92)",
            corrected: |cells| {
                let [skip, other] = [all_skip(cells), skips_but_one(cells)];
                row([skip[0], other[1], other[2]], [54.30, 38.97, 18.41]).and(row(other, [70.92, 38.97, 18.41]))
            },
            altered: |cells| row(all_skip(cells), [54.30, 38.97, 18.41]),
        },
    )
}

fn drnas() -> Claim {
    on_cells(
        Row {
            id: "lecture.table-drnas",
            source: "lecture, On NAS-Bench-201, row 'DrNAS', test",
            text: "DrNAS: test 94.36±0.00, 73.51±0.00, 46.34±0.00: the accuracies of one cell",
            control: "the accuracies of the row 'optimal', of no one cell",
            proof: include_str!("../../../proofs/lecture/table-drnas.md"),
        },
        |cells| one(cells, [94.36, 73.51, 46.34]),
        |cells| one(cells, [94.37, 73.51, 47.31]),
    )
}

fn optimal() -> Claim {
    on_cells(
        Row {
            id: "lecture.table-optimal",
            source: "lecture, On NAS-Bench-201, row 'optimal', test",
            text: "optimal: test 94.37, 73.51, 47.31",
            control: "the accuracies of the cell of DrNAS",
            proof: include_str!("../../../proofs/lecture/table-optimal.md"),
        },
        |cells| row(best(cells), [94.37, 73.51, 47.31]),
        |cells| row(best(cells), [94.36, 73.51, 46.34]),
    )
}

fn oracle() -> Claim {
    on_cells(
        Row {
            id: "lecture.oracle",
            source: "lecture, On NAS-Bench-201",
            text: "Achieve oracle when searching on CIFAR-100: DrNAS (73.51)",
            control: "the same of ImageNet-16-120, 46.34",
            proof: include_str!("../../../proofs/lecture/oracle.md"),
        },
        |cells| Measure::printed(best(cells)[1], 73.51, 2),
        |cells| Measure::printed(best(cells)[2], 46.34, 2),
    )
}

/// The rows that the published cells decide.
pub fn claims() -> Vec<Claim> {
    vec![resnet(), random(), enas(), darts(), drnas(), optimal(), oracle()]
}
