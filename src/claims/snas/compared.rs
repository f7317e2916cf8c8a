#![doc = include_str!("../../../proofs/snas/section-3.2-comparable.md")]
#![doc = include_str!("../../../proofs/snas/section-3.2-aggressive.md")]
#![doc = include_str!("../../../proofs/snas/section-3.2-single.md")]
#![doc = include_str!("../../../proofs/snas/section-3.3-orders.md")]
#![doc = include_str!("../../../proofs/snas/section-3.3-mobile.md")]
#![doc = include_str!("../../../proofs/snas/section-3.1-faster.md")]

use dashu_ratio::RBig;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Statement, decimal},
    enclosure::Undefined,
};

/// A mean test error in percent with its standard deviation, and millions of parameters.
#[derive(Debug, Clone, Copy, Serialize)]
struct Row {
    error: f64,
    deviation: f64,
    parameters: f64,
}

const FIRST_ORDER: Row = Row { error: 3.00, deviation: 0.14, parameters: 3.3 };
const SECOND_ORDER: Row = Row { error: 2.76, deviation: 0.09, parameters: 3.3 };
const SINGLE_LEVEL: Row = Row { error: 3.56, deviation: 0.10, parameters: 3.0 };
const MODERATE: Row = Row { error: 2.85, deviation: 0.02, parameters: 2.8 };
const AGGRESSIVE: Row = Row { error: 3.10, deviation: 0.04, parameters: 2.3 };

/// Both rows of a comparison.
#[derive(Debug, Clone, Serialize)]
struct Pair {
    ours: Row,
    theirs: Row,
    /// Where within its last printed digit each error lies, in halves of one.
    halves: [i8; 2],
}

/// What is said of both errors and of the deviations added, at the printed errors and at the ends of what rounds to them, where a linear inequality is decided.
fn check(ours: Row, theirs: Row, statement: fn(&Pair, [RBig; 3]) -> Result<Exactly, Undefined>) -> Check {
    let ends = || [0, -1, 1].into_iter();
    let pairs = ends().flat_map(|a| ends().map(move |b| Pair { ours, theirs, halves: [a, b] })).collect();
    Check::each("the printed errors and the ends of their last digits", pairs, move |pair| {
        let error = |row: &Row, halves: i8| Ok(decimal(row.error)? + RBig::from(halves) * decimal(0.005)?);
        let spread = decimal(pair.ours.deviation)? + decimal(pair.theirs.deviation)?;
        statement(pair, [error(&pair.ours, pair.halves[0])?, error(&pair.theirs, pair.halves[1])?, spread])
    })
}

/// The errors are no further apart than the two deviations added, and ours has fewer parameters.
fn comparable(pair: &Pair, [ours, theirs, spread]: [RBig; 3]) -> Result<Exactly, Undefined> {
    let apart = if ours > theirs { ours - theirs } else { theirs - ours };
    Ok(Exactly::truth(apart <= spread && pair.ours.parameters < pair.theirs.parameters)
        .with("apart", &apart)
        .with("deviations_added", &spread))
}

/// Ours is better by more than the two deviations added.
fn better(_: &Pair, [ours, theirs, spread]: [RBig; 3]) -> Result<Exactly, Undefined> {
    Ok(Exactly::truth(ours + spread < theirs))
}

const PRINTED: &[&str] = &["the means and standard deviations of Table 2, each within its last printed digit"];

fn claim(
    (id, source): (&'static str, &'static str),
    text: &'static str,
    check: Check,
    control: Control,
    proof: &'static str,
) -> Claim {
    Claim {
        id,
        source,
        hypotheses: PRINTED,
        printed: Statement::holds(text, check),
        corrected: None,
        control: Some(control),
        proof,
    }
}

/// A row of Table 3: top-1 error in percent, millions of multiply-adds, GPU days.
#[derive(Debug, Clone, Copy, Serialize)]
struct ImageNet {
    name: &'static str,
    error: f64,
    operations: f64,
    days: f64,
}

const fn imagenet(name: &'static str, error: f64, operations: f64, days: f64) -> ImageNet {
    ImageNet { name, error, operations, days }
}

const OURS: ImageNet = imagenet("SNAS (mild constraint)", 27.3, 522.0, 1.5);
const REINFORCEMENT: [ImageNet; 3] = [
    imagenet("NASNet-A", 26.0, 564.0, 1800.0),
    imagenet("NASNet-B", 27.2, 488.0, 1800.0),
    imagenet("NASNet-C", 27.5, 558.0, 1800.0),
];
const OTHERS: [ImageNet; 5] = [
    imagenet("AmoebaNet-A", 25.5, 555.0, 3150.0),
    imagenet("AmoebaNet-B", 26.0, 555.0, 3150.0),
    imagenet("AmoebaNet-C", 24.3, 570.0, 3150.0),
    imagenet("PNAS", 25.8, 588.0, 225.0),
    imagenet("DARTS", 26.9, 595.0, 1.0),
];

fn orders() -> Claim {
    let check = |rows: &[ImageNet], at_most: f64| {
        Check::each("the rows named", rows.to_vec(), move |row| {
            let days = Exactly::at_most(&(RBig::from(1000) * decimal(OURS.days)?), &decimal(row.days)?);
            Ok(days.and(Exactly::at_most(&decimal(OURS.error)?, &(decimal(row.error)? + decimal(at_most)?))))
        })
    };
    Claim {
        id: "snas.section-3.3-orders",
        source: "snas, Results, section 3.3; Table 3",
        hypotheses: &[
            "the rows of Table 3 found by reinforcement learning",
            "competitive: within 1.5 percent of top-1 error",
        ],
        printed: Statement::holds(
            "SNAS is able to achieve competitive test error with the state-of-the-art RL-based NAS using three orders of magnitude less computation resources",
            check(&REINFORCEMENT, 1.5),
        ),
        corrected: None,
        control: Some(Control::new("no larger an error than any of them", check(&REINFORCEMENT[..2], 0.0))),
        proof: include_str!("../../../proofs/snas/section-3.3-orders.md"),
    }
}

fn mobile() -> Claim {
    let rows = [&REINFORCEMENT[..], &OTHERS[..], &[OURS]].concat();
    let check = |rows: Vec<ImageNet>, most: f64| {
        Check::each("the rows of the searched models", rows, move |row| {
            Ok(Exactly::truth(row.operations < most).with("operations", &decimal(row.operations)?))
        })
    };
    Claim {
        id: "snas.section-3.3-mobile",
        source: "snas, Dataset, section 3.3; Table 3",
        hypotheses: &["the searched models of Table 3; Inception-v1 (1448M), designed by hand, is not in this setting"],
        printed: Statement::holds(
            "The mobile setting is adopted where […] the number of multiply-add operations in the model is restricted to be less than 600M",
            check(rows.clone(), 600.0),
        ),
        corrected: None,
        control: Some(Control::new("less than 500M", check(rows, 500.0))),
        proof: include_str!("../../../proofs/snas/section-3.3-mobile.md"),
    }
}

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    vec![
        Claim::run(
            ("snas.section-3.1-faster", "snas, Searching Process, section 3.1; Figure 3; introduction"),
            &["CIFAR-10, 8 cells, 10 seeds, on a GPU"],
            "Comparing with ENAS, SNAS takes fewer epochs to converge to higher validation accuracy [88% compared to around 70%]; DARTS converges faster than SNAS",
            "nasproof search --system snas --space darts --data cifar-10-batches-bin --out RUN",
            include_str!("../../../proofs/snas/section-3.1-faster.md"),
        ),
        claim(
            ("snas.section-3.2-comparable", "snas, Results, section 3.2; introduction; Table 2"),
            "It also achieves a comparable error rate compared to 2nd-order DARTS but with fewer parameters",
            check(MODERATE, SECOND_ORDER, comparable),
            Control::new("with the aggressive constraint", check(AGGRESSIVE, SECOND_ORDER, comparable)),
            include_str!("../../../proofs/snas/section-3.2-comparable.md"),
        ),
        claim(
            ("snas.section-3.2-aggressive", "snas, Results, section 3.2; introduction; Table 2"),
            "With a more aggressive resource constraint […] only a slight drop in performance, which is still on par with 1st-order DARTS",
            check(AGGRESSIVE, FIRST_ORDER, comparable),
            Control::new("with 2nd-order DARTS", check(AGGRESSIVE, SECOND_ORDER, comparable)),
            include_str!("../../../proofs/snas/section-3.2-aggressive.md"),
        ),
        claim(
            ("snas.section-3.2-single", "snas, Results, section 3.2; Table 2"),
            "with same single-level optimization, SNAS significantly outperforms DARTS",
            check(MODERATE, SINGLE_LEVEL, better),
            Control::new("1st-order DARTS of two levels", check(MODERATE, FIRST_ORDER, better)),
            include_str!("../../../proofs/snas/section-3.2-single.md"),
        ),
        orders(),
        mobile(),
    ]
}
