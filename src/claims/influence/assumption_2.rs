#![doc = include_str!("../../../proofs/influence/assumption-2.md")]

use super::boxed::{Pairs, pairs};
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict};

/// $\lvert H_1-H_2\rvert\le C_H\lvert\theta_1-\theta_2\rvert$ and $\mathcal L_2\ge\mathcal L_1+\mathcal L_1'(\theta_2-\theta_1)+\tfrac\lambda2(\theta_2-\theta_1)^2$, with
/// `convexity` times $\lambda$; neither constant could be better.
fn measure(case: &Pairs, convexity: f64) -> Measure {
    let (l, c, [t1, t2, a, _]) = (&case.on, case.on.constants(), case.points);
    let (lambda, size, step) = (convexity * c.convexity, l.size(), t2 - t1);
    let below = l.loss(t1, a) + l.gradient(t1, a) * step + 0.5 * lambda * step * step;
    let r = l.radius;
    Measure::at_most((l.hessian(t1) - l.hessian(t2)).abs(), c.hessian * step.abs(), size, 8)
        .and(Measure::at_most(below, l.loss(t2, a), size, 16))
        .and(Measure::equality(l.hessian(r) - l.hessian(-r), c.hessian * 2.0 * r, size, 8))
        .and(Measure::equality(l.hessian(-r), lambda, size, 8))
}

/// Assumption 2: smoothness and strong convexity.
pub fn claim() -> Claim {
    Claim {
        id: "influence.assumption-2",
        source: "influence, Assumption 2, section 3",
        hypotheses: &[
            "C_H the Lipschitz constant of the Hessian: the paper says only 'twice differentiable with constant C_H'",
        ],
        printed: Statement {
            text: "𝓛(θ, α) is twice differentiable with constant C_H and is λ-strongly convex with θ around θ*(α)",
            decision: Decision::Definition(Check::new(pairs(), |case| measure(case, 1.0))),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control { description: "twice λ", check: Check::new(pairs(), |case| measure(case, 2.0)) }),
        proof: include_str!("../../../proofs/influence/assumption-2.md"),
    }
}
