#![doc = include_str!("../../../proofs/influence/section-3-first-part.md")]

use super::{
    equation_5::{OVER, parts},
    expansion::{Kind, Nudge, nudges},
};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, lift},
};

/// The first part of Eq. (5) against the true change, retrained, plus `quarters` of $g^\top H^{-1}g$.
struct FirstPart {
    quarters: i32,
}

impl Identity for FirstPart {
    type Case = Nudge;

    fn sides<F: Symbolic>(&self, case: &Nudge) -> Result<Sides<F>, Undefined> {
        let (loss, gates) = (case.loss.quadratic::<F>()?, lift(&case.direction)?);
        let start = loss.minimiser(&gates.map(|_| F::zero()))?;
        let [after, before, moved, product] = parts(&loss, [&start, &loss.minimiser(&gates)?], &gates)?;
        let share = F::integer(self.quarters).over(&F::integer(4))?;
        Ok(vec![[moved - before.clone(), after - before + share * product]])
    }
}

/// DARTS-PT and Eq. (5).
pub fn claim() -> Claim {
    let check =
        |quarters| Check::identity(OVER, nudges(Kind { bent: false, optimal_gates: false }), FirstPart { quarters });
    Claim {
        id: "influence.section-3-first-part",
        source: "influence, below Theorem 1, section 3",
        hypotheses: &["a loss quadratic in θ, H positive definite; one step of discretisation α → α̂"],
        printed: Statement::holds(
            "remove one candidate operation from one edge as DARTS-PT which can be formulated as the first part of Eq. (5), 𝓛(θ*, α̂) − 𝓛(θ*, α)",
            check(2),
        ),
        corrected: None,
        control: Some(Control::new("half of the quadratic term kept", check(1))),
        proof: include_str!("../../../proofs/influence/section-3-first-part.md"),
    }
}
