#![doc = include_str!("../../../proofs/poster/equation-5.md")]

use proptest::prelude::*;

use super::theorem_1::{Corrected, Printed, corrected_cases, printed_cases};
use crate::{
    claims::{
        Check, Claim, Control, Identity, Sides, Statement,
        influence::equation_5::{OVER, equation, parts},
    },
    enclosure::{Symbolic, Undefined, lift},
};

/// Eq. (5) for weights trained on one loss and judged on another. Third and higher derivatives are zero, so "≈" is "=".
struct TwoLosses;

impl Identity for TwoLosses {
    type Case = Printed;

    fn sides<F: Symbolic>(&self, case: &Printed) -> Result<Sides<F>, Undefined> {
        let (training, gates) = (case.training.quadratic::<F>()?, lift(&case.gates)?);
        let start = training.minimiser(&gates.map(|_| F::zero()))?;
        let parts = parts(&case.validation.quadratic()?, [&start, &training.minimiser(&gates)?], &gates)?;
        Ok(vec![equation(parts, -1)?])
    }
}

/// Eq. (5) for one loss, with so many halves before its last term.
struct OneLoss(i32);

impl Identity for OneLoss {
    type Case = Corrected;

    fn sides<F: Symbolic>(&self, case: &Corrected) -> Result<Sides<F>, Undefined> {
        let (loss, start, gates) = (case.loss.quadratic::<F>()?, lift(&case.weights)?, lift(&case.gates)?);
        let parts = parts(&loss, [&start, &loss.minimiser(&gates)?], &gates)?;
        Ok(vec![equation(parts, self.0)?])
    }
}

/// Equation (5), where nothing is left out.
pub fn claim() -> Claim {
    let check = |halves| Check::identity(OVER, corrected_cases().prop_map(Corrected::flat), OneLoss(halves));
    Claim {
        id: "poster.equation-5",
        source: "poster, Eq. (5), part II",
        hypotheses: &[
            "θ* = argmin L_train(·, α), θ̂* = argmin L_train(·, α̂), 𝓛 the validation loss (the poster's Eq. (1))",
            "∂𝓛(θ*, α̂)/∂θ = 0, as printed in the theorem it stands in",
            "∂²𝓛/∂θ∂θ positive definite, third and higher derivatives zero, α̂ − α of any size",
        ],
        printed: Statement::refuted(
            "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ 𝓛(θ*, α̂) − 𝓛(θ*, α) − 1/2 ∂𝓛(θ*, α̂)/∂θᵀ [∂²𝓛(θ*, α̂)/∂θ∂θ]⁻¹ ∂𝓛(θ*, α̂)/∂θ",
            Check::identity(OVER, printed_cases().prop_map(Printed::flat), TwoLosses),
        ),
        corrected: Some(Statement::holds(
            "the same, with = for ≈, where ∂𝓛(θ̂*, α̂)/∂θ = 0 and 𝓛 is quadratic in θ, for any θ*",
            check(-1),
        )),
        control: Some(Control::new("the corrected equation with + before its last term", check(1))),
        proof: include_str!("../../../proofs/poster/equation-5.md"),
    }
}
