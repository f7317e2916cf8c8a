//! Error against $K$ and against $N$: of the inverse, and of the predicted loss change.

use super::{Criterion, DigitsComparison, Judge, Row};
use crate::report::compare::{
    Setting,
    figure::{Panel, Series},
};

/// The four panels.
pub(super) fn panels(comparison: &DigitsComparison) -> Vec<Panel> {
    let panel = |title: &str, y: &str, against_n: bool, error: fn(&Row) -> Option<f64>| {
        let of = |row: &Row| row.criterion == Criterion::SecondOrderInfluence && row.judge == Judge::Training;
        let points: Vec<(Setting, f64)> =
            comparison.rows.iter().filter(|row| of(row)).filter_map(|row| row.setting.zip(error(row))).collect();
        let x = if against_n { "gradients N in the Fisher" } else { "iterations, or summands K + 1" };
        Panel { title: title.to_owned(), x: x.to_owned(), y: y.to_owned(), series: Series::group(&points, against_n) }
    };
    let (inverse_error, change_error) = ("median ‖x − H⁻¹g‖ / ‖H⁻¹g‖", "relative error of the loss change");
    vec![
        panel("Inverse-Hessian product, iterative", inverse_error, false, |row| row.inverse_error),
        panel("Inverse-Hessian product, empirical Fisher", inverse_error, true, |row| row.inverse_error),
        panel("Second-order DARTS-IF against retraining", change_error, false, |row| row.relative_error),
        panel("Second-order DARTS-IF against retraining", change_error, true, |row| row.relative_error),
    ]
}
