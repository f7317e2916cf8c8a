#![doc = include_str!("../../../proofs/influence/assumption-3.md")]

use super::boxed::{Pairs, pairs};
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict};

/// The gradient in the weights is Lipschitz in the gates with `factor` times $C_a$, and with nothing smaller.
fn measure(case: &Pairs, factor: f64) -> Measure {
    let (l, [t, _, a1, a2]) = (&case.on, case.points);
    let (bound, size, r) = (factor * l.constants().cross, l.size(), l.radius);
    Measure::at_most((l.gradient(t, a1) - l.gradient(t, a2)).abs(), bound * (a1 - a2).abs(), size, 8)
        .and(Measure::equality(l.gradient(t, r) - l.gradient(t, -r), bound * 2.0 * r, size, 8))
}

/// Assumption 3: the mixed derivative.
pub fn claim() -> Claim {
    Claim {
        id: "influence.assumption-3",
        source: "influence, Assumption 3, section 3",
        hypotheses: &["the spectral norm"],
        printed: Statement {
            text: "‖∇²_{θα}𝓛‖ is bounded with constant C_a > 0",
            decision: Decision::Definition(Check::new(pairs(), |case| measure(case, 1.0))),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control { description: "half of C_a", check: Check::new(pairs(), |case| measure(case, 0.5)) }),
        proof: include_str!("../../../proofs/influence/assumption-3.md"),
    }
}
