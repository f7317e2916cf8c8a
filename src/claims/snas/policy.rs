#![doc = include_str!("../../../proofs/snas/section-2.3-policy.md")]
#![doc = include_str!("../../../proofs/snas/section-2.3-chosen.md")]

use proptest::prelude::*;

use super::{
    cell::{Cell, OPERATIONS, OVER, Point, Seed, cells, edge, masks},
    equation_4::{distribution, small},
};
use crate::{
    claims::{Check, Claim, Control, Identity, Measure, Sides, Statement},
    enclosure::{Dual, Symbolic, Undefined, numbers, shares, sum},
};

/// The credit that a child graph gives an edge.
#[derive(Debug, Clone, Copy)]
enum Credit {
    /// $\lbrack \partial\mathcal L/\partial x_j\tilde O_{i,j}(x_i)\rbrack_c$ of the child graph: the sum over $k$ of $Z^k\,\partial\mathcal L/\partial Z^k$.
    FirstOrder,
    /// $L_\theta(\mathbf Z)$.
    Whole,
    /// Their sum.
    Both,
}

/// $\partial\mathbb E\lbrack L\rbrack /\partial\alpha^k_{i,j}$ for one-hot gates against $\mathbb E\lbrack \nabla\log p(\mathbf Z_{i,j})\,\text{credit}\rbrack $, by enumeration.
impl Identity for Credit {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let p = distribution(cell);
        let mut graphs = Vec::new();
        for (z, probability) in p.outcomes::<F>()? {
            let graph = cell.masked::<F>(masks(&z))?;
            let parts = (0..z.len()).map(|e| graph.slope(Seed::Gate(e, z[e]))).collect::<Result<Vec<F>, _>>()?;
            graphs.push((probability, graph.loss()?, parts, z));
        }
        let mut out = Vec::new();
        for [i, j, k] in cell.choices() {
            let e = edge(i, j);
            let mut alpha: Vec<Dual<F>> = numbers(&p.alpha[e])?;
            alpha[k].slope = F::one();
            let own = shares(&alpha)?;
            let (mut left, mut right) = (F::zero(), F::zero());
            for (probability, loss, parts, z) in &graphs {
                let credit = match self {
                    Self::FirstOrder => parts[e].clone(),
                    Self::Whole => loss.clone(),
                    Self::Both => parts[e].clone() + loss.clone(),
                };
                let chosen = &own[z[e]];
                // p(Z) with the factor of this edge differentiated; ∇ log p(Z_{i,j}) its logarithmic derivative.
                left += probability.over(&chosen.value)? * chosen.slope.clone() * loss.clone();
                right += probability.clone() * (chosen.slope.over(&chosen.value)? * credit);
            }
            out.push([left, right]);
        }
        Ok(out)
    }
}

fn check(credit: Credit) -> Check {
    Check::identity(OVER, small(), credit)
}

/// The search gradient as a policy gradient, gates one-hot.
pub fn policy() -> Claim {
    Claim {
        id: "snas.section-2.3-policy",
        source: "snas, below Eq. (7), section 2.3",
        hypotheses: &[
            "the search gradient that of the objective, Eq. (4): λ → 0, gates one-hot",
            "policy gradient of a distribution with credit R: 𝔼[∇ log p · R], the loss descended where the reward is ascended",
        ],
        printed: Statement::refuted(
            "Apparently, the search gradient is equivalent to a policy gradient for distribution at this edge whose credit is assigned as R_{i,j} = −[∂𝓛/∂x_j Õ_{i,j}(x_i)]_c",
            check(Credit::FirstOrder),
        ),
        corrected: Some(Statement::holds(
            "∇_{α_{i,j}} 𝔼[L_θ(Z)] = −𝔼[∇_{α_{i,j}} log p(Z_{i,j}) R] with R = −L_θ(Z): the credit of every edge is the loss itself, not its first-order part",
            check(Credit::Whole),
        )),
        control: Some(Control::new(
            "the corrected credit with the first-order part of the edge counted on top of it",
            check(Credit::Both),
        )),
        proof: include_str!("../../../proofs/snas/section-2.3-policy.md"),
    }
}

/// Cells whose every edge has one operation ahead of the others by a margin, so that the noise makes its choice.
fn decided() -> impl Strategy<Value = Cell> {
    cells(false, 1..=1).prop_map(|mut cell| {
        for (e, uniform) in cell.uniform.iter_mut().enumerate() {
            let ahead = e % OPERATIONS;
            for (k, u) in uniform.iter_mut().enumerate() {
                // −ln U is below 1/7 for the one ahead and above 2 for the others, whose α is at most four times as large.
                *u = if k == ahead { 1.0 - *u / 8.0 } else { *u / 8.0 };
            }
        }
        cell
    })
}

/// The same at temperatures of at least 2, where a credit is large enough to be read.
fn warm() -> impl Strategy<Value = Cell> {
    decided().prop_map(|mut cell| {
        cell.temperature = cell.temperature.max(2.0);
        cell
    })
}

/// $\alpha^k\,\partial\mathcal L/\partial\alpha^k$ of an edge: what a relative change of the parameter does.
fn relative<F: Symbolic>(point: &Point<F>, e: usize) -> Result<Vec<F>, Undefined> {
    let of = |k: usize| Ok(F::number(point.cell.alpha[e][k])? * point.slope(Seed::Alpha(e, k))?);
    (0..OPERATIONS).map(of).collect()
}

/// The operation ahead receives what the others lose, times this weight.
struct Balance(f64);

impl Identity for Balance {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let point = cell.point::<F>()?;
        let weight = F::number(self.0)?;
        let of_edge = |(e, &ahead): (usize, &usize)| {
            let shares = relative(&point, e)?;
            let rest = sum((0..OPERATIONS).filter(|&k| k != ahead).map(|k| shares[k].clone()));
            Ok([shares[ahead].clone(), -(weight.clone() * rest)])
        };
        cell.selected().iter().enumerate().map(of_edge).collect()
    }
}

fn balance(weight: f64) -> Check {
    Check::identity(OVER, decided(), Balance(weight))
}

/// $\lVert\partial\mathcal L/\partial\ln\alpha\rVert\le\sum|\text{terms}|\,Z(1-Z)/\lambda$, and with odds of at least $2/\tfrac17/4=\tfrac72$ between the first two, $1-Z\le2(\tfrac27)^{1/\lambda}$.
fn vanishing(cell: &Cell) -> Result<Measure, Undefined> {
    let (point, magnitudes) = (cell.point::<f64>()?, cell.magnitudes());
    let size = magnitudes.point::<f64>()?;
    let mut parts = Vec::new();
    for e in 0..cell.alpha.len() {
        let rest = 2.0 * (2.0f64 / 7.0).powf(1.0 / cell.temperature);
        let bound = (0..OPERATIONS).try_fold(0.0, |sum, l| Ok(sum + size.slope(Seed::Gate(e, l))?))?;
        for share in relative(&point, e)? {
            parts.push(Measure::at_most(share.abs(), bound * rest / cell.temperature, bound, cell.roundings()));
        }
    }
    Ok(super::worst(parts))
}

/// Credits near one-hot gates.
pub fn chosen() -> Claim {
    Claim {
        id: "snas.section-2.3-chosen",
        source: "snas, end of section 2.3",
        hypotheses: &[
            "credit: the search gradient of Eq. (6), by relative changes α^k ∂𝓛/∂α^k",
            "given to the chosen operation: not to the others",
            "the noise held fixed, one operation ahead on every edge",
        ],
        printed: Statement::refuted(
            "With the temperature goes down and Z_{i,j} becomes closer to one-hot, credits are given to the chosen operations, adjusting their probabilities to be sampled",
            Check::identity(OVER, warm(), Balance(0.0)),
        ),
        corrected: Some(Statement::holds(
            "at every temperature the chosen operation receives exactly what the others lose, Σ_k α_{i,j}^k ∂𝓛/∂α_{i,j}^k = 0, and for fixed noise all of it vanishes with the temperature",
            Check::all(vec![
                balance(1.0),
                Check::new(decided(), |cell| vanishing(cell).unwrap_or(Measure::truth(false))),
            ]),
        )),
        control: Some(Control::new("the others lose half of what the chosen one receives", balance(0.5))),
        proof: include_str!("../../../proofs/snas/section-2.3-chosen.md"),
    }
}
