#![doc = include_str!("../../../proofs/poster/definition-1.md")]

use nalgebra::{DMatrix, DVector};
use ndarray::Array2;
use proptest::prelude::*;
use serde::Serialize;

use super::{library, theorem_2::printed_product};
use crate::{
    claims::{
        Check, Claim, Control, Decision, Measure, Statement, Verdict,
        landscape::{self, Landscape},
    },
    linalg::TestRatio,
    problem::{Bilevel, Hessian, Supernet},
    taylor::influential_magnitude,
};

/// A quadratic loss at an optimum, the origin.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) loss: Landscape,
}

/// Any numbers of operations and of weights.
pub(super) fn cases() -> impl Strategy<Value = Case> {
    (1usize..=9, 1usize..=9)
        .prop_flat_map(|(p, n)| landscape::optimal(p, n).prop_map(|loss| Case { loss: loss.flat() }))
}

/// As many operations as weights: the only cases in which the printed product exists.
pub(super) fn square_cases() -> impl Strategy<Value = Case> {
    (1usize..=9).prop_flat_map(|n| landscape::optimal(n, n).prop_map(|loss| Case { loss: loss.flat() }))
}

/// $-\mathbf 1^\top P$.
fn minus_column_sums(matrix: &DMatrix<f64>) -> Vec<f64> {
    matrix.column_iter().map(|column| -column.sum()).collect()
}

fn origin(loss: &Landscape) -> (DVector<f64>, DVector<f64>) {
    let (p, n) = loss.shape();
    (DVector::zeros(n), DVector::zeros(p))
}

/// $\mathcal I_M$ as printed; `None` where the product does not exist.
pub(super) fn printed(loss: &Landscape) -> Option<Vec<f64>> {
    let (theta, alpha) = origin(loss);
    printed_product(loss, &theta, &alpha).map(|product| minus_column_sums(&product))
}

/// $\mathcal I_M=-\mathbf 1^\top\frac{\partial^2L}{\partial\alpha\partial\theta}H^{-1}\frac{\partial^2L}{\partial\theta\partial\alpha}$, matrix by matrix.
pub(super) fn corrected(loss: &Landscape) -> Option<Vec<f64>> {
    let (theta, alpha) = origin(loss);
    let cross = loss.cross(&theta, &alpha);
    let solved = loss.hessian(&theta, &alpha).cholesky()?.solve(&cross.transpose());
    Some(minus_column_sums(&(cross * solved)))
}

/// What the library computes.
pub(super) fn code(loss: &Landscape) -> Option<Vec<f64>> {
    let (p, n) = loss.shape();
    let problem = library::problem(loss, (1, p))?;
    let (weights, gates) = (ndarray::Array1::zeros(n), Array2::zeros((1, p)));
    let at = Hessian { problem: &problem, weights: &weights, gates: &gates, batch: problem.training() };
    let ones = Array2::ones(problem.gate_shape());
    influential_magnitude::on_gates(&at, problem.training(), &ones, &mut library::inverse(loss)?)
        .ok()
        .map(|score| score.iter().copied().collect())
}

/// What $\mathcal I_M$ means, without a derivative of second order: the change of the cost $\partial L/\partial\alpha$ that retraining the
/// weights brings when every gate rises by 1.
fn meaning(loss: &Landscape) -> Option<Vec<f64>> {
    let (theta, alpha) = origin(loss);
    let raised = alpha.map(|x| x + 1.0);
    let retrained = loss.minimise(&raised)?;
    Some((loss.gate_gradient(&retrained, &raised) - loss.gate_gradient(&theta, &raised)).as_slice().to_vec())
}

/// What rounding is relative to: $\kappa\lVert M\rVert^2\lVert H^{-1}\rVert\sqrt p$ with $\lVert H^{-1}\rVert\le1$, $\kappa\le\lVert H\rVert$, and the cost at
/// $\alpha=\mathbf 1$ from whose difference the meaning is read.
pub(super) fn scale(loss: &Landscape) -> f64 {
    let (theta, alpha) = origin(loss);
    let (p, cross) = (loss.shape().0 as f64, loss.cross(&theta, &alpha).norm());
    (1.0 + loss.hessian(&theta, &alpha).norm()) * cross * cross * p.sqrt()
        + loss.gate_hessian(&theta, &alpha).norm() * p
}

/// Whether a formula gives one number an operation, the one it means and the one the library computes.
fn compare(case: &Case, formula: impl Fn(&Landscape) -> Option<Vec<f64>>) -> Measure {
    let (p, n) = case.loss.shape();
    match (formula(&case.loss), code(&case.loss), meaning(&case.loss)) {
        (Some(found), Some(code), Some(meant)) => {
            let scale = scale(&case.loss);
            Measure::vectors(&found, &code, scale, n + p).and(Measure::vectors(&found, &meant, scale, n + p))
        }
        // A formula that cannot be evaluated defines nothing.
        _ => Measure::ratio(TestRatio(f64::INFINITY)),
    }
    .with("operations", p as f64)
    .with("weights", n as f64)
}

/// Definition 1: the influential magnitude.
pub fn claim() -> Claim {
    Claim {
        id: "poster.definition-1",
        source: "poster, Definition 1, part II",
        hypotheses: &[
            "∂𝓛/∂θ = 0 at (θ*, α), H = ∂²𝓛/∂θ∂θ positive definite",
            "third and higher derivatives zero, so that what the definition means can be computed without it",
        ],
        printed: Statement {
            text: "the operation sensitivity can be defined as I_M = −1ᵀ ∂²𝓛(θ*, α)/∂α∂α H⁻¹ ∂²𝓛(θ*, α)/∂θ∂θ",
            decision: Decision::Definition(Check::all(vec![
                Check::new(square_cases(), |case| compare(case, printed)),
                Check::new(cases(), |case| compare(case, printed)),
            ])),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "I_M = −1ᵀ ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α: one entry an operation, the change of ∂𝓛/∂α that retraining brings for a unit rise of every gate",
            decision: Decision::Definition(Check::new(cases(), |case| compare(case, corrected))),
            expected: Verdict::Definition,
        }),
        control: Some(Control {
            description: "the corrected definition without its sign",
            check: Check::new(cases(), |case| {
                compare(case, |loss| corrected(loss).map(|x| x.into_iter().map(|x| -x).collect()))
            }),
        }),
        proof: include_str!("../../../proofs/poster/definition-1.md"),
    }
}
