#![doc = include_str!("../../../proofs/influence/section-5-fisher-hessian.md")]

use num_dual::{Dual2_64, DualNum};
use proptest::prelude::*;
use serde::Serialize;

use crate::claims::{Check, Claim, Control, LimitPoint, Measure, Statement};

/// One example of two classes whose margin is $T+a\theta+\frac12b\theta^2$, at $\theta=0$.
#[derive(Debug, Clone, Serialize)]
struct Margin {
    slope: f64,
    curvature: f64,
}

/// $H$ and the true Fisher at $\theta=0$ by second-order dual numbers, at a loss that $T$ makes small.
fn hessian_and_fisher(case: &Margin, shift: f64) -> (f64, f64, f64, f64) {
    let theta = Dual2_64::from_re(0.0).derivative();
    let margin = theta * case.slope + theta * theta * (0.5 * case.curvature) + shift;
    let loss = ((-margin).exp() + 1.0).ln();
    let miss = (-shift).exp() / (1.0 + (-shift).exp());
    (loss.re, loss.v2, miss * (1.0 - miss) * case.slope * case.slope, miss)
}

/// Fisher and Hessian as the loss vanishes.
pub fn claim() -> Claim {
    let strategy = || {
        ((1i8..=4).prop_map(f64::from), prop_oneof![-4i8..=-1, 1i8..=4].prop_map(f64::from))
            .prop_map(|(slope, curvature)| Margin { slope, curvature })
    };
    let converges = |case: &Margin| {
        let points: Vec<LimitPoint> = (2..10)
            .map(|i| {
                let (loss, hessian, fisher, _) = hessian_and_fisher(case, f64::from(i));
                let rounding = 8.0 * f64::EPSILON * (fisher + loss * case.curvature.abs());
                LimitPoint { t: loss, error: (hessian - fisher).abs(), kept: fisher, rounding }
            })
            .collect();
        Measure::limit(&points)
    };
    let exact = |sign: f64| {
        move |case: &Margin| {
            let (_, hessian, fisher, miss) = hessian_and_fisher(case, 1.0);
            // ∂L/∂margin = −(1 − p).
            Measure::equality(hessian, fisher - sign * miss * case.curvature, fisher + case.curvature.abs(), 8)
        }
    };
    Claim {
        id: "influence.section-5-fisher-hessian",
        source: "influence, 'As we know', section 5",
        hypotheses: &[
            "cross-entropy, logits not linear in θ; the loss goes to 0 because the margin grows",
            "'converges to the Hessian': the difference vanishes relative to the Fisher, as an inverse needs",
        ],
        printed: Statement::refuted(
            "As we know, the true Fisher information matrix converges to the Hessian matrix with the training loss approaches to zero",
            Check::new(strategy(), converges),
        ),
        corrected: Some(Statement::holds(
            "H = F̂ + Σ_n ∂𝓛/∂f_n ∂²f_n/∂θ∂θ; equal for logits f linear in θ, whatever the loss",
            Check::new(strategy(), exact(1.0)),
        )),
        control: Some(Control::new("the sign of the second term turned", Check::new(strategy(), exact(-1.0)))),
        proof: include_str!("../../../proofs/influence/section-5-fisher-hessian.md"),
    }
}
