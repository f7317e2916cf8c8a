#![doc = include_str!("../../../proofs/snas/section-2.3-policy.md")]
#![doc = include_str!("../../../proofs/snas/section-2.3-chosen.md")]

use num_dual::Dual64;
use proptest::prelude::*;

use super::{
    categorical::probabilities,
    cell::{Cell, OPERATIONS, Seed, cells, edge},
    equation_4::{distribution, masked, masks, small},
};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// The credit that a child graph gives an edge.
type Credit = fn(&Cell, &[usize], (usize, usize)) -> f64;

/// $\lbrack \partial\mathcal L/\partial x_j\tilde O_{i,j}(x_i)\rbrack_c$ of the child graph: the sum over $k$ of $Z^k\,\partial\mathcal L/\partial Z^k$.
fn first_order(cell: &Cell, choice: &[usize], (i, j): (usize, usize)) -> f64 {
    let e = edge(i, j);
    cell.loss(&cell.forward(Seed::Gate(e, choice[e]), Some(&masks(choice)))).eps
}

/// $L_\theta(\mathbf Z)$.
fn whole(cell: &Cell, choice: &[usize], _: (usize, usize)) -> f64 {
    masked(cell, &masks(choice))
}

/// $\partial\mathbb E\lbrack L\rbrack /\partial\alpha^k_{i,j}$ for one-hot gates against $\mathbb E\lbrack \nabla\log p(\mathbf Z_{i,j})\,\text{credit}\rbrack $, by enumeration.
fn gradient(cell: &Cell, credit: Credit) -> Measure {
    let p = distribution(cell);
    let size = cell.magnitudes();
    super::worst(cell.edges().into_iter().flat_map(|(i, j)| (0..OPERATIONS).map(move |k| (i, j, k))).map(
        |(i, j, k)| {
            let e = edge(i, j);
            let alpha: Vec<Dual64> = p.alpha[e]
                .iter()
                .enumerate()
                .map(|(l, &a)| if l == k { Dual64::from(a).derivative() } else { a.into() })
                .collect();
            let own = probabilities(&alpha);
            let (mut left, mut right, mut terms) = (0.0, 0.0, 0.0);
            for z in p.choices() {
                let (probability, chosen) = (p.probability(&z), own[z[e]]);
                // p(Z) with the factor of this edge differentiated; ∇ log p(Z_{i,j}) its logarithmic derivative.
                left += probability / chosen.re * chosen.eps * whole(cell, &z, (i, j));
                right += probability * (chosen.eps / chosen.re) * credit(cell, &z, (i, j));
                let bound = whole(&size, &z, (i, j)) + first_order(&size, &z, (i, j)).abs();
                terms += probability * (chosen.eps / chosen.re).abs() * bound;
            }
            Measure::equality(left, right, terms, p.choices().len() + cell.roundings())
        },
    ))
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
            Check::new(small(), |cell| gradient(cell, first_order)),
        ),
        corrected: Some(Statement::holds(
            "∇_{α_{i,j}} 𝔼[L_θ(Z)] = −𝔼[∇_{α_{i,j}} log p(Z_{i,j}) R] with R = −L_θ(Z): the credit of every edge is the loss itself, not its first-order part",
            Check::new(small(), |cell| gradient(cell, whole)),
        )),
        control: Some(Control::new(
            "the corrected credit with the first-order part of the edge counted on top of it",
            Check::new(small(), |cell| {
                gradient(cell, |cell, z, ends| whole(cell, z, ends) + first_order(cell, z, ends))
            }),
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

/// $\alpha^k\,\partial\mathcal L/\partial\alpha^k$ of an edge: what a relative change of the parameter does.
fn shares(cell: &Cell, e: usize) -> [f64; OPERATIONS] {
    std::array::from_fn(|k| cell.alpha[e][k] * cell.slope(Seed::Alpha(e, k)))
}

/// The operation ahead against the others.
fn others(cell: &Cell, weight: f64) -> Measure {
    let (one_hot, size) = (cell.one_hot(), cell.magnitudes());
    super::worst((0..cell.alpha.len()).map(|e| {
        let (mut chosen, mut rest, mut terms) = (0.0, 0.0, 0.0);
        for (k, share) in shares(cell, e).into_iter().enumerate() {
            let mine = one_hot[e][k] == 1.0;
            *(if mine { &mut chosen } else { &mut rest }) += share;
            terms += size.slope(Seed::Gate(e, k)) * cell.gates()[e][k] / cell.temperature;
        }
        Measure::equality(chosen, -weight * rest, terms, cell.roundings())
            .with("share_of_the_chosen", chosen)
            .with("share_of_the_others", rest)
    }))
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
            Check::new(decided(), |cell| others(cell, 0.0)),
        ),
        corrected: Some(Statement::holds(
            "at every temperature the chosen operation receives exactly what the others lose, Σ_k α_{i,j}^k ∂𝓛/∂α_{i,j}^k = 0, and for fixed noise all of it vanishes with the temperature",
            Check::all(vec![
                Check::new(decided(), |cell| others(cell, 1.0)),
                // ‖∂𝓛/∂ ln α‖ ≤ Σ|terms| Z(1 − Z)/λ, and with odds of at least 2/(1/7)/4 = 7/2 between the first two, 1 − Z ≤ 2 (2/7)^{1/λ}.
                Check::new(decided(), |cell| {
                    let size = cell.magnitudes();
                    super::worst((0..cell.alpha.len()).flat_map(|e| (0..OPERATIONS).map(move |k| (e, k))).map(
                        |(e, k)| {
                            let rest = 2.0 * (2.0f64 / 7.0).powf(1.0 / cell.temperature);
                            let bound: f64 = (0..OPERATIONS).map(|l| size.slope(Seed::Gate(e, l))).sum();
                            Measure::at_most(
                                shares(cell, e)[k].abs(),
                                bound * rest / cell.temperature,
                                bound,
                                cell.roundings(),
                            )
                        },
                    ))
                }),
            ]),
        )),
        control: Some(Control::new(
            "the others lose half of what the chosen one receives",
            Check::new(decided(), |cell| others(cell, 0.5)),
        )),
        proof: include_str!("../../../proofs/snas/section-2.3-chosen.md"),
    }
}
