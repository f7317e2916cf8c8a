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
use crate::{
    claims::{Check, Claim, Control, Identity, LimitPoint, Measure, Sides, Statement},
    enclosure::{Symbolic, Undefined, inner, numbers, shares, sum},
};

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

/// What stands on the right.
#[derive(Clone, Copy)]
enum Right {
    /// Eq. (11), each expectation taken as it stands.
    Nested,
    /// $\sum_{i,j}\sum_k\frac{\alpha^k}{\sum_l\alpha^l}C(O^k_{i,j})$.
    Closed,
}

/// $\mathbb E\lbrack C(\mathbf Z)\rbrack $ over all choices, $C=\sum_{i,j}\mathbf Z^\top C(\mathbf O)$, against one of these; an operation of an edge as likely as any other if `uniform`.
struct Expected {
    right: Right,
    uniform: bool,
}

impl Identity for Expected {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let costs = case.costs.iter().map(|c| numbers::<F>(c)).collect::<Result<Vec<_>, _>>()?;
        let p = case.distribution.probabilities::<F>()?;
        let own = |e: usize| -> Result<F, Undefined> {
            let p = if self.uniform { shares(&vec![F::one(); p[e].len()])? } else { p[e].clone() };
            Ok(inner(&p, &costs[e]))
        };
        let edge = |e: usize| match self.right {
            Right::Closed => own(e),
            Right::Nested => {
                let mut others = case.distribution.clone();
                others.alpha.remove(e);
                others.expect(|_| own(e))
            }
        };
        let left = case.distribution.expect(|z| Ok(sum(costs.iter().zip(z).map(|(c, &k)| c[k].clone()))))?;
        Ok(vec![[left, sum((0..costs.len()).map(edge).collect::<Result<Vec<F>, _>>()?)]])
    }
}

fn check(right: Right, uniform: bool) -> Check {
    Check::identity("up to 81 choices with integer weights and costs", cases(), Expected { right, uniform })
}

/// Eq. (11): the expected cost, edge by edge.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-11",
        source: "snas, Eq. (11), section 2.4",
        hypotheses: &["C linear in the one-hot variables, Eq. (10)", "p_α fully factorizable"],
        printed: Statement::holds(
            "𝔼_{Z∼p_α}[C(Z)] = Σ_{i,j} 𝔼_{Z_{\\i,j}∼p_α}[𝔼_{Z_{i,j}∼p_α}[Z_{i,j}ᵀ C(O_{i,j})]]",
            check(Right::Nested, false),
        ),
        corrected: None,
        control: Some(Control::new("the inner expectation over equally likely operations", check(Right::Nested, true))),
        proof: include_str!("../../../proofs/snas/equation-11.md"),
    }
}

/// The expected cost in closed form.
pub fn analytic() -> Claim {
    Claim {
        id: "snas.section-2.4-analytic",
        source: "snas, above Eq. (11), section 2.4",
        hypotheses: &["C linear in the one-hot variables, Eq. (10)", "analytically: a finite expression in α"],
        printed: Statement::holds(
            "In SNAS, p_α(Z) is fully factorizable, making it possible to calculate 𝔼_{Z∼p_α}[C(Z)] analytically",
            check(Right::Closed, false),
        ),
        corrected: None,
        control: Some(Control::new("the operations equally likely", check(Right::Closed, true))),
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

/// The same where the first operation costs something and the others nothing: the derivative is not 0.
fn sloped() -> impl Strategy<Value = Drawn> {
    (equation_24::cases(), (1u8..=9).prop_map(f64::from)).prop_map(|(mut edge, cost)| {
        edge.temperature = edge.temperature.max(1.0);
        Drawn { edge, costs: [cost, 0.0, 0.0] }
    })
}

/// $\alpha^0\,\partial C/\partial\alpha^0$ by Eq. (24).
fn slope(case: &Drawn) -> Result<f64, Undefined> {
    let Drawn { edge, costs } = case;
    let slopes = jacobian::<f64>(&edge.alpha, &edge.uniform, edge.temperature)?;
    Ok((0..OPERATIONS).map(|l| costs[l] * slopes[l][0]).sum::<f64>() * edge.alpha[0])
}

/// The difference quotients of $C(\mathbf Z)=\mathbf Z^\top C(\mathbf O)$ in $\ln\alpha^0$ against `factor` times its derivative by Eq. (24).
fn quotients(case: &Drawn, factor: f64) -> Result<Measure, Undefined> {
    let Drawn { edge, costs } = case;
    let slopes = jacobian::<f64>(&edge.alpha, &edge.uniform, edge.temperature)?;
    let slope = slope(case)?;
    let size: f64 = (0..OPERATIONS).map(|l| costs[l] * slopes[l][0].abs()).sum::<f64>() * edge.alpha[0];
    let cost = |t: f64| {
        let mut alpha = edge.alpha;
        alpha[0] *= t.exp();
        Ok(inner(&concrete::sample(&alpha, &edge.uniform, edge.temperature)?, costs))
    };
    let total: f64 = costs.iter().sum();
    let point = |t: f64| -> Result<LimitPoint, Undefined> {
        Ok(LimitPoint {
            t,
            error: ((cost(t)? - cost(-t)?) / (2.0 * t) - factor * slope).abs(),
            kept: size + f64::MIN_POSITIVE,
            // Exponents of up to 14 carry that many roundings into each gate.
            rounding: 20.0 * f64::EPSILON * (total / t + size),
        })
    };
    let points = (7..=11).map(|n| point(0.5f64.powi(n))).collect::<Result<Vec<_>, _>>()?;
    Ok(Measure::limit(&points))
}

/// `factor` times the derivative of $C(\mathbf Z)$ as Eq. (24) has it against the one that dual numbers carry through Eq. (5).
struct Derivative(f64);

impl Identity for Derivative {
    type Case = Drawn;

    fn sides<F: Symbolic>(&self, case: &Drawn) -> Result<Sides<F>, Undefined> {
        let Drawn { edge, costs } = case;
        let slopes = jacobian::<F>(&edge.alpha, &edge.uniform, edge.temperature)?;
        let (costs, alpha) = (numbers::<F>(costs)?, numbers::<F>(&edge.alpha)?);
        let z = concrete::sample(&alpha, &edge.uniform, edge.temperature)?;
        let side = |k: usize| {
            let carried = sum((0..OPERATIONS).map(|l| costs[l].clone() * slopes[l][k].clone()));
            // C(O)ᵀ(δ − Z) Z^k/(λα^k).
            let centred = costs[k].clone() - inner(&costs, &z);
            let scale = F::number(self.0)?.over(&(F::number(edge.temperature)? * alpha[k].clone()))?;
            Ok([carried, centred * z[k].clone() * scale])
        };
        (0..OPERATIONS).map(side).collect()
    }
}

/// The derivative as a limit of difference quotients, and as a formula.
fn derivative(factor: f64) -> Check {
    Check::all(vec![
        Check::new(drawn(), move |case| quotients(case, factor).unwrap_or(Measure::truth(false))),
        Check::identity(
            "integer α and costs, any positive number for each exp((ln α + G)/λ)",
            drawn(),
            Derivative(factor),
        ),
    ])
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
            Check::new(sloped(), |case| {
                // What converges has a derivative: the statement is contradicted where the limit exists.
                let seen = quotients(case, 1.0).unwrap_or(Measure::truth(false));
                Measure::truth(!seen.test_ratio().passes()).with("derivative", slope(case).unwrap_or(f64::NAN))
            }),
        ),
        corrected: Some(Statement::holds(
            "C(Z) is constant in θ, and ∂C/∂α_{i,j}^k = C(O_{i,j})ᵀ (δ(k'−k) − Z_{i,j}) Z_{i,j}^k 1/(λ α_{i,j}^k) through Eq. (5); for one-hot Z, 𝔼[C(Z)] is differentiable in α as well",
            derivative(1.0),
        )),
        control: Some(Control::new("half of that derivative", derivative(0.5))),
        proof: include_str!("../../../proofs/snas/section-2.4-differentiable.md"),
    }
}
