#![doc = include_str!("../../../proofs/snas/equation-9.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::categorical::{Categorical, categoricals};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement, strategies},
    enclosure::{Symbolic, Undefined, inner, numbers},
};

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

/// Both sides; on the right $\eta$ or its square.
struct Regularised {
    squared: bool,
}

impl Identity for Regularised {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let (loss, cost, eta) = (numbers::<F>(&case.loss)?, numbers::<F>(&case.cost)?, F::number(case.eta)?);
        let p: Vec<F> = case.distribution.outcomes()?.into_iter().map(|(_, p)| p).collect();
        let whole: Vec<F> = loss.iter().zip(&cost).map(|(l, c)| l.clone() + eta.clone() * c.clone()).collect();
        let weight = if self.squared { eta.squared() } else { eta };
        Ok(vec![[inner(&p, &whole), inner(&p, &loss) + weight * inner(&p, &cost)]])
    }
}

fn check(squared: bool) -> Check {
    Check::identity("up to 27 choices with integer weights, losses and costs", cases(), Regularised { squared })
}

/// Eq. (9): the regularised objective.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-9",
        source: "snas, Eq. (9), section 2.4",
        hypotheses: &["any loss and any cost of the child graph, with finite expectations"],
        printed: Statement::holds(
            "𝔼_{Z∼p_α(Z)}[L_θ(Z) + ηC(Z)] = 𝔼_{Z∼p_α(Z)}[L_θ(Z)] + η 𝔼_{Z∼p_α(Z)}[C(Z)]",
            check(false),
        ),
        corrected: None,
        control: Some(Control::new("η² on the right", check(true))),
        proof: include_str!("../../../proofs/snas/equation-9.md"),
    }
}
