#![doc = include_str!("../../../proofs/influence/assumption-2.md")]

use super::boxed::{BOXES, Cubic, OVER, Pairs, pairs};
use crate::{
    claims::{Check, Claim, Control, Decision, Identity, Measure, Sides, Statement, Verdict},
    enclosure::{Field, Symbolic, Undefined},
};

/// $\mathcal L_2-\mathcal L_1-\mathcal L_1'(\theta_2-\theta_1)-\tfrac{k\lambda}2(\theta_2-\theta_1)^2$ over $(\theta_2-\theta_1)^2$, for $\theta_i=x_ir$: $\frac{cr}6\bigl(2(1+x_1)+(1+x_2)\bigr)+\frac{1-k}2\lambda$.
fn margin<F: Field>(on: &Cubic<F>, [x1, x2]: [&F; 2], convexity: &F) -> Result<F, Undefined> {
    let shares = F::integer(2) * (F::one() + x1.clone()) + (F::one() + x2.clone());
    let bent = (on.third.clone() * on.radius.clone() * shares).over(&F::integer(6))?;
    let excess = (F::one() - convexity.clone()) * on.constants()?.convexity;
    Ok(bent + excess.over(&F::integer(2))?)
}

/// $H_1-H_2=C_H(\theta_1-\theta_2)$, the margin is what it is said to be, and neither constant could be better.
struct Curvatures;

impl Identity for Curvatures {
    type Case = Pairs;

    fn sides<F: Symbolic>(&self, case: &Pairs) -> Result<Sides<F>, Undefined> {
        let on = case.on.cubic::<F>()?;
        let (c, [t1, t2, a, _]) = (on.constants()?, on.point(case.shares)?);
        let [x1, x2, ..] = case.shares.map(F::number);
        let step = t2.clone() - t1.clone();
        let below = on.loss(&t1, &a)?
            + on.gradient(&t1, &a)? * step.clone()
            + (c.convexity.clone() * step.squared()).over(&F::integer(2))?;
        let r = on.radius.clone();
        Ok(vec![
            [on.hessian(&t2) - on.hessian(&t1), c.hessian * step.clone()],
            [on.loss(&t2, &a)? - below, step.squared() * margin(&on, [&x1?, &x2?], &F::one())?],
            [on.hessian(&-r), c.convexity],
        ])
    }
}

/// The inequality of strong convexity itself, with `convexity` times $\lambda$.
fn bounded(case: &Pairs, convexity: f64) -> Result<Measure, Undefined> {
    let on = case.on.cubic::<f64>()?;
    let (c, [t1, t2, a, _]) = (on.constants()?, on.point(case.shares)?);
    let (size, step) = (on.curvature + on.mixed + on.third, t2 - t1);
    let below = on.loss(&t1, &a)? + on.gradient(&t1, &a)? * step + 0.5 * convexity * c.convexity * step * step;
    Ok(Measure::at_most(below, on.loss(&t2, &a)?, size, 16))
}

/// Assumption 2: smoothness and strong convexity.
pub fn claim() -> Claim {
    let check = |convexity: f64| {
        Check::new(pairs(), move |case| bounded(case, convexity).unwrap_or(Measure::truth(false))).enclosed(
            "L_2 ≥ L_1 + L_1' (θ_2 − θ_1) + λ/2 (θ_2 − θ_1)², over (θ_2 − θ_1)²",
            BOXES,
            move |x| {
                let on = Cubic { curvature: x[0], mixed: x[1], third: x[2], radius: x[3] };
                margin(&on, [&x[4], &x[5]], &convexity.into())
            },
        )
    };
    Claim {
        id: "influence.assumption-2",
        source: "influence, Assumption 2, section 3",
        hypotheses: &[
            "C_H the Lipschitz constant of the Hessian: the paper says only 'twice differentiable with constant C_H'",
        ],
        printed: Statement {
            text: "𝓛(θ, α) is twice differentiable with constant C_H and is λ-strongly convex with θ around θ*(α)",
            decision: Decision::Definition(Check::all(vec![Check::identity(OVER, pairs(), Curvatures), check(1.0)])),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control::new("twice λ", check(2.0))),
        proof: include_str!("../../../proofs/influence/assumption-2.md"),
    }
}
