//! What a person reads.

use std::fmt::Write;

use comfy_table::{Cell, CellAlignment, Table, presets};

use super::{Criterion, DigitsComparison, Judge, Row};
use crate::report::compare::Method;

impl DigitsComparison {
    /// The truth, the criteria, and what each selects; one line a removal and one a criterion and estimator.
    pub fn table(&self) -> String {
        let model = &self.model;
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "Gated softmax regression on the 8×8 digits: {} weights, {} + {} examples, seed {}; \
             training loss {:.4}, validation loss {:.4}, validation accuracy {:.1} %, κ(H) ≤ {:.0}.\n",
            model.weights,
            model.training_examples,
            model.validation_examples,
            self.seed,
            model.training_loss,
            model.validation_loss,
            100.0 * model.validation_accuracy,
            model.lambda_max / model.l2,
        );
        let _ = writeln!(
            out,
            "Each operation removed (Z := 0) and the weights retrained to the optimum:\n{}\n",
            self.truth()
        );
        let _ = writeln!(
            out,
            "Every criterion against the true change of the regularised training loss, and of the validation loss:\n{}\n",
            self.criteria()
        );
        let _ = writeln!(
            out,
            "\"error\" is ‖predicted − true‖/‖true‖ over the operations, \"inverse\" the median ‖x − H⁻¹v‖/‖H⁻¹v‖, ρ Spearman, τ Kendall, \
             \"agree\" the edges on which the truth selects the same.\n\
             Influential magnitude on logits is a null direction: |J1| is {} of its own rounding, so those ranks are noise.",
            self.logit_nullity
        );
        if !self.refused.is_empty() {
            let _ = writeln!(out, "{} settings were refused; the reasons are in the files.", self.refused.len());
        }
        let _ = write!(out, "{:.1} s", self.seconds);
        out
    }

    fn find(&self, criterion: Criterion, judge: Judge, method: Option<Method>) -> Option<&Row> {
        self.rows.iter().find(|row| {
            row.criterion == criterion
                && row.judge == judge
                && match (row.setting, method) {
                    (None, None) => true,
                    (Some(setting), Some(method)) => setting.method == method && setting.headline,
                    _ => false,
                }
        })
    }

    fn truth(&self) -> Table {
        let mut table = new_table([
            "edge",
            "operation",
            "gate",
            "true Δ train",
            "DARTS-PT",
            "DARTS-IF",
            "error bound",
            "true Δ val",
            "2nd-order IF",
        ]);
        let score = |criterion, judge, method, k: usize| {
            self.find(criterion, judge, method).and_then(|row| row.scores.get(k)).map_or(f64::NAN, |s| s.printed)
        };
        let (exact, model_loss) = (Some(Method::Exact), self.model.training_loss);
        for (k, removal) in self.removals.iter().enumerate() {
            let numbers = [
                removal.training_change,
                score(Criterion::Perturbation, Judge::Training, None, k),
                score(Criterion::Influence, Judge::Training, exact, k),
            ];
            let validation =
                [removal.validation_change, score(Criterion::SecondOrderInfluence, Judge::Validation, exact, k)];
            let mut cells = vec![
                Cell::new(if removal.operation == 0 { removal.edge_name } else { "" }),
                Cell::new(removal.operation_name),
                number(format!("{:.3}", removal.gate)),
            ];
            cells.extend(numbers.map(|x| number(signed(x))));
            // Beyond the loss itself a bound says nothing.
            let bound = removal.influence_error_bound;
            cells.push(number(if bound < model_loss { format!("{bound:.0e}") } else { "—".to_owned() }));
            cells.extend(validation.map(|x| number(signed(x))));
            table.add_row(cells);
        }
        table
    }

    fn criteria(&self) -> Table {
        let mut table = new_table([
            "criterion",
            "estimator",
            "inverse",
            "error",
            "ρ",
            "τ",
            "agree",
            "selects",
            "ρ val",
            "agree val",
        ]);
        let without = [Criterion::Magnitude, Criterion::FirstOrder, Criterion::Perturbation].map(|c| (c, None));
        let (influence, second) = (Criterion::Influence, Criterion::SecondOrderInfluence);
        let mut wanted: Vec<(Criterion, Option<Method>)> = without.to_vec();
        for method in Method::ALL {
            wanted.extend([(influence, Some(method)), (second, Some(method))]);
        }
        wanted.extend(
            [
                Criterion::MovedWeights,
                Criterion::Expansion,
                Criterion::Equation7,
                Criterion::InfluentialMagnitudeGates,
                Criterion::InfluentialMagnitudeLogits,
            ]
            .map(|c| (c, Some(Method::Exact))),
        );
        for (criterion, method) in wanted {
            let Some(row) = self.find(criterion, Judge::Training, method) else { continue };
            let validation = self.find(criterion, Judge::Validation, method);
            let estimator = row.setting.map_or(String::new(), |s| format!("{} {}", s.method, s.parameters()));
            let title = if criterion == second { "  second-order" } else { criterion.title() };
            let edges = row.selected.len();
            table.add_row(vec![
                Cell::new(title),
                Cell::new(estimator.trim()),
                number(row.inverse_error.map_or(String::new(), scientific)),
                number(row.relative_error.map_or(String::new(), scientific)),
                number(row.spearman.map_or(String::new(), |r| format!("{r:+.2}"))),
                number(row.kendall.map_or(String::new(), |r| format!("{r:+.2}"))),
                number(format!("{}/{edges}", row.agreement)),
                Cell::new(row.selected.join(", ")),
                number(validation.and_then(|v| v.spearman).map_or(String::new(), |r| format!("{r:+.2}"))),
                number(validation.map_or(String::new(), |v| format!("{}/{edges}", v.agreement))),
            ]);
        }
        table
    }
}

fn new_table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header);
    table
}

fn number(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn signed(x: f64) -> String {
    format!("{x:+.5}")
}

fn scientific(x: f64) -> String {
    if (1e-3..1e3).contains(&x) { format!("{x:.3}") } else { format!("{x:.0e}") }
}
