#![doc = include_str!("../../../proofs/influence/section-6.4-inverse.md")]

use nalgebra::DMatrix;
use proptest::prelude::*;
use serde::Serialize;

use super::column;
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, strategies};

/// One gradient and a damping.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) gradient: Vec<f64>,
    pub(super) eta: f64,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    (1usize..=9).prop_flat_map(|d| {
        (strategies::integers(d), strategies::fraction()).prop_map(|(gradient, eta)| Case { gradient, eta })
    })
}

impl Case {
    /// $\eta^{-1}\left(I-\eta^{-1}\frac{gg^\top}{1+\eta^{-1}g^\top g}\right)$, with `power` of $\eta^{-1}$ before $g^\top g$.
    pub(super) fn formula(&self, power: i32) -> DMatrix<f64> {
        let (g, inverse) = (column(&self.gradient), 1.0 / self.eta);
        let d = g.len();
        (DMatrix::identity(d, d) - &g * g.transpose() * (inverse / (1.0 + inverse.powi(power) * g.norm_squared())))
            * inverse
    }

    /// $\eta I+gg^\top$: Lemma 2's Fisher for $N=1$.
    pub(super) fn fisher(&self) -> DMatrix<f64> {
        let g = column(&self.gradient);
        DMatrix::identity(g.len(), g.len()) * self.eta + &g * g.transpose()
    }
}

fn measure(case: &Case, power: i32) -> Measure {
    let (fisher, formula) = (case.fisher(), case.formula(power));
    let d = case.gradient.len();
    let residual = &fisher * &formula - DMatrix::identity(d, d);
    let scale = fisher.norm() * (formula.norm() + 1.0 / case.eta) + 1.0;
    Measure::vectors(residual.as_slice(), &vec![0.0; d * d], scale, d)
}

/// The inverse of section 6.4, $N=1$.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-6.4-inverse",
        source: "influence, section 6.4, second paragraph",
        hypotheses: &["H = ηI + ∇𝓛∇𝓛ᵀ, Lemma 2 as corrected with N = 1", "η > 0"],
        printed: Statement {
            text: "H⁻¹ = η⁻¹(I − η⁻¹ ∇𝓛∇𝓛ᵀ/(1 + η⁻¹∇𝓛ᵀ∇𝓛))",
            decision: Decision::Assertion(Check::new(cases(), |case| measure(case, 1))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "η⁻¹ left out of the denominator",
            check: Check::new(cases(), |case| measure(case, 0)),
        }),
        proof: include_str!("../../../proofs/influence/section-6.4-inverse.md"),
    }
}
