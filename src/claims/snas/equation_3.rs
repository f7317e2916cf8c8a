#![doc = include_str!("../../../proofs/snas/equation-3.md")]
#![doc = include_str!("../../../proofs/snas/equation-16.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::categorical::{Categorical, categoricals};
use crate::claims::{Check, Claim, Control, Measure, Statement, strategies};

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

impl Case {
    /// $\mathbb E\lbrack R\rbrack $ over all choices at once.
    fn expectation(&self, probability: impl Fn(&[usize]) -> f64) -> f64 {
        self.distribution.choices().iter().zip(&self.rewards).map(|(z, r)| probability(z) * r).sum()
    }

    /// $\mathbb E\lbrack R\rbrack $ edge by edge, the last edge innermost.
    fn iterated(&self) -> f64 {
        let mut values = self.rewards.clone();
        for p in self.distribution.probabilities().iter().rev() {
            values = values.chunks(p.len()).map(|v| v.iter().zip(p).map(|(v, p)| v * p).sum()).collect();
        }
        values[0]
    }

    fn measure(&self, probability: impl Fn(&[usize]) -> f64) -> Measure {
        let size = self.rewards.iter().fold(0.0, |m: f64, r| m.max(r.abs()));
        Measure::equality(self.expectation(probability), self.iterated(), size, self.rewards.len())
    }
}

/// Eq. (3): the objective.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-3",
        source: "snas, Eq. (3), section 2.1",
        hypotheses: &["p_α(Z) fully factorizable: edges independent, p(Z_{i,j}^k = 1) = α^k/Σ_l α^l"],
        printed: Statement::defines(
            "𝔼_{Z∼p_α(Z)}[R(Z)]",
            Check::new(cases(), |case| case.measure(|z| case.distribution.probability(z))),
        ),
        corrected: None,
        control: Some(Control::new(
            "all choices equally likely",
            Check::new(cases(), |case| case.measure(|_| 1.0 / case.rewards.len() as f64)),
        )),
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
