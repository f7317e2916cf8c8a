//! The Hessian of an expected loss over one-hot gates, by enumeration.
//!
//! Path $z$ has probability $p(z)=\prod_ep_e(z_e\mid z_{<e})$, each factor a softmax. Biases $\delta_{eo}$ added to its logits (for independent edges: to
//! $\alpha$ itself) give $\nabla_\delta\ln p=s$, $s_{eo}=\lbrack o=z_e\rbrack-p_e(o\mid z_{<e})$, and $\nabla^2_\delta\ln p=-\operatorname{diag}_eJ_e$,
//! $J_e=\operatorname{diag}p_e-p_ep_e^\top$, so that
//! $$\nabla^2_\delta\,\mathbb E\,L=\sum_zp\,L\,(ss^\top-\operatorname{diag}_eJ_e)=\sum_zp\,(L-\mathbb E\,L)\,(ss^\top-\operatorname{diag}_eJ_e).$$
//! The second form holds since $\sum_zp=1$ for every $\delta$; it keeps a large mean of $L$ from drowning what varies.

use ndarray::Array2;

use super::{Layout, Policy};
use crate::{problem::Supernet, relaxation::one_hot};

/// Paths up to which an expectation is enumerated; each takes an evaluation of the batch.
pub const ENUMERATED: usize = 512;

/// How many paths there are, and the Hessian over the entries of $\alpha$ that there are, row by row. `None` where there are more than [`ENUMERATED`].
pub fn expected_hessian<P: Supernet>(
    (problem, layout): (&P, &Layout),
    weights: &P::Vector,
    policy: &Policy,
    batch: &P::Batch,
) -> Option<(usize, Array2<f64>)> {
    let present = &layout.present;
    let choices: Vec<Vec<usize>> =
        present.rows().into_iter().map(|row| (0..row.len()).filter(|&o| row[o]).collect()).collect();
    let count = choices.iter().try_fold(1usize, |count, row| count.checked_mul(row.len()))?;
    if count > ENUMERATED {
        return None;
    }
    let path = |mut number: usize| -> Vec<usize> {
        let digit = |row: &Vec<usize>| {
            let o = row[number % row.len()];
            number /= row.len();
            o
        };
        choices.iter().map(digit).collect()
    };
    let paths: Vec<(Vec<usize>, Array2<f64>, f64, f64)> = (0..count)
        .map(|number| {
            let chosen = path(number);
            let conditionals = (policy.conditionals)(&chosen);
            let probability = chosen.iter().enumerate().map(|(e, &o)| conditionals[(e, o)]).product();
            let gates = layout.sharing.expand(&one_hot(present.ncols(), &chosen));
            let loss = problem.evaluation(weights, &gates, batch).loss;
            (chosen, conditionals, probability, loss)
        })
        .collect();
    let mean: f64 = paths.iter().map(|(.., probability, loss)| probability * loss).sum();
    let entries: Vec<(usize, usize)> = present.indexed_iter().filter(|(_, on)| **on).map(|(index, _)| index).collect();
    let mut out = Array2::zeros((entries.len(), entries.len()));
    for (chosen, p, probability, loss) in &paths {
        let weight = probability * (loss - mean);
        let score = |(e, o): (usize, usize)| f64::from(u8::from(chosen[e] == o)) - p[(e, o)];
        for ((i, j), out) in out.indexed_iter_mut() {
            let ((e, o), (f, q)) = (entries[i], entries[j]);
            let bend = match e == f {
                true => p[(e, o)] * (f64::from(u8::from(o == q)) - p[(e, q)]),
                false => 0.0,
            };
            *out += weight * (score((e, o)) * score((f, q)) - bend);
        }
    }
    Some((count, out))
}
