//! Rational arithmetic for what is algebraic: no rounding, equality is equality.

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};

/// An integer.
pub fn integer(x: i64) -> RBig {
    RBig::from(x)
}

/// $\alpha^k/\sum_l\alpha^l$.
pub fn probabilities(alpha: &[i64]) -> Vec<RBig> {
    let total: i64 = alpha.iter().sum();
    alpha.iter().map(|&a| integer(a) / integer(total)).collect()
}

/// A sum.
pub fn sum(terms: impl IntoIterator<Item = RBig>) -> RBig {
    terms.into_iter().fold(integer(0), |sum, x| sum + x)
}

/// Positive integers, `n` of them.
pub fn positive(n: usize) -> impl Strategy<Value = Vec<i64>> {
    vec(1i64..=9, n)
}

/// Integers of either sign, `n` of them.
pub fn integers(n: usize) -> impl Strategy<Value = Vec<i64>> {
    vec(-9i64..=9, n)
}
