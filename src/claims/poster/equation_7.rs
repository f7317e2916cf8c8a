#![doc = include_str!("../../../proofs/poster/equation-7.md")]

use proptest::prelude::*;

use super::theorem_2::{Case, Formula, corrected_cases, printed_cases};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, dot, lift, solve, solve_vector},
};

/// The change of the loss with retrained weights against a formula. Third and higher derivatives are zero, so "≈" is "=", for $\Delta\alpha=\delta$ of any size.
impl Identity for Formula {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let (loss, change) = (case.loss.quadratic::<F>()?, lift::<F>(&case.direction)?);
        let origin = change.map(|_| F::zero());
        let start = loss.minimiser(&origin)?;
        let truth = loss.value(&loss.minimiser(&change)?, &change)? - loss.value(&start, &origin)?;
        let first = dot(&loss.by_gates(&start, &origin), &change);
        let moved = loss.cross.transpose() * &change;
        let retraining = -dot(&moved, &solve_vector(&loss.hessian, &moved)?);
        let curvature = dot(&change, &(&loss.gate_hessian * &change));
        let twice = match self {
            Self::Printed => {
                // A H⁻¹ H, as it stands.
                let product = &loss.gate_hessian * solve(&loss.hessian, &loss.hessian)?;
                -dot(&change, &(product * &change))
            }
            Self::Corrected => F::integer(2) * first + curvature + retraining,
            Self::WithoutGateCurvature => F::integer(2) * first + retraining,
        };
        Ok(vec![[truth, twice.over(&F::integer(2))?]])
    }
}

/// Equation (7), where nothing is left out.
pub fn claim() -> Claim {
    const OVER: &str = "quadratics with integer coefficients, integer changes of the gates";
    let check = |formula| Check::identity(OVER, corrected_cases().prop_map(Case::flat), formula);
    Claim {
        id: "poster.equation-7",
        source: "poster, Eq. (7), part II",
        hypotheses: &[
            "∂𝓛/∂θ = 0 and ∂𝓛/∂α = 0 at (θ*, α), θ̂* = argmin 𝓛(·, α + Δα)",
            "the joint Hessian positive definite, third and higher derivatives zero",
            "dim α = dim θ, without which the printed product does not exist",
        ],
        printed: Statement::refuted(
            "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ −1/2 Δαᵀ ∂²𝓛(θ*, α)/∂α∂α H⁻¹ ∂²𝓛(θ*, α)/∂θ∂θ Δα",
            Check::identity(OVER, printed_cases().prop_map(Case::flat), Formula::Printed),
        ),
        corrected: Some(Statement::holds(
            "Δ𝓛 = Δαᵀ ∂𝓛/∂α + 1/2 Δαᵀ (∂²𝓛/∂α∂α − ∂²𝓛/∂α∂θ H⁻¹ ∂²𝓛/∂θ∂α) Δα for quadratic 𝓛 with ∂𝓛(θ*, α)/∂θ = 0",
            check(Formula::Corrected),
        )),
        control: Some(Control::new(
            "the corrected equation without 1/2 Δαᵀ ∂²𝓛/∂α∂α Δα",
            check(Formula::WithoutGateCurvature),
        )),
        proof: include_str!("../../../proofs/poster/equation-7.md"),
    }
}
