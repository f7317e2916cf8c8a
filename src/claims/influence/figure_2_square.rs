#![doc = include_str!("../../../proofs/influence/figure-2-square.md")]

use dashu_ratio::RBig;
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, LimitPoint, Measure, Statement},
    enclosure::Field,
};

/// The number of gradients.
#[derive(Debug, Clone, Serialize)]
struct Count {
    gradients: u32,
}

/// Vector operations of Lemma 2's recursion for `n` gradients, by walking through its loops; of the last sum alone unless `whole`.
fn operations(n: u64, whole: bool) -> u64 {
    let mut count = 0;
    for j in 0..n {
        if whole {
            // r_j: a product with each earlier gradient and a subtraction, then its own denominator.
            count += 2 * j + 1;
        }
        count += 2;
    }
    count
}

/// The cost of Sherman–Morrison.
pub fn claim() -> Claim {
    let check = |whole: bool| {
        Check::new((1u32..=4).prop_map(|gradients| Count { gradients }), move |case| {
            let points: Vec<LimitPoint> = (3..10)
                .map(|i| {
                    let n = u64::from(case.gradients) << i;
                    let ratio = operations(2 * n, whole) as f64 / operations(n, whole) as f64;
                    LimitPoint {
                        t: 1.0 / n as f64,
                        error: (ratio - 4.0).abs(),
                        kept: 4.0,
                        rounding: 8.0 * f64::EPSILON,
                    }
                })
                .collect();
            Measure::limit(&points)
        })
        // The count itself, in integers: N² + 2N.
        .exactly(
            "the count is N² + 2N",
            (1u32..=200).prop_map(|gradients| Count { gradients }),
            move |case| {
                let n = RBig::from(case.gradients);
                let counted = RBig::from(operations(u64::from(case.gradients), whole));
                Ok(Exactly::equal(&counted, &(n.squared() + RBig::from(2) * n)))
            },
        )
    };
    Claim {
        id: "influence.figure-2-square",
        source: "influence, caption of Figure 2, section 6.1",
        hypotheses: &["Lemma 2's recursion, one inverse-Hessian-vector product, vectors of d entries as unit; N → ∞"],
        printed: Statement::holds(
            "The computational complexity increases with the square of N for Sherman-Morrison formula",
            check(true),
        ),
        corrected: None,
        control: Some(Control::new("the final sum alone, with the r_j given", check(false))),
        proof: include_str!("../../../proofs/influence/figure-2-square.md"),
    }
}
