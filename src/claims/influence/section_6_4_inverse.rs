#![doc = include_str!("../../../proofs/influence/section-6.4-inverse.md")]

use dashu_ratio::RBig;
use nalgebra::DMatrix;
use proptest::prelude::*;
use serde::Serialize;

use super::undecided;
use crate::{
    claims::{Check, Claim, Control, Decision, Exactly, Measure, Statement, Verdict, strategies},
    enclosure::{Field, Undefined, dot, identity, lift, outer},
};

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
    pub(super) fn formula<F: Field>(&self, power: u32) -> Result<DMatrix<F>, Undefined> {
        let (g, inverse) = (lift::<F>(&self.gradient)?, F::one().over(&F::number(self.eta)?)?);
        let share = inverse.over(&(F::one() + inverse.power(power) * dot(&g, &g)))?;
        Ok((identity(g.len()) - outer(&g, &g) * share) * inverse)
    }

    /// $\eta I+gg^\top$: Lemma 2's Fisher for $N=1$.
    pub(super) fn fisher<F: Field>(&self) -> Result<DMatrix<F>, Undefined> {
        let g = lift::<F>(&self.gradient)?;
        Ok(identity::<F>(g.len()) * F::number(self.eta)? + outer(&g, &g))
    }
}

fn measure(case: &Case, power: u32) -> Measure {
    let (Ok(fisher), Ok(formula)) = (case.fisher::<f64>(), case.formula::<f64>(power)) else { return undecided() };
    let d = case.gradient.len();
    let residual = &fisher * &formula - DMatrix::identity(d, d);
    let scale = fisher.norm() * (formula.norm() + 1.0 / case.eta) + 1.0;
    Measure::vectors(residual.as_slice(), &vec![0.0; d * d], scale, d)
}

fn check(power: u32) -> Check {
    Check::new(cases(), move |case| measure(case, power)).exactly(
        "H times the formula as fractions: up to 9 integer entries, η in eighths",
        cases(),
        move |case| {
            let product = case.fisher::<RBig>()? * case.formula::<RBig>(power)?;
            Ok(Exactly::entries(&product, &identity(case.gradient.len())))
        },
    )
}

/// The inverse of section 6.4, $N=1$.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-6.4-inverse",
        source: "influence, section 6.4, second paragraph",
        hypotheses: &["H = ηI + ∇𝓛∇𝓛ᵀ, Lemma 2 as corrected with N = 1", "η > 0"],
        printed: Statement {
            text: "H⁻¹ = η⁻¹(I − η⁻¹ ∇𝓛∇𝓛ᵀ/(1 + η⁻¹∇𝓛ᵀ∇𝓛))",
            decision: Decision::Assertion(check(1)),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control { description: "η⁻¹ left out of the denominator", check: check(0) }),
        proof: include_str!("../../../proofs/influence/section-6.4-inverse.md"),
    }
}
