#![doc = include_str!("../../../proofs/snas/equation-3.md")]
#![doc = include_str!("../../../proofs/snas/equation-16.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::categorical::{Categorical, categoricals};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement, strategies},
    enclosure::{Symbolic, Undefined, inner, numbers, shares},
};

/// A distribution and a reward for each of its choices.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) distribution: Categorical,
    pub(super) rewards: Vec<f64>,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    categoricals(1..=3, 2..=3).prop_flat_map(|distribution| {
        vec(strategies::integer(), distribution.choices().len())
            .prop_map(move |rewards| Case { distribution: distribution.clone(), rewards })
    })
}

/// $\mathbb E\lbrack R\rbrack $ over all choices at once, by their probabilities or as if all were equally likely, against edge by edge, the last edge innermost.
struct Expectation {
    uniform: bool,
}

impl Identity for Expectation {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let rewards = numbers::<F>(&case.rewards)?;
        let mut p: Vec<F> = case.distribution.outcomes()?.into_iter().map(|(_, p)| p).collect();
        if self.uniform {
            p = shares(&vec![F::one(); p.len()])?;
        }
        let at_once = inner(&p, &rewards);
        let mut values = rewards;
        for p in case.distribution.probabilities::<F>()?.iter().rev() {
            values = values.chunks(p.len()).map(|v| inner(v, p)).collect();
        }
        Ok(vec![[at_once, values.remove(0)]])
    }
}

fn check(uniform: bool) -> Check {
    Check::identity("up to 27 choices with integer weights and rewards", cases(), Expectation { uniform })
}

/// Eq. (3): the objective.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-3",
        source: "snas, Eq. (3), section 2.1",
        hypotheses: &["p_α(Z) fully factorizable: edges independent, p(Z_{i,j}^k = 1) = α^k/Σ_l α^l"],
        printed: Statement::defines("𝔼_{Z∼p_α(Z)}[R(Z)]", check(false)),
        corrected: None,
        control: Some(Control::new("all choices equally likely", check(true))),
        proof: include_str!("../../../proofs/snas/equation-3.md"),
    }
}

/// Eq. (16): the same, restated.
pub fn restated() -> Claim {
    Claim {
        id: "snas.equation-16",
        source: "snas, Eq. (16), appendix B",
        proof: include_str!("../../../proofs/snas/equation-16.md"),
        ..claim()
    }
}
