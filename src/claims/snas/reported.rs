#![doc = include_str!("../../../proofs/snas/section-3.1-hours.md")]
#![doc = include_str!("../../../proofs/snas/section-3.1-child.md")]
#![doc = include_str!("../../../proofs/snas/section-3.2-orders.md")]
#![doc = include_str!("../../../proofs/snas/section-3.2-outperforms.md")]
#![doc = include_str!("../../../proofs/snas/section-e-layers.md")]

use serde::Serialize;

use dashu_ratio::RBig;

use crate::{
    claims::{Check, Claim, Control, Exactly, Statement, decimal},
    enclosure::Undefined,
};

/// A row of Table 2: test error in percent, millions of parameters, GPU days.
#[derive(Debug, Clone, Copy, Serialize)]
struct Row {
    name: &'static str,
    error: f64,
    parameters: f64,
    days: f64,
}

const fn row(name: &'static str, error: f64, parameters: f64, days: f64) -> Row {
    Row { name, error, parameters, days }
}

const REINFORCEMENT: [Row; 2] = [row("NASNet-A + cutout", 2.65, 3.3, 1800.0), row("ENAS + cutout", 2.89, 4.6, 0.5)];
const EVOLUTION: [Row; 3] = [
    row("AmoebaNet-A + cutout", 3.34, 3.2, 3150.0),
    row("AmoebaNet-B + cutout", 2.55, 2.8, 3150.0),
    row("Hierarchical Evo", 3.75, 15.7, 300.0),
];
const FIRST_ORDER: Row = row("DARTS (1st order bi-level) + cutout", 3.0, 3.3, 0.4);
const MODERATE: Row = row("SNAS (single-level) + moderate constraint + cutout", 2.85, 2.8, 1.5);

/// The row of least error.
fn best(rows: &[Row]) -> Row {
    rows.iter().copied().fold(rows[0], |best, row| if row.error < best.error { row } else { best })
}

/// What is printed of one search.
#[derive(Debug, Clone, Copy, Serialize)]
struct Search {
    hours: f64,
    days: f64,
}

/// Some hours and some days that round to these, to the last digit of 32 and of 1.5, are the same time: 24 hours a day.
fn same_time(search: &Search) -> Result<Exactly, Undefined> {
    let (hours, by_days) = (decimal(search.hours)?, RBig::from(24) * decimal(search.days)?);
    let apart = if hours > by_days { &hours - &by_days } else { &by_days - &hours };
    let slack = decimal(0.5)? + RBig::from(24) * decimal(0.05)?;
    Ok(Exactly::truth(apart <= slack).with("hours_by_days", &by_days).with("apart", &apart).with("rounding", &slack))
}

/// How long a search takes.
pub fn hours() -> Claim {
    let check = |days| Check::each("what is printed", vec![Search { hours: 32.0, days }], same_time);
    Claim {
        id: "snas.section-3.1-hours",
        source: "snas, Training Settings, section 3.1; Tables 1 and 2",
        hypotheses: &["both numbers of one search, rounded to the digits printed", "a GPU day is 24 hours of one GPU"],
        printed: Statement::refuted(
            "The search takes 32 hours on a single GPU; Search Cost (GPU days) 1.5",
            check(1.5),
        ),
        corrected: Some(Statement::holds("32 hours on a single GPU are 1.3 GPU days", check(1.3))),
        control: Some(Control::new("1.2 GPU days", check(1.2))),
        proof: include_str!("../../../proofs/snas/section-3.1-hours.md"),
    }
}

/// The accuracy of the child network.
pub fn child() -> Claim {
    Claim {
        id: "snas.section-3.1-child",
        source: "snas, Searching Process, section 3.1; Table 1",
        hypotheses: &[
            "CIFAR-10, the parent network of 8 cells, 150 epochs, mild constraint; the child graph evaluated without fine-tuning",
        ],
        printed: Statement::empirical(
            "While SNAS can maintain its performance (88.54 in search, 90.67 of the child net), there is a huge gap between those two in DARTS (87.67, 54.66). Decided by training both systems on a GPU and evaluating the selected child graphs with the parent's weights",
        ),
        corrected: None,
        control: None,
        proof: include_str!("../../../proofs/snas/section-3.1-child.md"),
    }
}

/// Computation by the power of ten.
pub fn orders() -> Claim {
    let check = |over: &'static str, rows: Vec<Row>| {
        Check::each(over, rows, |row| {
            Ok(Exactly::at_most(&(RBig::from(1000) * decimal(MODERATE.days)?), &decimal(row.days)?))
        })
    };
    Claim {
        id: "snas.section-3.2-orders",
        source: "snas, Results, section 3.2; Table 2",
        hypotheses: &[
            "the state of the art of a method: its row of least test error in Table 2, NASNet-A and AmoebaNet-B",
            "three orders of magnitude: a thousandth of the GPU days, SNAS at 1.5",
        ],
        printed: Statement::holds(
            "The test error of SNAS is on par with the state-of-the-art RL-based and evolution-based NAS while using three orders of magnitude less computation resources",
            check("the best row of each method", vec![best(&REINFORCEMENT), best(&EVOLUTION)]),
        ),
        corrected: None,
        control: Some(Control::new(
            "of every RL-based and evolution-based row of the table, ENAS and Hierarchical Evo among them",
            check("all rows", [REINFORCEMENT.as_slice(), EVOLUTION.as_slice()].concat()),
        )),
        proof: include_str!("../../../proofs/snas/section-3.2-orders.md"),
    }
}

/// Error and parameters.
pub fn outperforms() -> Claim {
    let check = |rows: Vec<Row>| {
        Check::each("the rows named", rows, |row| {
            let error = Exactly::at_most(&decimal(MODERATE.error)?, &decimal(row.error)?);
            Ok(error.and(Exactly::at_most(&decimal(MODERATE.parameters)?, &decimal(row.parameters)?)))
        })
    };
    Claim {
        id: "snas.section-3.2-outperforms",
        source: "snas, Results, section 3.2; Table 2",
        hypotheses: &["the rows of Table 2, SNAS with the moderate constraint", "smaller: the printed means compared"],
        printed: Statement::holds(
            "SNAS outperforms 1st-order DARTS and ENAS by discovering convolutional cells with both a smaller error rate and fewer parameters",
            check(vec![FIRST_ORDER, REINFORCEMENT[1]]),
        ),
        corrected: None,
        control: Some(Control::new(
            "the same of NASNet-A and AmoebaNet-B",
            check(vec![best(&REINFORCEMENT), best(&EVOLUTION)]),
        )),
        proof: include_str!("../../../proofs/snas/section-3.2-outperforms.md"),
    }
}

/// The effective layers of Figure 1.
pub fn layers() -> Claim {
    Claim {
        id: "snas.section-e-layers",
        source: "snas, below Eq. (31), appendix E; Figure 1",
        hypotheses: &["Figure 1, which the extraction does not hold"],
        printed: Statement::garbled(
            "In Figure 1 for example, DAG(Z^(1)) has 2 effective layers, while DAG(Z^(2)) has 3 effective layers; x_1 in DAG(2) integrates credits from x_2 and x_3",
        ),
        corrected: None,
        control: None,
        proof: include_str!("../../../proofs/snas/section-e-layers.md"),
    }
}
