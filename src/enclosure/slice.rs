//! Slices of numbers of any field.

use super::{Field, Undefined};

/// Floats, each exactly.
///
/// # Errors
/// [`Undefined::NotFinite`] where one is not finite.
pub fn numbers<F: Field>(entries: &[f64]) -> Result<Vec<F>, Undefined> {
    entries.iter().map(|&x| F::number(x)).collect()
}

/// $\sum_ix_i$.
pub fn sum<F: Field>(terms: impl IntoIterator<Item = F>) -> F {
    terms.into_iter().fold(F::zero(), |sum, x| sum + x)
}

/// $\sum_ia_ib_i$.
pub fn inner<F: Field>(a: &[F], b: &[F]) -> F {
    sum(a.iter().zip(b).map(|(a, b)| a.clone() * b.clone()))
}

/// $w_k/\sum_lw_l$.
///
/// # Errors
/// [`Undefined::Division`] where the weights add up to zero.
pub fn shares<F: Field>(weights: &[F]) -> Result<Vec<F>, Undefined> {
    let total = sum(weights.iter().cloned());
    weights.iter().map(|w| w.over(&total)).collect()
}
