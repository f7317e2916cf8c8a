#![doc = include_str!("../../../proofs/wiring/appendix-f-normal-logits.md")]

use dashu_ratio::RBig;
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement, strategies},
    enclosure::{Field, Undefined},
};

/// Channels and the variances of features and weights.
#[derive(Debug, Clone, Serialize)]
struct Products {
    channels: u32,
    features: f64,
    weights: f64,
}

/// Second and fourth moment of $\sum_cx_cw_c$ for independent centred normal factors, channel by channel; `fourth` that of one product over
/// the square of its second.
fn moments<F: Field>(case: &Products, fourth: i32) -> Result<(F, F), Undefined> {
    let second = F::number(case.features)? * F::number(case.weights)?;
    Ok((0..case.channels).fold((F::zero(), F::zero()), |(m2, m4), _| {
        let mixed = F::integer(6) * m2.clone() * second.clone();
        (m2 + second.clone(), m4 + mixed + F::integer(fourth) * second.squared())
    }))
}

/// $3(1+2/C)$, or 3 where the limit is meant.
fn kurtosis<F: Field>(case: &Products, limit: bool) -> Result<F, Undefined> {
    let excess = if limit { F::zero() } else { F::integer(2).over(&F::integer(case.channels as i32))? };
    Ok(F::integer(3) * (F::one() + excess))
}

/// The distribution of the logits at initialisation.
pub fn claim() -> Claim {
    let strategy =
        || {
            (1u32..=16, strategies::fraction(), strategies::fraction())
                .prop_map(|(channels, features, weights)| Products { channels, features, weights })
        };
    let check = |fourth: i32, limit: bool| {
        let sampled = move |case: &Products| {
            let (Ok((m2, m4)), Ok(expected)) = (moments::<f64>(case, fourth), kurtosis::<f64>(case, limit)) else {
                return Measure::truth(false);
            };
            Measure::equality(m4 / (m2 * m2), expected, expected, 4 * case.channels as usize)
                .with("fourth_moment_over_square_of_second", m4 / (m2 * m2))
        };
        let exact = move |case: &Products| {
            let (m2, m4) = moments::<RBig>(case, fourth)?;
            Ok(Exactly::equal(&m4.over(&m2.squared())?, &kurtosis(case, limit)?))
        };
        Check::new(strategy(), sampled).exactly(
            "the moments as fractions: up to 16 channels, variances in eighths",
            strategy(),
            exact,
        )
    };
    // E x⁴ E w⁴ = 3 · 3.
    Claim {
        id: "wiring.appendix-f-normal-logits",
        source: "wiring, below Fig. 23, appendix F",
        hypotheses: &["[X_p]_{b,c} and w_{c,n} independent, normal and centred, C channels"],
        printed: Statement::refuted(
            "With [X_p]_{b,c} ∼ N(0,·), w_{c,n} ∼ N(0,·) at the initialization point, we have y1, y2 ∼ N(0,·)",
            check(9, true),
        ),
        corrected: Some(Statement::holds(
            "the logits have E[y⁴] = 3(1 + 2/C) E[y²]²: normal only as C → ∞, or given the features",
            check(9, false),
        )),
        control: Some(Control::new("one product as if it were normal, fourth moment 3", check(3, false))),
        proof: include_str!("../../../proofs/wiring/appendix-f-normal-logits.md"),
    }
}
