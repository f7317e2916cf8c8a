//! What the slides report of runs: the command that makes each, where there is one.

use crate::claims::{Claim, Statement};

fn run(at: (&'static str, &'static str), text: &'static str, command: &'static str, proof: &'static str) -> Claim {
    Claim::run(at, &["the published search and its data, on a GPU"], text, command, proof)
}

const TABLE: &str = "lecture, On NAS-Bench-201, table";

/// The rows of the table that no file of data decides.
pub fn table() -> Vec<Claim> {
    vec![
        run(
            ("lecture.table-rsps", TABLE),
            "RSPS: validation 84.16±1.69, 45.78±6.33, 31.09±5.65; test 87.66±1.69, 46.60±6.57, 30.78±6.12",
            "nasproof search --system random-nas --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/lecture/table-rsps.md"),
        ),
        Claim {
            printed: Statement::empirical(
                "Reinforce: validation 91.09±0.37, 70.05±1.67, 43.04±2.18; test 93.85±0.37, 70.17±1.61, 43.16±2.28",
            ),
            ..run(
                ("lecture.table-reinforce", TABLE),
                "",
                "",
                include_str!("../../../proofs/lecture/table-reinforce.md"),
            )
        },
        run(
            ("lecture.table-gdas", TABLE),
            "GDAS: validation 90.01±0.46, 24.05±8.12, 40.66±0.00; test 93.23±0.23, 24.20±8.08, 41.02±0.00",
            "nasproof search --system gdas --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/lecture/table-gdas.md"),
        ),
        run(
            ("lecture.table-snas", TABLE),
            "SNAS: validation 90.10±1.04, 69.69±2.39, 42.84±1.79; test 92.77±0.83, 69.34±1.98, 43.16±2.64",
            "nasproof search --system snas --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/lecture/table-snas.md"),
        ),
        run(
            ("lecture.table-dsnas", TABLE),
            "DSNAS: validation 89.66±0.29, 30.87±16.40, 40.61±0.09; test 93.08±0.13, 31.01±16.38, 41.07±0.09",
            "nasproof search --system dsnas --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/lecture/table-dsnas.md"),
        ),
        run(
            ("lecture.table-pc-darts", TABLE),
            "PC-DARTS: validation 89.96±0.15, 67.12±0.39, 40.83±0.08; test 93.41±0.30, 67.48±0.89, 41.31±0.22",
            "nasproof search --system pc-darts --space nb201 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/lecture/table-pc-darts.md"),
        ),
        Claim {
            hypotheses: &["the validation accuracies of the benchmark, which no file here holds"],
            printed: Statement::empirical(
                "validation: ResNet 90.83, 70.42, 44.53; Random 90.93±0.36, 70.60±1.37, 42.92±2.00; ENAS 39.77±0.00, 10.23±0.12, 16.43±0.00; DARTS 39.77±0.00, 38.57±0.00, 18.87±0.00; DrNAS 91.55±0.00, 73.49±0.00, 46.37±0.00; optimal 91.61, 73.49, 46.77",
            ),
            ..run(
                ("lecture.table-validation", TABLE),
                "",
                "",
                include_str!("../../../proofs/lecture/table-validation.md"),
            )
        },
    ]
}

/// What the figures and sentences say of runs.
pub fn sentences() -> Vec<Claim> {
    vec![
        run(
            ("lecture.degenerated", "lecture, DARTS fails in many simple cases; DARTS leads to degenerated solutions"),
            "DARTS fails in many simple cases [S1 to S4]; DARTS leads to degenerated solutions",
            "nasproof search --system darts-1st --space s2 --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/lecture/degenerated.md"),
        ),
        run(
            ("lecture.skip-weight", "lecture, Reason 2: Skip connection domination"),
            "Supernet accuracy ↑, weight for skip connection ↑, weight for convolution ↓",
            "nasproof search --system darts-1st --space darts --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/lecture/skip-weight.md"),
        ),
        run(
            ("lecture.preserved", "lecture, Distribution learning, benefits"),
            "Performance will be preserved better after discretization; reduced training time in some cases",
            "nasproof search --system drnas --space darts --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/lecture/preserved.md"),
        ),
        run(
            ("lecture.smooth-darts", "lecture, SmoothDARTS"),
            "On NAS-Bench-1Shot1: continues to discover better architectures; anneal Hessian to a low level",
            "nasproof search --system sdarts-rs --space 1shot1-1 --data cifar-10-batches-bin --eigenvalue 1 --out RUN",
            include_str!("../../../proofs/lecture/smooth-darts.md"),
        ),
        run(
            ("lecture.strength-s2", "lecture, Does α represent operation strength?"),
            "S2 (skip_connect, sep_conv_3x3): skip connections dominate according to α, but the accuracy of the S2 supernet benefits from more convolutions",
            "nasproof search --system darts-1st --space s2 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion magnitude,perturbation",
            include_str!("../../../proofs/lecture/strength-s2.md"),
        ),
        run(
            ("lecture.strength-darts", "lecture, Does α represent operation strength?"),
            "DARTS space: magnitude of α deviates from accuracy of the supernet; some operations with small α are in fact more important for supernet",
            "nasproof search --system darts-1st --space darts --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion magnitude,perturbation",
            include_str!("../../../proofs/lecture/strength-darts.md"),
        ),
        run(
            ("lecture.more-epochs", "lecture, A New architecture Selection Method, figure"),
            "Performance improves with more searching epochs",
            "nasproof search --system darts-1st --space nb201 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-pt",
            include_str!("../../../proofs/lecture/more-epochs.md"),
        ),
        run(
            ("lecture.table-s1-s4", "lecture, A New architecture Selection Method; Table 3"),
            "DARTS+PT on S1–S4, test error (%): C10 3.50, 2.79, 2.49, 2.64; C100 24.48, 23.16, 22.03, 20.80; SVHN 2.62, 2.53, 2.42, 2.42",
            "nasproof search --system darts-1st --space s1 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-pt,darts-pt-fixed",
            include_str!("../../../proofs/lecture/table-s1-s4.md"),
        ),
        run(
            ("lecture.table-darts-space", "lecture, A New architecture Selection Method, table with search cost"),
            "test error (%) and GPU days: DARTS (1st) 3.00±0.14, 0.4; DARTS (2nd) 2.76±0.09, 1.0; SNAS (moderate) 2.85±0.02, 1.5; DrNAS 2.54±0.03, 0.4; NASP 2.83±0.09, 0.1; SDARTS-ADV 2.61±0.02, 1.3; ProxylessNAS 2.08, 4.0; PC-DARTS 2.57±0.07, 0.1; DrNAS (with progressive learning) 2.46±0.03, 0.6; DARTS+PT 2.61±0.08, 0.8; SDARTS-ADV+PT 2.54±0.01, 0.8",
            "nasproof search --system sdarts-adv --space darts --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-pt",
            include_str!("../../../proofs/lecture/table-darts-space.md"),
        ),
    ]
}
