//! The comparison on the digits: every operation removed from the trained gated model in turn, the truth beside the predictions.
//!
//! The model is [`SoftmaxRegression::digits`](crate::problem::softmax_regression::SoftmaxRegression::digits), its gates trained by first-order DARTS, its weights optimal. An operation is removed by setting
//! its gate to zero, the others as they are. *The truth* is the change of the regularised training loss after retraining to the optimum by
//! Newton's method, $L_t(\hat\theta^\ast,\hat Z)-L_t(\theta^\ast,Z)$; the change of the bare validation loss at the same weights stands in a column of its own.

mod criterion;
mod figure;
mod files;
mod run;
mod table;

pub use criterion::{Criterion, Judge};
pub use run::{Params, compare};

use ndarray::Array2;
use serde::Serialize;

use super::{Setting, rank};
use crate::linalg::TestRatio;

/// The comparison.
#[derive(Debug, Clone, Serialize)]
pub struct DigitsComparison {
    /// What the split, the initial gates and every random estimator were drawn from.
    pub seed: u64,
    /// The model compared on.
    pub model: Model,
    /// The truth, an operation at a time.
    pub removals: Vec<Removal>,
    /// Every criterion with every estimator and setting.
    pub rows: Vec<Row>,
    /// Settings that an estimator refused, with the first reason given.
    pub refused: Vec<Refused>,
    /// $|J\mathbf 1|$ of the softmax against its rounding: it passes, so influential magnitude on logits carries no information.
    pub logit_nullity: TestRatio,
    /// What the whole took.
    pub seconds: f64,
}

/// The trained model.
#[derive(Debug, Clone, Serialize)]
pub struct Model {
    /// The number of weights.
    pub weights: usize,
    /// The L2 coefficient.
    pub l2: f64,
    /// Training examples.
    pub training_examples: usize,
    /// Validation examples.
    pub validation_examples: usize,
    /// The gates, an edge a row.
    pub gates: Vec<Vec<f64>>,
    /// The regularised training loss.
    pub training_loss: f64,
    /// The bare validation loss.
    pub validation_loss: f64,
    /// The share of validation examples classified rightly.
    pub validation_accuracy: f64,
    /// A bound on the largest eigenvalue of the training Hessian; the smallest is at least the L2 coefficient.
    pub lambda_max: f64,
}

/// What removing an operation truly does.
#[derive(Debug, Clone, Serialize)]
pub struct Removal {
    /// The edge.
    pub edge: usize,
    /// Its name.
    pub edge_name: &'static str,
    /// The operation.
    pub operation: usize,
    /// Its name.
    pub operation_name: &'static str,
    /// Its gate before.
    pub gate: f64,
    /// The change of the regularised training loss after retraining.
    pub training_change: f64,
    /// The change of the bare validation loss after retraining on the training data.
    pub validation_change: f64,
    /// The change of the validation accuracy after retraining.
    pub accuracy_change: f64,
    /// Newton's steps of the retraining.
    pub newton_steps: usize,
    /// A proved bound on the error of DARTS-IF with an exact inverse, from generalised self-concordance.
    pub influence_error_bound: f64,
}

/// One criterion, with one estimator where it needs one, over all operations.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The criterion.
    pub criterion: Criterion,
    /// The loss it is compared with.
    pub judge: Judge,
    /// The estimator; `None` where the criterion needs no inverse.
    pub setting: Option<Setting>,
    /// The score of each operation, edge by edge.
    pub scores: Vec<Score>,
    /// $\lVert\text{predicted}-\text{true}\rVert_2/\lVert\text{true}\rVert_2$ over the operations, where the criterion predicts.
    pub relative_error: Option<f64>,
    /// The median over operations of $\lVert x-H^{-1}v\rVert/\lVert H^{-1}v\rVert$.
    pub inverse_error: Option<f64>,
    /// Spearman's rank correlation with the truth.
    pub spearman: Option<f64>,
    /// Kendall's $\tau_b$ with the truth.
    pub kendall: Option<f64>,
    /// The operation selected on each edge, by name.
    pub selected: Vec<&'static str>,
    /// On how many edges the truth selects the same.
    pub agreement: usize,
}

/// The score of an operation.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// The edge.
    pub edge: usize,
    /// The operation.
    pub operation: usize,
    /// The number as its paper prints it, sign included.
    pub printed: f64,
    /// The same, oriented so that larger means "keep".
    pub keep: f64,
    /// The true change.
    pub truth: f64,
    /// $|\text{predicted}-\text{true}|/|\text{true}|$, where the criterion predicts and the loss resolves the true change.
    pub relative_error: Option<f64>,
}

/// A setting without an answer.
#[derive(Debug, Clone, Serialize)]
pub struct Refused {
    /// The setting.
    pub setting: Setting,
    /// The reason given.
    pub reason: String,
}

impl Row {
    /// Compares `printed` with `truth`, both $E\times O$; changes of at most `resolution` are not told from zero.
    fn new(
        (criterion, judge): (Criterion, Judge),
        setting: Option<Setting>,
        printed: &Array2<f64>,
        truth: &Array2<f64>,
        inverse_error: Option<f64>,
        resolution: f64,
    ) -> Self {
        let scores: Vec<Score> = printed
            .indexed_iter()
            .map(|((edge, operation), &printed)| {
                let truth = truth[(edge, operation)];
                let resolved = criterion.predicts() && truth.abs() > resolution;
                let relative_error = resolved.then(|| (printed - truth).abs() / truth.abs());
                Score { edge, operation, printed, keep: printed, truth, relative_error }
            })
            .collect();
        let norm = |a: &Array2<f64>| (a * a).sum().sqrt();
        // What the loss does not resolve is a tie at zero, not an order.
        let resolve = |x: f64| if x.abs() > resolution { x } else { 0.0 };
        let ranked = if criterion.predicts() { printed.mapv(resolve) } else { printed.clone() };
        let truth = &truth.mapv(resolve);
        let (keep, truths) = (Vec::from_iter(ranked.iter().copied()), Vec::from_iter(truth.iter().copied()));
        let (chosen, right) = (select(&ranked), select(truth));
        Self {
            criterion,
            judge,
            setting,
            relative_error: criterion.predicts().then(|| norm(&(printed - truth)) / norm(truth)),
            inverse_error,
            spearman: rank::spearman(&keep, &truths),
            kendall: rank::kendall(&keep, &truths),
            agreement: chosen.iter().zip(&right).filter(|(a, b)| a == b).count(),
            selected: chosen.into_iter().map(run::operation_name).collect(),
            scores,
        }
    }
}

/// The operation with the largest score on each edge; the first of equal ones.
fn select(scores: &Array2<f64>) -> Vec<usize> {
    scores
        .rows()
        .into_iter()
        .map(|row| (0..row.len()).fold(0, |best, o| if row[o] > row[best] { o } else { best }))
        .collect()
}
