//! One categorical distribution an edge, $p_e=\mathrm{softmax}(\alpha_e)$.

use ndarray::{Array2, ArrayView1};
use rand::{Rng, RngExt};

/// $\log p$, row by row; $-\infty$ stays.
pub fn log_probabilities(alpha: &Array2<f64>) -> Array2<f64> {
    let mut out = alpha.clone();
    for mut row in out.rows_mut() {
        let max = row.fold(f64::NEG_INFINITY, |m, &a| m.max(a));
        let log_sum = max + row.iter().map(|a| (a - max).exp()).sum::<f64>().ln();
        row.mapv_inplace(|a| a - log_sum);
    }
    out
}

/// The mean over the edges of $-\sum_op_{eo}\ln p_{eo}$, in nats; $0\ln0=0$. Rows that do not add up to 1, such as the unnormalised ones of DARTS-PT, are
/// taken as they are.
pub fn entropy(probabilities: &Array2<f64>) -> f64 {
    let sum: f64 = probabilities.iter().filter(|&&p| p > 0.0).map(|&p| -p * p.ln()).sum();
    sum / probabilities.nrows().max(1) as f64
}

/// Rows with 1 at the given operation of each edge and 0 elsewhere.
pub fn one_hot(operations: usize, chosen: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((chosen.len(), operations), |(e, o)| f64::from(u8::from(chosen[e] == o)))
}

/// An index drawn with the given probabilities, which may miss 1 by rounding; one of probability 0 is never drawn.
pub(super) fn draw<R: Rng + ?Sized>(probabilities: ArrayView1<'_, f64>, rng: &mut R) -> usize {
    let total: f64 = probabilities.sum();
    let mut left = rng.random::<f64>() * total;
    let mut last = 0;
    for (o, &p) in probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        last = o;
        if left < p {
            break;
        }
        left -= p;
    }
    last
}

/// The first of the largest entries.
pub(super) fn argmax(row: ArrayView1<'_, f64>) -> usize {
    row.iter().enumerate().fold((0, f64::NEG_INFINITY), |best, (o, &x)| if x > best.1 { (o, x) } else { best }).0
}
