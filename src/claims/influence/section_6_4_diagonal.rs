#![doc = include_str!("../../../proofs/influence/section-6.4-diagonal.md")]

use dashu_ratio::RBig;
use nalgebra::DMatrix;
use proptest::prelude::*;

use super::{
    section_6_4_inverse::{Case, cases},
    undecided,
};
use crate::{
    claims::{Check, Claim, Control, Decision, Exactly, Measure, Statement, Verdict},
    enclosure::{Field, Undefined, dot, identity, lift},
};

/// Gradients without a zero entry, so that $\hat H^{-1}$ exists.
fn dense_cases() -> impl Strategy<Value = Case> {
    cases().prop_map(|mut case| {
        for g in &mut case.gradient {
            if *g == 0.0 {
                *g = 1.0;
            }
        }
        case
    })
}

/// $H^{-1}=c\,\hat H^{-1}$ for the $c$ that fits best, $\hat H_{ii}=g_i^2$.
fn proportional(case: &Case) -> Measure {
    let Ok(inverse) = case.formula::<f64>(1) else { return undecided() };
    let diagonal = DMatrix::from_diagonal(&super::column(&case.gradient).map(|g| 1.0 / (g * g)));
    let c = inverse.dot(&diagonal) / diagonal.norm_squared();
    let d = case.gradient.len();
    Measure::vectors(inverse.as_slice(), (&diagonal * c).as_slice(), inverse.norm() + 1.0 / case.eta, d)
        .with("best_factor", c)
}

/// The entries of $H^{-1}$, those off the diagonal if `off`.
fn entries<F: Field>(case: &Case, off: bool) -> Result<DMatrix<F>, Undefined> {
    let (g, eta) = (lift::<F>(&case.gradient)?, F::number(case.eta)?);
    let square = dot(&g, &g);
    let share = F::one().over(&(eta.clone() * (eta.clone() + square.clone())))?;
    Ok(DMatrix::from_fn(g.len(), g.len(), |i, j| match (i == j, off) {
        (true, _) => (eta.clone() + square.clone() - g[i].squared()) * share.clone(),
        (false, true) => -(g[i].clone() * g[j].clone() * share.clone()),
        (false, false) => F::zero(),
    }))
}

/// Against the inverse.
fn measure(case: &Case, off: bool) -> Measure {
    let (Ok(entries), Ok(fisher)) = (entries::<f64>(case, off), case.fisher::<f64>()) else { return undecided() };
    let square: f64 = case.gradient.iter().map(|g| g * g).sum();
    let condition = (case.eta + square) / case.eta;
    let Some(inverse) = fisher.try_inverse() else { return undecided() };
    Measure::vectors(inverse.as_slice(), entries.as_slice(), condition * inverse.norm(), case.gradient.len())
}

fn check(off: bool) -> Check {
    Check::new(cases(), move |case| measure(case, off)).exactly(
        "H times these entries as fractions: up to 9 integer entries of the gradient, η in eighths",
        cases(),
        move |case| {
            let product = case.fisher::<RBig>()? * entries::<RBig>(case, off)?;
            Ok(Exactly::entries(&product, &identity(case.gradient.len())))
        },
    )
}

/// The diagonal claim of section 6.4.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-6.4-diagonal",
        source: "influence, section 6.4, second paragraph",
        hypotheses: &["H⁻¹ as in section-6.4-inverse, η > 0", "no entry of the gradient zero, so that Ĥ⁻¹ exists"],
        printed: Statement {
            text: "η⁻¹(I − η⁻¹ ∇𝓛∇𝓛ᵀ/(1 + η⁻¹∇𝓛ᵀ∇𝓛)) ∝ Ĥ⁻¹, that Ĥ⁻¹ is a diagonal matrix that Ĥ_ii = (∇_{θ_i}𝓛 ∇_{θ_i}𝓛)",
            decision: Decision::Assertion(Check::new(dense_cases(), proportional)),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "(H⁻¹)_ij = −∇_i𝓛 ∇_j𝓛/(η(η + ‖∇𝓛‖²)) for i ≠ j and (η + ‖∇𝓛‖² − (∇_i𝓛)²)/(η(η + ‖∇𝓛‖²)) for i = j; diagonal exactly when at most one ∇_i𝓛 is not zero",
            decision: Decision::Assertion(check(true)),
            expected: Verdict::Holds,
        }),
        control: Some(Control { description: "the entries off the diagonal left out", check: check(false) }),
        proof: include_str!("../../../proofs/influence/section-6.4-diagonal.md"),
    }
}
