#![doc = include_str!("../../../proofs/snas/equation-9.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::categorical::{Categorical, categoricals};
use crate::claims::{Check, Claim, Control, Measure, Statement, strategies};

/// A loss and a cost for each choice.
#[derive(Debug, Clone, Serialize)]
struct Case {
    distribution: Categorical,
    loss: Vec<f64>,
    cost: Vec<f64>,
    eta: f64,
}

fn cases() -> impl Strategy<Value = Case> {
    categoricals(1..=3, 2..=3).prop_flat_map(|distribution| {
        let count = distribution.choices().len();
        (vec(strategies::integer(), count), vec((0u8..=8).prop_map(f64::from), count), strategies::fraction())
            .prop_map(move |(loss, cost, eta)| Case { distribution: distribution.clone(), loss, cost, eta })
    })
}

/// Both sides; `weight` stands for $\eta$ on the right.
fn measure(case: &Case, weight: impl Fn(f64) -> f64) -> Measure {
    let p: Vec<f64> = case.distribution.choices().iter().map(|z| case.distribution.probability(z)).collect();
    let expect = |f: &dyn Fn(usize) -> f64| p.iter().enumerate().map(|(n, p)| p * f(n)).sum::<f64>();
    let left = expect(&|n| case.loss[n] + case.eta * case.cost[n]);
    let right = expect(&|n| case.loss[n]) + weight(case.eta) * expect(&|n| case.cost[n]);
    let terms = expect(&|n| case.loss[n].abs() + case.eta * case.cost[n]);
    Measure::equality(left, right, terms, p.len() + 4)
}

/// Eq. (9): the regularised objective.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-9",
        source: "snas, Eq. (9), section 2.4",
        hypotheses: &["any loss and any cost of the child graph, with finite expectations"],
        printed: Statement::holds(
            "𝔼_{Z∼p_α(Z)}[L_θ(Z) + ηC(Z)] = 𝔼_{Z∼p_α(Z)}[L_θ(Z)] + η 𝔼_{Z∼p_α(Z)}[C(Z)]",
            Check::new(cases(), |case| measure(case, |eta| eta)),
        ),
        corrected: None,
        control: Some(Control::new("η² on the right", Check::new(cases(), |case| measure(case, |eta| eta * eta)))),
        proof: include_str!("../../../proofs/snas/equation-9.md"),
    }
}
