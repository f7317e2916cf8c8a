#![doc = include_str!("../../../proofs/influence/equation-8.md")]

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

use super::{
    equation_7,
    expansion::{self, Kind, Moved, Nudge, nudges},
    undecided,
};
use crate::claims::{Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict};

/// $\Delta\alpha=\varepsilon\mathbf 1$.
fn cases(kind: Kind) -> impl Strategy<Value = Nudge> {
    nudges(kind).prop_map(|nudge| Nudge { direction: vec![1.0; nudge.direction.len()], ..nudge })
}

/// What $\Delta\mathcal L/\Delta\alpha$ may mean.
#[derive(Clone, Copy)]
enum Reading {
    /// $\Delta\mathcal L/\varepsilon$ for every operation.
    Quotient,
    /// $\frac{d}{d\hat\alpha}\mathcal L(\hat\theta^\ast,\hat\alpha)$ at $\hat\alpha=\alpha+\varepsilon\mathbf 1$.
    Derivative,
    /// Any row vector whose product with $\Delta\alpha$ is $\Delta\mathcal L$.
    Factor,
}

const READINGS: &[Reading] = &[Reading::Quotient, Reading::Derivative, Reading::Factor];

/// $-\tfrac12M^\top H^{-1}M$.
fn printed(case: &Nudge) -> Option<DMatrix<f64>> {
    Some(equation_7::response(&case.loss)? * -0.5)
}

/// $\Delta\mathcal L/\Delta\alpha$ against $\partial\mathcal L/\partial\alpha+\varepsilon\mathbf 1^\top K$, as $\varepsilon\to0$, under the best of `readings`; the kept term is
/// $\varepsilon\mathbf 1^\top K$.
fn measure(
    case: &Nudge,
    readings: &[Reading],
    slope: bool,
    kernel: impl Fn(&Nudge) -> Option<DMatrix<f64>>,
) -> Measure {
    let all = || {
        let (theta, alpha) = case.origin();
        let (kernel, slopes) = (kernel(case)?, case.loss.gate_gradient(&theta, &alpha));
        let stiffness = case.loss.hessian(&theta, &alpha).norm();
        let n = (case.direction.len() + case.loss.shape().1) as f64;
        let reach = case.reach()?;
        // The truth at each ε, whatever it is compared with.
        let seen = RefCell::new(HashMap::new());
        let moved = |t: f64| -> Option<Rc<Moved>> {
            seen.borrow_mut().entry(t.to_bits()).or_insert_with(|| case.moved(t).map(Rc::new)).clone()
        };
        let compare = |reading: Reading, moved: &Moved, t: f64| {
            let kept = &kernel * &moved.gates;
            let right = if slope { &kept + &slopes } else { kept.clone() };
            let (left, right) = match reading {
                Reading::Quotient => (DVector::from_element(right.len(), moved.change / t), right),
                // The envelope theorem: the weights are optimal, so their response adds nothing.
                Reading::Derivative => (case.loss.gate_gradient(&moved.weights, &moved.gates), right),
                Reading::Factor => {
                    (DVector::from_element(1, moved.change / t), DVector::from_element(1, right.dot(&moved.gates) / t))
                }
            };
            (left, right, kept.norm())
        };
        let under = |reading: Reading| {
            let points = expansion::limit_points(reach, |t| {
                let moved = moved(t)?;
                let (left, right, kept) = compare(reading, &moved, t);
                let size = moved.size / t + stiffness * moved.weights.norm() + left.norm() + right.norm();
                Some(LimitPoint { t, error: (left - right).norm(), kept, rounding: n * f64::EPSILON * size })
            })?;
            let (left, right, _) = compare(reading, &*moved(1.0)?, 1.0);
            Some(
                Measure::limit(&points)
                    .with_vector("left_at_epsilon_1", left.as_slice())
                    .with_vector("right_at_epsilon_1", right.as_slice()),
            )
        };
        let measures = readings.iter().map(|&reading| under(reading)).collect::<Option<Vec<_>>>()?;
        measures.into_iter().reduce(better)
    };
    all().unwrap_or_else(undecided)
}

/// The one with the smaller test ratio, of equal ones the latter.
fn better(best: Measure, next: Measure) -> Measure {
    if best.test_ratio().max(next.test_ratio()) == best.test_ratio() { next } else { best }
}

/// $G-M^\top H^{-1}M$, times `factor`.
fn reduced(case: &Nudge, factor: f64) -> Option<DMatrix<f64>> {
    let (theta, alpha) = case.origin();
    Some((case.loss.gate_hessian(&theta, &alpha) - equation_7::response(&case.loss)?) * factor)
}

const PRINTED: Kind = Kind { bent: false, optimal_gates: true };
const BENT: Kind = Kind { bent: true, optimal_gates: false };

/// Eq. (8): the sensitivity.
pub fn claim() -> Claim {
    Claim {
        id: "influence.equation-8",
        source: "influence, Eq. (8), section 4",
        hypotheses: &[
            "those of theorem-2: (θ*, α) the minimum of 𝓛, third and higher derivatives exactly zero",
            "Δα = ε𝟏, ε → 0",
            "Δ𝓛/Δα a quotient for each operation, a derivative, or any row vector with (Δ𝓛/Δα)Δα = Δ𝓛: whichever does better",
        ],
        printed: Statement {
            text: "Δ𝓛/Δα = −1/2 · ε · 𝟏ᵀ ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α",
            decision: Decision::Assertion(Check::new(cases(PRINTED), |case| measure(case, READINGS, false, printed))),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "d𝓛(θ*(α), α)/dα at α + ε𝟏 = ∂𝓛(θ*, α)/∂α + ε𝟏ᵀ[∂²𝓛(θ*, α)/∂α∂α − ∂²𝓛(θ*, α)/∂α∂θ H⁻¹ ∂²𝓛(θ*, α)/∂θ∂α] + O(ε²)",
            decision: Decision::Assertion(Check::new(cases(BENT), |case| {
                measure(case, &[Reading::Derivative], true, |c| reduced(c, 1.0))
            })),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected derivative with the 1/2 of Eq. (8)",
            check: Check::new(cases(BENT), |case| measure(case, &[Reading::Derivative], true, |c| reduced(c, 0.5))),
        }),
        proof: include_str!("../../../proofs/influence/equation-8.md"),
    }
}
