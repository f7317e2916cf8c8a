#![doc = include_str!("../../../proofs/lecture/consistently.md")]
#![doc = include_str!("../../../proofs/lecture/consistently-cifar.md")]

use dashu_ratio::RBig;

use crate::claims::{Check, Claim, Control, Exactly, Statement, decimal};

/// Test errors of DARTS, DARTS+PT and DARTS+PT with fixed α, twelve rows.
const ERRORS: [(&str, f64, f64, f64); 12] = [
    ("C10 S1", 3.84, 3.50, 2.86),
    ("C10 S2", 4.85, 2.79, 2.59),
    ("C10 S3", 3.34, 2.49, 2.52),
    ("C10 S4", 7.20, 2.64, 2.58),
    ("C100 S1", 29.46, 24.48, 24.40),
    ("C100 S2", 26.05, 23.16, 23.30),
    ("C100 S3", 28.90, 22.03, 21.94),
    ("C100 S4", 22.85, 20.80, 20.66),
    ("SVHN S1", 4.58, 2.62, 2.39),
    ("SVHN S2", 3.53, 2.53, 2.32),
    ("SVHN S3", 3.41, 2.42, 2.32),
    ("SVHN S4", 3.05, 2.42, 2.39),
];

/// Perturbation-based selection in the slides' table.
pub fn consistently() -> Claim {
    // In percent, by how much.
    let check = |margin: f64| {
        Check::each("all twelve rows", ERRORS.to_vec(), move |&(_, darts, selected, fixed)| {
            Ok(Exactly::at_most(&(decimal(selected.max(fixed))? + decimal(margin)?), &decimal(darts)?))
        })
    };
    Claim {
        id: "lecture.consistently",
        source: "lecture, A New architecture Selection Method; Table 3",
        hypotheses: &["the slides' own tables, all twelve rows, PT with α trained or fixed: test errors in percent"],
        printed: Statement::holds("PT consistently improves over the original magnitude-based selection", check(0.0)),
        corrected: None,
        control: Some(Control::new("by more than a percent of test images in every row", check(1.0))),
        proof: include_str!("../../../proofs/lecture/consistently.md"),
    }
}

/// Test errors on the DARTS space with their standard deviations: of the base method, and of the same with PT.
const DARTS_SPACE: [(&str, [f64; 2], [f64; 2]); 3] = [
    ("DARTS (1st)", [3.00, 0.14], [2.61, 0.08]),
    ("DARTS (2nd)", [2.76, 0.09], [2.61, 0.08]),
    ("SDARTS-ADV", [2.61, 0.02], [2.54, 0.01]),
];

/// Perturbation-based selection on the DARTS space.
pub fn cifar() -> Claim {
    let check = |apart: bool| {
        Check::each("all three rows", DARTS_SPACE.to_vec(), move |&(_, base, selected)| {
            let spread = if apart { decimal(base[1])? + decimal(selected[1])? } else { RBig::ZERO };
            Ok(Exactly::at_most(&(decimal(selected[0])? + spread), &decimal(base[0])?))
        })
    };
    Claim {
        id: "lecture.consistently-cifar",
        source: "lecture, A New architecture Selection Method, table with search cost",
        hypotheses: &["the slide's mean test errors of DARTS and SDARTS-ADV with and without PT, in percent"],
        printed: Statement::holds("PT consistently improves over the original magnitude-based selection", check(false)),
        corrected: None,
        control: Some(Control::new("by more than the two standard deviations added", check(true))),
        proof: include_str!("../../../proofs/lecture/consistently-cifar.md"),
    }
}
