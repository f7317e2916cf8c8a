//! What a program reads.

use super::{DigitsComparison, Row, figure};
use crate::report::{
    compare::files::{drawing, lines},
    folder::Folder,
    write::WriteError,
};

/// What a row of the comparison is about: the columns both files begin with.
#[derive(serde::Serialize)]
struct About<'a> {
    criterion: &'a str,
    judge: &'a str,
    method: &'a str,
    terms: Option<usize>,
    rows: Option<usize>,
    group: Option<usize>,
    step_lambda_max: Option<f64>,
    damping: Option<f64>,
}

impl<'a> About<'a> {
    fn row(row: &'a Row) -> Self {
        Self {
            criterion: row.criterion.name(),
            judge: row.judge.name(),
            method: row.setting.map_or("", |s| s.method.name()),
            terms: row.setting.and_then(|s| s.terms),
            rows: row.setting.and_then(|s| s.rows),
            group: row.setting.and_then(|s| s.group),
            step_lambda_max: row.setting.and_then(|s| s.step),
            damping: row.setting.map(|s| s.damping),
        }
    }
}

/// The rest of a line of `digits-scores.csv`.
#[derive(serde::Serialize)]
struct ScoreLine<'a> {
    edge: &'a str,
    operation: &'a str,
    printed: f64,
    keep: f64,
    truth: f64,
    relative_error: Option<f64>,
}

/// The rest of a line of `digits-criteria.csv`.
#[derive(serde::Serialize)]
struct CriterionLine {
    inverse_error: Option<f64>,
    relative_error: Option<f64>,
    spearman: Option<f64>,
    kendall: Option<f64>,
    agreement: usize,
    selected: String,
}

impl DigitsComparison {
    /// Writes `digits.json` (everything), `digits-truth.csv`, `digits-criteria.csv`, `digits-scores.csv` and `digits-error.svg`, which are in `folder` once it
    /// is committed.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(&self, folder: &mut Folder) -> Result<(), WriteError> {
        folder.json("digits.json", self)?;
        lines(folder, "digits-truth.csv", self.removals.iter())?;
        lines(
            folder,
            "digits-criteria.csv",
            self.rows.iter().map(|row| {
                (
                    About::row(row),
                    CriterionLine {
                        inverse_error: row.inverse_error,
                        relative_error: row.relative_error,
                        spearman: row.spearman,
                        kendall: row.kendall,
                        agreement: row.agreement,
                        selected: row.selected.join(" "),
                    },
                )
            }),
        )?;
        lines(
            folder,
            "digits-scores.csv",
            self.rows.iter().flat_map(|row| {
                row.scores.iter().zip(&self.removals).map(|(score, removal)| {
                    (
                        About::row(row),
                        ScoreLine {
                            edge: removal.edge_name,
                            operation: removal.operation_name,
                            printed: score.printed,
                            keep: score.keep,
                            truth: score.truth,
                            relative_error: score.relative_error,
                        },
                    )
                })
            }),
        )?;
        drawing(folder, "digits-error.svg", &figure::panels(self))
    }
}
