#![doc = include_str!("../../../proofs/snas/equation-24.md")]

use proptest::prelude::*;
use serde::Serialize;

use super::{
    cell::{OPERATIONS, slopes},
    concrete,
};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Dual, Symbolic, Undefined, numbers, shares, sum},
};

/// One edge.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) alpha: [f64; OPERATIONS],
    pub(super) uniform: [f64; OPERATIONS],
    pub(super) temperature: f64,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let positive = || (1u8..=8).prop_map(f64::from);
    let uniform = || (1u8..=31).prop_map(|k| f64::from(k) / 32.0);
    (
        [positive(), positive(), positive()],
        [uniform(), uniform(), uniform()],
        (1u8..=8).prop_map(|k| f64::from(k) / 4.0),
    )
        .prop_map(|(alpha, uniform, temperature)| Case { alpha, uniform, temperature })
}

/// $\partial f^{k'}/\partial\alpha^k$ by dual numbers, first index $k'$.
pub(super) fn jacobian<F: Symbolic>(
    alpha: &[f64],
    uniform: &[f64],
    temperature: f64,
) -> Result<Vec<Vec<F>>, Undefined> {
    let seeded = |k: usize| -> Result<Vec<Dual<F>>, Undefined> {
        let mut alpha: Vec<Dual<F>> = numbers(alpha)?;
        alpha[k].slope = F::one();
        concrete::sample(&alpha, uniform, temperature)
    };
    let columns = (0..alpha.len()).map(|k| Ok(slopes(&seeded(k)?))).collect::<Result<Vec<Vec<F>>, _>>()?;
    Ok((0..alpha.len()).map(|l| columns.iter().map(|column| column[l].clone()).collect()).collect())
}

/// The derivative against each line of the printed chain; $\frac1\lambda$ in place of the last $\frac1{\lambda\alpha^k}$ if `logarithmic`.
struct Chain {
    logarithmic: bool,
}

impl Identity for Chain {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let exponential = |l: usize, alpha: Dual<F>| concrete::weight(&alpha, case.uniform[l], case.temperature);
        let slopes = jacobian::<F>(&case.alpha, &case.uniform, case.temperature)?;
        let alpha: Vec<F> = numbers(&case.alpha)?;
        let weight = |(l, a): (usize, &F)| Ok(exponential(l, Dual::constant(a.clone()))?.value);
        let weights = alpha.iter().enumerate().map(weight).collect::<Result<Vec<F>, _>>()?;
        let (total, z) = (sum(weights.iter().cloned()), shares(&weights)?);
        let mut out = Vec::new();
        for k in 0..OPERATIONS {
            let moved = exponential(k, Dual::variable(alpha[k].clone()))?.slope.over(&total)?;
            let by = if self.logarithmic { F::one() } else { alpha[k].clone() };
            let scale = F::one().over(&(F::number(case.temperature)? * by))?;
            for l in 0..OPERATIONS {
                let delta = if l == k { F::one() } else { F::zero() };
                out.push([slopes[l][k].clone(), moved.clone() * (delta.clone() - weights[l].over(&total)?)]);
                out.push([slopes[l][k].clone(), (delta - z[l].clone()) * z[k].clone() * scale.clone()]);
            }
        }
        Ok(out)
    }
}

fn check(logarithmic: bool) -> Check {
    Check::identity("integer α, any positive number for each exp((ln α + G)/λ)", cases(), Chain { logarithmic })
}

/// Eq. (24): the Jacobian of a concrete sample.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-24",
        source: "snas, Eq. (24), appendix C",
        hypotheses: &[
            "Eq. (22), λ > 0, α > 0",
            "the noise G held fixed",
            "α^i in the second denominator an extraction's α^l",
        ],
        printed: Statement::holds(
            "∂f_α(G)/∂α^k = (∂/∂α^k exp((log α^k + G^k)/λ)) / Σ_l exp((log α^l + G^l)/λ) (δ(k'−k) − exp((log α + G)/λ)/Σ_l exp((log α^l + G^l)/λ)) = (∂(log α^k + G^k)/λ)/∂α^k f(G^k)(δ(k'−k) − f(G)) = (δ(k'−k) − Z) Z^k 1/(λ α^k)",
            check(false),
        ),
        corrected: None,
        control: Some(Control::new("1/λ for 1/(λα^k): the derivative by ln α", check(true))),
        proof: include_str!("../../../proofs/snas/equation-24.md"),
    }
}
