#![doc = include_str!("../../../proofs/snas/equation-11.md")]
#![doc = include_str!("../../../proofs/snas/section-2.4-analytic.md")]
#![doc = include_str!("../../../proofs/snas/section-2.4-differentiable.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{
    categorical::{Categorical, categoricals},
    cell::OPERATIONS,
    concrete,
    equation_24::{self, jacobian},
};
use crate::claims::{Check, Claim, Control, LimitPoint, Measure, Statement};

/// A distribution and $C(\mathbf O_{i,j})$, edges by operations.
#[derive(Debug, Clone, Serialize)]
struct Case {
    distribution: Categorical,
    costs: Vec<Vec<f64>>,
}

fn cases() -> impl Strategy<Value = Case> {
    categoricals(1..=4, 2..=3).prop_flat_map(|distribution| {
        let (edges, operations) = (distribution.alpha.len(), distribution.alpha[0].len());
        vec(vec((0u8..=9).prop_map(f64::from), operations), edges)
            .prop_map(move |costs| Case { distribution: distribution.clone(), costs })
    })
}

impl Case {
    /// $\mathbb E\lbrack C(\mathbf Z)\rbrack $ over all choices, $C=\sum_{i,j}\mathbf Z^\top C(\mathbf O)$.
    fn enumerated(&self) -> f64 {
        self.distribution.expect(|z| self.costs.iter().zip(z).map(|(costs, &k)| costs[k]).sum())
    }

    /// The right side of Eq. (11), each expectation taken as it stands, the inner with these probabilities.
    fn nested(&self, inner: impl Fn(&[f64]) -> Vec<f64>) -> f64 {
        let p = self.distribution.probabilities();
        let edge = |e: usize| {
            let others: Vec<Vec<f64>> =
                self.distribution.alpha.iter().enumerate().filter(|(f, _)| *f != e).map(|(_, a)| a.clone()).collect();
            let own: f64 = inner(&p[e]).iter().zip(&self.costs[e]).map(|(p, c)| p * c).sum();
            Categorical { alpha: others }.expect(|_| own)
        };
        (0..self.costs.len()).map(edge).sum()
    }

    fn measure(&self, right: f64) -> Measure {
        let left = self.enumerated();
        Measure::equality(left, right, left + right, self.distribution.choices().len() + 8)
    }
}

fn uniform(p: &[f64]) -> Vec<f64> {
    vec![1.0 / p.len() as f64; p.len()]
}

/// Eq. (11): the expected cost, edge by edge.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-11",
        source: "snas, Eq. (11), section 2.4",
        hypotheses: &["C linear in the one-hot variables, Eq. (10)", "p_α fully factorizable"],
        printed: Statement::holds(
            "𝔼_{Z∼p_α}[C(Z)] = Σ_{i,j} 𝔼_{Z_{\\i,j}∼p_α}[𝔼_{Z_{i,j}∼p_α}[Z_{i,j}ᵀ C(O_{i,j})]]",
            Check::new(cases(), |case| case.measure(case.nested(<[f64]>::to_vec))),
        ),
        corrected: None,
        control: Some(Control::new(
            "the inner expectation over equally likely operations",
            Check::new(cases(), |case| case.measure(case.nested(uniform))),
        )),
        proof: include_str!("../../../proofs/snas/equation-11.md"),
    }
}

/// $\sum_{i,j}\sum_k\frac{\alpha^k}{\sum_l\alpha^l}C(O^k_{i,j})$.
fn closed(case: &Case, probabilities: impl Fn(&[f64]) -> Vec<f64>) -> f64 {
    let edges = case.distribution.alpha.iter().zip(&case.costs);
    edges.map(|(alpha, costs)| probabilities(alpha).iter().zip(costs).map(|(p, c)| p * c).sum::<f64>()).sum()
}

/// The expected cost in closed form.
pub fn analytic() -> Claim {
    Claim {
        id: "snas.section-2.4-analytic",
        source: "snas, above Eq. (11), section 2.4",
        hypotheses: &["C linear in the one-hot variables, Eq. (10)", "analytically: a finite expression in α"],
        printed: Statement::holds(
            "In SNAS, p_α(Z) is fully factorizable, making it possible to calculate 𝔼_{Z∼p_α}[C(Z)] analytically",
            Check::new(cases(), |case| case.measure(closed(case, super::categorical::probabilities))),
        ),
        corrected: None,
        control: Some(Control::new(
            "the operations equally likely",
            Check::new(cases(), |case| case.measure(closed(case, uniform))),
        )),
        proof: include_str!("../../../proofs/snas/section-2.4-analytic.md"),
    }
}

/// One edge drawn by Eq. (5), and the costs of its operations.
#[derive(Debug, Clone, Serialize)]
struct Drawn {
    edge: equation_24::Case,
    costs: [f64; OPERATIONS],
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let cost = || (0u8..=9).prop_map(f64::from);
    (equation_24::cases(), [cost(), cost(), cost()]).prop_map(|(edge, costs)| Drawn { edge, costs })
}

/// The difference quotients of $C(\mathbf Z)=\mathbf Z^\top C(\mathbf O)$ in $\ln\alpha^0$ against `factor` times its derivative by Eq. (24).
fn quotients(case: &Drawn, factor: f64) -> Measure {
    let Drawn { edge, costs } = case;
    let slopes = jacobian(&edge.alpha, &edge.uniform, edge.temperature);
    let slope: f64 = (0..OPERATIONS).map(|l| costs[l] * slopes[l][0]).sum::<f64>() * edge.alpha[0];
    let size: f64 = (0..OPERATIONS).map(|l| costs[l] * slopes[l][0].abs()).sum::<f64>() * edge.alpha[0];
    let cost = |t: f64| {
        let mut alpha = edge.alpha;
        alpha[0] *= t.exp();
        let z = concrete::sample(&alpha, &edge.uniform, edge.temperature);
        z.iter().zip(costs).map(|(z, c)| z * c).sum::<f64>()
    };
    let total: f64 = costs.iter().sum();
    let points: Vec<LimitPoint> = (7..=11)
        .map(|n| 0.5f64.powi(n))
        .map(|t| LimitPoint {
            t,
            error: ((cost(t) - cost(-t)) / (2.0 * t) - factor * slope).abs(),
            kept: size + f64::MIN_POSITIVE,
            // Exponents of up to 14 carry that many roundings into each gate.
            rounding: 20.0 * f64::EPSILON * (total / t + size),
        })
        .collect();
    Measure::limit(&points)
}

/// Whether the cost can be differentiated.
pub fn differentiable() -> Claim {
    Claim {
        id: "snas.section-2.4-differentiable",
        source: "snas, below Eq. (9), section 2.4",
        hypotheses: &[
            "C(Z) by Eq. (10), Z by Eq. (5) with λ > 0, as L_θ(Z) is differentiated in section 2.2",
            "w.r.t. θ: C depends on no value of a parameter",
        ],
        printed: Statement::refuted(
            "not like L_θ(Z), C(Z) is not differentiable w.r.t. either θ or α",
            Check::new(drawn(), |case| {
                // What converges has a derivative: the statement is contradicted where the limit exists.
                let seen = quotients(case, 1.0);
                let exists = if seen.test_ratio().passes() { f64::INFINITY } else { 0.0 };
                Measure::ratio(crate::linalg::TestRatio(exists))
            }),
        ),
        corrected: Some(Statement::holds(
            "C(Z) is constant in θ, and ∂C/∂α_{i,j}^k = C(O_{i,j})ᵀ (δ(k'−k) − Z_{i,j}) Z_{i,j}^k 1/(λ α_{i,j}^k) through Eq. (5); for one-hot Z, 𝔼[C(Z)] is differentiable in α as well",
            Check::new(drawn(), |case| quotients(case, 1.0)),
        )),
        control: Some(Control::new("half of that derivative", Check::new(drawn(), |case| quotients(case, 0.5)))),
        proof: include_str!("../../../proofs/snas/section-2.4-differentiable.md"),
    }
}
