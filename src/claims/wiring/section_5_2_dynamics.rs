#![doc = include_str!("../../../proofs/wiring/section-5.2-dynamics.md")]

use dashu_ratio::RBig;
use num_dual::{Dual64, DualNum};
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement, strategies},
    cost::cross_entropy::row,
    enclosure::{Dual, Field, Undefined, inner, sum},
    linalg::TestRatio,
};

/// Two networks, their logits and how these and the probability of the first move in time.
#[derive(Debug, Clone, Serialize)]
struct Moving {
    logits: [Vec<f64>; 2],
    speeds: [Vec<f64>; 2],
    label: usize,
    odds: f64,
    drift: f64,
}

fn moving() -> impl Strategy<Value = Moving> + Send + Sync {
    let four = || strategies::integers(4);
    ([four(), four()], [four(), four()], 0usize..4, strategies::integer(), strategies::integer())
        .prop_map(|(logits, speeds, label, odds, drift)| Moving { logits, speeds, label, odds, drift })
}

/// $\dot C=\dot L-\dot H$ with the expectation over $\alpha$; the entropy's $\alpha$ does not move if `frozen`.
fn rates(case: &Moving, frozen: bool) -> Measure {
    let odds = Dual64::new(case.odds, case.drift);
    let share = ((-odds).exp() + 1.0).recip();
    let still = Dual64::from(share.re);
    let of = |i: usize| {
        let dual: Vec<Dual64> = case.logits[i].iter().zip(&case.speeds[i]).map(|(&y, &v)| Dual64::new(y, v)).collect();
        row(&dual, case.label, &mut [Dual64::from(0.0); 4])
    };
    let (a, b) = (of(0), of(1));
    let mean = |x: Dual64, y: Dual64, share: Dual64| (x * share + y * (-share + 1.0)).eps;
    let cost = mean(a.cost, b.cost, share);
    let loss = mean(a.loss, b.loss, share);
    let entropy = mean(a.entropy, b.entropy, if frozen { still } else { share });
    let size: f64 = case.logits.iter().chain(&case.speeds).flatten().map(|x| x.abs() + 1.0).product::<f64>().min(1e4);
    // A rate that is zero up to rounding has no sign.
    let sign = (cost < 0.0) == (loss < entropy) || TestRatio::identity(cost, 0.0, size, 8).passes();
    Measure::equality(cost, loss - entropy, size, 8).and(Measure::truth(sign))
}

/// The same identity in fractions: any positive integer stands for $e^Y$ and any rational for $\ln\sum e^Y$, with the slopes that the chain rule gives them.
fn exact_rates(case: &Moving, frozen: bool) -> Result<Exactly, Undefined> {
    let dual = |value: f64, slope: f64| Ok(Dual { value: RBig::number(value)?, slope: RBig::number(slope)? });
    let network = |i: usize| {
        let pairs = case.logits[i].iter().zip(&case.speeds[i]);
        let y = pairs.map(|(&y, &v)| dual(y, v)).collect::<Result<Vec<_>, Undefined>>()?;
        // e^Y moves by e^Y Ẏ.
        let exponential = |(k, y): (usize, &Dual<RBig>)| {
            let value = RBig::integer(1 + ((k as i32 + 2) * (i as i32 + 3)) % 7);
            Dual { slope: &value * &y.slope, value }
        };
        let e: Vec<Dual<RBig>> = y.iter().enumerate().map(exponential).collect();
        let total = sum(e.iter().cloned());
        let log = Dual { value: RBig::integer(5), slope: total.slope.over(&total.value)? };
        let p = e.iter().map(|e| e.over(&total)).collect::<Result<Vec<_>, _>>()?;
        let mean = inner(&p, &y);
        let label = y[case.label].clone();
        Ok([mean.clone() - label.clone(), log.clone() - label, log - mean])
    };
    let ([c, l, h], [c_other, l_other, h_other]) = (network(0)?, network(1)?);
    // σ(α) is some number between 0 and 1, and moves by σ(1 − σ)α̇.
    let share = RBig::ONE.over(&RBig::from(2 + case.label as i32))?;
    let drift = &share * (RBig::ONE - &share) * RBig::number(case.drift)?;
    let moves = Dual { value: share.clone(), slope: drift };
    let still = Dual::constant(share);
    let mean = |a: Dual<RBig>, b: Dual<RBig>, share: &Dual<RBig>| {
        (a * share.clone() + b * (Dual::constant(RBig::ONE) - share.clone())).slope
    };
    let entropy = mean(h, h_other, if frozen { &still } else { &moves });
    Ok(Exactly::equal(&mean(c, c_other, &moves), &(mean(l, l_other, &moves) - entropy)))
}

/// The cost sum in time.
pub fn claim() -> Claim {
    const OVER: &str = "the display as fractions: integers for Y and its speed, any positive ones for e^Y";
    Claim {
        id: "wiring.section-5.2-dynamics",
        source: "wiring, the display after Eq. 9 and the sentence below it, section 5.2",
        hypotheses: &["as for Theorem 2", "logits and the distribution of architectures move smoothly in time, both"],
        printed: Statement::holds(
            "∂C_sum(t)/∂t = ∂E_α[C_Z(t)]/∂t = ∂E_α[L_θ(t)]/∂t − ∂E_α[H_θ(t)]/∂t; the cost sum in one batch decreases locally if ∂E_α[L_θ(t)]/∂t < ∂E_α[H_θ(t)]/∂t and increases locally if >",
            Check::new(moving(), |case| rates(case, false)).exactly(OVER, moving(), |case| exact_rates(case, false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "α held fixed in the entropy's expectation",
            Check::new(moving(), |case| rates(case, true)).exactly(OVER, moving(), |case| exact_rates(case, true)),
        )),
        proof: include_str!("../../../proofs/wiring/section-5.2-dynamics.md"),
    }
}
