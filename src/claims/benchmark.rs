//! What the cells of NAS-Bench-201 say: the accuracies of one cell, the best of each data set, their mean.

use super::{Claim, Data, DataCheck, DataError, Measure, Statement, Verdict, data::Cell};
use crate::space::Operation;

/// The published benchmark, averaged over its seeds.
pub(super) const BENCHMARK: &[&str] = &[
    "nb201/test_accuracy_200_epochs.csv: test accuracies after 200 epochs, averaged over the seeds of the benchmark",
    "a printed number agrees when the value rounds to it",
];

/// The accuracies of the cell that is skip on all edges.
pub(super) fn all_skip(cells: &[Cell]) -> [f64; 3] {
    cells.iter().find(|c| c.count(&[Operation::Skip]) == 6).map_or([f64::NAN; 3], |c| c.accuracy)
}

/// The largest accuracy of each data set.
pub(super) fn best(cells: &[Cell]) -> [f64; 3] {
    [0, 1, 2].map(|k| cells.iter().map(|c| c.accuracy[k]).fold(f64::NEG_INFINITY, f64::max))
}

pub(super) fn means(cells: &[Cell]) -> [f64; 3] {
    [0, 1, 2].map(|k| cells.iter().map(|c| c.accuracy[k]).sum::<f64>() / cells.len() as f64)
}

fn deviations(cells: &[Cell]) -> [f64; 3] {
    let means = means(cells);
    [0, 1, 2].map(|k| {
        let square = cells.iter().map(|c| (c.accuracy[k] - means[k]).powi(2)).sum::<f64>();
        (square / cells.len() as f64).sqrt()
    })
}

/// Three values against three printed with two decimals.
pub(super) fn row(values: [f64; 3], printed: [f64; 3]) -> Measure {
    Measure::all((0..3).map(|k| Measure::printed(values[k], printed[k], 2)))
        .with_vector("values", &values)
        .with_vector("printed_row", &printed)
}

/// A claim about the cells of NAS-Bench-201.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) source: &'static str,
    pub(super) text: &'static str,
    pub(super) control: &'static str,
    pub(super) proof: &'static str,
}

fn look(of: impl Fn(&[Cell]) -> Measure + Send + Sync) -> impl Fn(&Data) -> Result<Measure, DataError> + Send + Sync {
    move |data| Ok(of(data.cells()?))
}

/// The claim that `measure`, not `altered`, finds what is printed.
pub(super) fn on_cells(row: Row, measure: fn(&[Cell]) -> Measure, altered: fn(&[Cell]) -> Measure) -> Claim {
    Claim {
        id: row.id,
        source: row.source,
        hypotheses: BENCHMARK,
        printed: Statement::data(
            row.text,
            Verdict::Holds,
            DataCheck::new(look(measure)).rejecting(row.control, look(altered)),
        ),
        corrected: None,
        control: None,
        proof: row.proof,
    }
}

/// A statement on cells, with the alteration that the same cells must reject.
pub(super) struct OnCells<P, C, A>
where
    P: Fn(&[Cell]) -> Measure,
    C: Fn(&[Cell]) -> Measure,
    A: Fn(&[Cell]) -> Measure,
{
    /// What is printed.
    pub(super) printed: P,
    /// What holds, and how it reads.
    pub(super) corrected: C,
    pub(super) reading: &'static str,
    /// What does not.
    pub(super) altered: A,
}

/// The claim that `printed` fails on the cells, and `corrected` holds.
pub(super) fn refuted_on_cells<P, C, A>(row: Row, hypotheses: &'static [&'static str], of: OnCells<P, C, A>) -> Claim
where
    P: Fn(&[Cell]) -> Measure + Send + Sync + 'static,
    C: Fn(&[Cell]) -> Measure + Send + Sync + 'static,
    A: Fn(&[Cell]) -> Measure + Send + Sync + 'static,
{
    Claim {
        id: row.id,
        source: row.source,
        hypotheses,
        printed: Statement::data(
            row.text,
            Verdict::Refuted,
            DataCheck::new(look(of.printed)).rejecting(row.control, look(of.altered)),
        ),
        corrected: Some(Statement::data(of.reading, Verdict::Holds, DataCheck::new(look(of.corrected)))),
        control: None,
        proof: row.proof,
    }
}

/// Means, then standard deviations, over all cells.
const UNIFORM: [[f64; 3]; 2] = [[87.06, 61.41, 33.59], [12.93, 12.17, 9.51]];

/// A printed row of means and deviations, read as those over all cells.
pub(super) fn uniform(row: Row, hypotheses: &'static [&'static str], printed: [[f64; 3]; 2]) -> Claim {
    let over_all = |rows: [[f64; 3]; 2]| {
        move |cells: &[Cell]| self::row(means(cells), rows[0]).and(self::row(deviations(cells), rows[1]))
    };
    let of = OnCells {
        printed: over_all(printed),
        corrected: over_all(UNIFORM),
        reading: "over all cells: 87.06±12.93, 61.41±12.17, 33.59±9.51",
        altered: over_all([UNIFORM[1], UNIFORM[0]]),
    };
    refuted_on_cells(row, hypotheses, of)
}
