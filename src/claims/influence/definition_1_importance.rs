#![doc = include_str!("../../../proofs/influence/definition-1-importance.md")]
#![doc = include_str!("../../../proofs/influence/definition-1-importance-data.md")]

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use serde::Serialize;

use super::{
    expansion::{Kind, Nudge, nudges},
    supernet, undecided,
};
use crate::{
    claims::{Check, Claim, Control, Data, DataCheck, DataError, Measure, Statement, Verdict, strategies},
    linalg::TestRatio,
    problem::{Hessian, quadratic::Split},
    relaxation::softmax,
    taylor::influential_magnitude,
};

/// One edge whose gates are the softmax of logits.
#[derive(Debug, Clone, Serialize)]
struct OnLogits {
    nudge: Nudge,
    logits: Vec<f64>,
}

fn on_logits() -> impl Strategy<Value = OnLogits> {
    nudges(Kind { bent: false, optimal_gates: false }).prop_flat_map(|nudge| {
        let p = nudge.loss.shape().0;
        strategies::integers(p).prop_map(move |logits| OnLogits { nudge: nudge.clone(), logits })
    })
}

/// The score of Definition 1 at the logits (or the gates), of which some entry is to differ from 0 or none.
fn scores(case: &OnLogits, logits: bool, zero: bool) -> Measure {
    let score = || {
        let (theta, alpha) = case.nudge.origin();
        let loss = &case.nudge.loss;
        let problem = supernet::quadratic(loss)?;
        let (weights, gates) = (Array1::zeros(theta.len()), supernet::gates(&alpha));
        let at = Hessian { problem: &problem, weights: &weights, gates: &gates, batch: &Split::Training };
        let p = alpha.len();
        let soft = softmax::gates(&Array2::from_shape_fn((1, p), |(_, o)| case.logits[o]));
        let seen = if logits {
            let (push, pull) = (|u: &Array2<f64>| softmax::push(&soft, u), |c: &Array2<f64>| softmax::pull(&soft, c));
            influential_magnitude::on_parameters(&at, &Split::Training, push, pull, &mut supernet::exact).ok()?.score
        } else {
            influential_magnitude::on_gates(&at, &Split::Training, &Array2::ones((1, p)), &mut supernet::exact).ok()?
        };
        let (h, cross) = (loss.hessian(&theta, &alpha), loss.cross(&theta, &alpha));
        // λ_min(H) ≥ 1.
        let scale = h.norm() * cross.norm_squared() * (p as f64).sqrt() * (1.0 + p as f64);
        let largest = seen.iter().fold(0.0f64, |m, s| m.max(s.abs()));
        let null = TestRatio::quotient(largest, f64::EPSILON * scale * (theta.len() + p) as f64);
        let informative = cross.column_sum().iter().any(|s| *s != 0.0);
        let measure = if zero { Measure::ratio(null) } else { Measure::truth(!informative || !null.passes()) };
        Some(measure.with_vector("scores", &seen.iter().copied().collect::<Vec<_>>()))
    };
    score().unwrap_or_else(undecided)
}

/// The importance of an operation.
pub fn claim() -> Claim {
    Claim {
        id: "influence.definition-1-importance",
        source: "influence, below Definition 1, section 4",
        hypotheses: &[
            "α the parameters that DARTS optimises, the logits ᾱ of a softmax over the operations of an edge",
        ],
        printed: Statement::refuted(
            "Definition 1 shows we can replace the magnitude α with the operation sensitivity 𝓘_M in the operation selection for DARTS, whose i-th value represents the importance of i-th candidate operation",
            Check::new(on_logits(), |case| scores(case, true, false)),
        ),
        corrected: Some(Statement::holds(
            "on logits every value of 𝓘_M is 0; on gates without a softmax the values differ from 0",
            Check::new(on_logits(), |case| scores(case, true, true)),
        )),
        control: Some(Control::new(
            "the values on gates, to be 0",
            Check::new(on_logits(), |case| scores(case, false, true)),
        )),
        proof: include_str!("../../../proofs/influence/definition-1-importance.md"),
    }
}

/// For every edge, $\partial^2L/\partial\alpha^2\,\mathbf 1_e$ against `decay` $\mathbf 1_e$, over what single precision explains.
fn null_space(data: &Data, decay: f64) -> Result<Measure, DataError> {
    // The Hessians were stored from single precision: n products of entries rounded at 2^-24 of the largest.
    let unit = f64::from(f32::EPSILON) / 2.0;
    let points = data.hessians()?;
    Ok(Measure::all(points.iter().flat_map(|point| {
        let n = point.gradient.len();
        let size = point.hessian.iter().flatten().fold(0.0f64, |m, h| m.max(h.abs()));
        (0..n / 2).map(move |edge| {
            let pair = [2 * edge, 2 * edge + 1];
            let residual = (0..n)
                .map(|i| {
                    let product: f64 = pair.iter().map(|&j| point.hessian[i][j]).sum();
                    product - if pair.contains(&i) { decay } else { 0.0 }
                })
                .fold(0.0f64, |m, r| m.max(r.abs()));
            Measure::ratio(TestRatio::quotient(residual, unit * size * n as f64))
                .with("residual", residual)
                .with("epoch", point.epoch as f64)
        })
    })))
}

/// The same on a published search.
pub fn on_a_search() -> Claim {
    const DECAY: f64 = 1e-3;
    Claim {
        id: "influence.definition-1-importance-data",
        source: "influence, below Definition 1, section 4, on a published search",
        hypotheses: &[
            "robustdarts/*.json: second derivatives of the validation loss by the logits, two operations an edge, 1e-3 of weight decay on the diagonal",
            "∂²𝓛/∂ᾱ∂ᾱ 𝟏_e ≠ 0 is what a sensitivity to Δᾱ = ε𝟏_e would need",
        ],
        printed: Statement::data(
            "[𝓘_M] whose i-th value represents the importance of i-th candidate operation: the loss responds to Δᾱ = ε𝟏 on an edge",
            Verdict::Refuted,
            DataCheck::new(|data| {
                let null = null_space(data, DECAY)?;
                let informative = !null.test_ratio().passes();
                Ok(Measure::truth(informative).with("epochs", data.hessians()?.len() as f64))
            })
            .rejecting("a null space without the weight decay", |data| null_space(data, 0.0)),
        ),
        corrected: Some(Statement::data(
            "H·𝟏_e = 1e-3·𝟏_e for every edge and epoch, to single precision: the loss does not respond, only the weight decay does",
            Verdict::Holds,
            DataCheck::new(|data| null_space(data, DECAY)),
        )),
        control: None,
        proof: include_str!("../../../proofs/influence/definition-1-importance-data.md"),
    }
}
