#![doc = include_str!("../../../proofs/influence/assumption-1.md")]

use super::boxed::{Pairs, pairs};
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict};

/// Both Lipschitz inequalities between two points, and that neither constant could be smaller: it is the slope at a corner.
fn measure(case: &Pairs, gates: f64) -> Measure {
    let (l, c, [t1, t2, a1, a2]) = (&case.on, case.on.constants(), case.points);
    let (in_weights, in_gates) = (c.in_weights, gates * c.in_gates);
    let size = l.size();
    let along_weights =
        Measure::at_most((l.loss(t1, a1) - l.loss(t2, a1)).abs(), in_weights * (t1 - t2).abs(), size, 8);
    let along_gates = Measure::at_most((l.loss(t1, a1) - l.loss(t1, a2)).abs(), in_gates * (a1 - a2).abs(), size, 8);
    let r = l.radius;
    let corners = || [(-r, -r), (-r, r), (r, -r), (r, r)].into_iter();
    let steepest = corners().map(|(t, a)| l.gradient(t, a).abs()).fold(0.0, f64::max);
    let costliest = corners().map(|(t, a)| (l.loss(t, a) - l.loss(t, -a)).abs() / (2.0 * r)).fold(0.0, f64::max);
    along_weights.and(along_gates).and(Measure::equality(steepest, in_weights, size, 8)).and(Measure::equality(
        costliest,
        in_gates,
        size / r,
        8,
    ))
}

/// Assumption 1: Lipschitz continuity.
pub fn claim() -> Claim {
    Claim {
        id: "influence.assumption-1",
        source: "influence, Assumption 1, section 3",
        hypotheses: &["θ and α confined to a bounded domain around θ*(α): see the derivation for why not everywhere"],
        printed: Statement {
            text: "For any θ and α, 𝓛(·, α) and 𝓛(θ, ·) are Lipschitz continuous with C_f > 0 and C_L > 0, respectively",
            decision: Decision::Definition(Check::new(pairs(), |case| measure(case, 1.0))),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control { description: "half of C_L", check: Check::new(pairs(), |case| measure(case, 0.5)) }),
        proof: include_str!("../../../proofs/influence/assumption-1.md"),
    }
}
