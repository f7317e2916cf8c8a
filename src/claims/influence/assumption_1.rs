#![doc = include_str!("../../../proofs/influence/assumption-1.md")]

use super::boxed::{BOXES, Cubic, OVER, Pairs, pairs};
use crate::{
    claims::{Check, Claim, Control, Decision, Identity, Measure, Sides, Statement, Verdict},
    enclosure::{Field, Interval, Symbolic, Undefined},
};

/// $C_f-s$ and $C_f+s$, $s$ the slope of the chord of $\mathcal L(\cdot,\alpha)$ between $\theta_1=x_1r$ and $\theta_2=x_2r$ at $\alpha=zr$, as sums of products of $1\pm x$ and $1\pm z$;
/// likewise $gC_L\mp s$ between two gates at $\theta_1$.
struct Margins<F> {
    weights: [F; 2],
    gates: [F; 2],
}

/// $g$ is `share`.
fn margins<F: Field>(on: &Cubic<F>, [x1, x2, z]: [&F; 3], share: &F) -> Result<Margins<F>, Undefined> {
    let (r, one) = (on.radius.clone(), F::one());
    let (below1, below2) = (one.clone() - x1.clone(), one.clone() - x2.clone());
    let (above1, above2) = (one.clone() + x1.clone(), one.clone() + x2.clone());
    let line = |sum: F, gate: F| {
        Ok::<F, Undefined>((on.curvature.clone() * sum).over(&F::integer(2))? + on.mixed.clone() * gate)
    };
    // 3 − (x₁² + x₁x₂ + x₂²), and with + in place of −.
    let crossed = below1.clone() * above2.clone() + below2.clone() * above1.clone();
    let upper = below1.clone() * above1.clone() + below2.clone() * above2.clone() + crossed.over(&F::integer(2))?;
    let squares = x1.squared() + x2.squared() + (x1.clone() + x2.clone()).squared();
    let lower = F::integer(3) + squares.over(&F::integer(2))?;
    let bent = |x: F| (on.third.clone() * r.squared() * x).over(&F::integer(6));
    let weights = [
        r.clone() * line(below1 + below2, one.clone() - z.clone())? + bent(upper)?,
        r.clone() * line(above1 + above2, one + z.clone())? + bent(lower)?,
    ];
    let gates = [share.clone() - x1.clone(), share.clone() + x1.clone()].map(|x| on.mixed.clone() * r.clone() * x);
    Ok(Margins { weights, gates })
}

/// The margins are what they are said to be, and neither constant could be smaller: each is a slope at a corner or along a side.
struct Slopes;

impl Identity for Slopes {
    type Case = Pairs;

    fn sides<F: Symbolic>(&self, case: &Pairs) -> Result<Sides<F>, Undefined> {
        let on = case.on.cubic::<F>()?;
        let (c, [t1, t2, a1, a2]) = (on.constants()?, on.point(case.shares)?);
        let [x1, x2, z, _] = case.shares.map(F::number);
        let of = margins(&on, [&x1?, &x2?, &z?], &F::one())?;
        let (step, rise) = (t1.clone() - t2.clone(), on.loss(&t1, &a1)? - on.loss(&t2, &a1)?);
        let (turn, gain) = (a1.clone() - a2.clone(), on.loss(&t1, &a1)? - on.loss(&t1, &a2)?);
        let margin = |constant: &F, step: &F, rise: F| constant.clone() * step.clone() - rise;
        let r = on.radius.clone();
        let across = on.loss(&r, &r)? - on.loss(&r, &-r.clone())?;
        Ok(vec![
            [margin(&c.in_weights, &step, rise.clone()), step.clone() * of.weights[0].clone()],
            [margin(&c.in_weights, &step, -rise), step * of.weights[1].clone()],
            [margin(&c.in_gates, &turn, gain.clone()), turn.clone() * of.gates[0].clone()],
            [margin(&c.in_gates, &turn, -gain), turn * of.gates[1].clone()],
            [on.gradient(&r, &r)?, c.in_weights],
            [across, F::integer(2) * c.in_gates * r],
        ])
    }
}

/// The inequalities themselves, with `share` of $C_L$.
fn bounded(case: &Pairs, share: f64) -> Result<Measure, Undefined> {
    let on = case.on.cubic::<f64>()?;
    let (c, [t1, t2, a1, a2]) = (on.constants()?, on.point(case.shares)?);
    let size = on.curvature + on.mixed + on.third;
    let rise = (on.loss(&t1, &a1)? - on.loss(&t2, &a1)?).abs();
    let gain = (on.loss(&t1, &a1)? - on.loss(&t1, &a2)?).abs();
    Ok(Measure::at_most(rise, c.in_weights * (t1 - t2).abs(), size, 8).and(Measure::at_most(
        gain,
        share * c.in_gates * (a1 - a2).abs(),
        size,
        8,
    )))
}

/// A margin on every box.
fn enclosed(
    check: Check,
    inequality: &'static str,
    share: f64,
    which: impl Fn(Margins<Interval>) -> Interval + Send + Sync + 'static,
) -> Check {
    check.enclosed(inequality, BOXES, move |x| {
        let on = Cubic { curvature: x[0], mixed: x[1], third: x[2], radius: x[3] };
        Ok(which(margins(&on, [&x[4], &x[5], &x[6]], &share.into())?))
    })
}

/// Assumption 1: Lipschitz continuity.
pub fn claim() -> Claim {
    let sampled = |share: f64| Check::new(pairs(), move |case| bounded(case, share).unwrap_or(Measure::truth(false)));
    let gates = |share: f64| {
        let upper = enclosed(sampled(share), "C_L ≥ the slope in α", share, |of| of.gates[0]);
        enclosed(upper, "C_L ≥ minus the slope in α", share, |of| of.gates[1])
    };
    let upper = enclosed(gates(1.0), "C_f ≥ the slope of a chord in θ", 1.0, |of| of.weights[0]);
    let both = enclosed(upper, "C_f ≥ minus the slope of a chord in θ", 1.0, |of| of.weights[1]);
    Claim {
        id: "influence.assumption-1",
        source: "influence, Assumption 1, section 3",
        hypotheses: &["θ and α confined to a bounded domain around θ*(α): see the derivation for why not everywhere"],
        printed: Statement {
            text: "For any θ and α, 𝓛(·, α) and 𝓛(θ, ·) are Lipschitz continuous with C_f > 0 and C_L > 0, respectively",
            decision: Decision::Definition(Check::all(vec![Check::identity(OVER, pairs(), Slopes), both])),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control::new("half of C_L", gates(0.5))),
        proof: include_str!("../../../proofs/influence/assumption-1.md"),
    }
}
