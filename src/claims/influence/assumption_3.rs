#![doc = include_str!("../../../proofs/influence/assumption-3.md")]

use super::boxed::{OVER, Pairs, pairs};
use crate::{
    claims::{Check, Claim, Control, Decision, Identity, Sides, Statement, Verdict},
    enclosure::{Symbolic, Undefined},
};

/// The gradient in the weights moves by `factor` times $C_a$ for each unit of the gates: no more, and no less.
struct Moves {
    factor: f64,
}

impl Identity for Moves {
    type Case = Pairs;

    fn sides<F: Symbolic>(&self, case: &Pairs) -> Result<Sides<F>, Undefined> {
        let on = case.on.cubic::<F>()?;
        let [t, _, a1, a2] = on.point(case.shares)?;
        let bound = F::number(self.factor)? * on.constants()?.cross;
        Ok(vec![[on.gradient(&t, &a1)? - on.gradient(&t, &a2)?, bound * (a1 - a2)]])
    }
}

/// Assumption 3: the mixed derivative.
pub fn claim() -> Claim {
    let check = |factor| Check::identity(OVER, pairs(), Moves { factor });
    Claim {
        id: "influence.assumption-3",
        source: "influence, Assumption 3, section 3",
        hypotheses: &["the spectral norm"],
        printed: Statement {
            text: "‖∇²_{θα}𝓛‖ is bounded with constant C_a > 0",
            decision: Decision::Definition(check(1.0)),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control::new("half of C_a", check(0.5))),
        proof: include_str!("../../../proofs/influence/assumption-3.md"),
    }
}
