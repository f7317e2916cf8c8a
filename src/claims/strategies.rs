//! Strategies that carry the hypotheses: what a claim assumes is true of every case it draws.
//!
//! Entries are small integers or halves of them, so that a counterexample shrinks to one a pocket calculator can check.

use nalgebra::DMatrix;
use proptest::{collection::vec, prelude::*};

/// Small integers as floats, $-4\dots4$, shrinking to 0.
pub fn integer() -> impl Strategy<Value = f64> + Clone {
    (-4i8..=4).prop_map(f64::from)
}

/// Positive dyadic fractions $k/8$, $1\le k\le 8$, shrinking to 1/8.
pub fn fraction() -> impl Strategy<Value = f64> + Clone {
    (1u8..=8).prop_map(|k| f64::from(k) / 8.0)
}

/// `n` small integers.
pub fn integers(n: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    vec(integer(), n)
}

/// A symmetric positive definite $n\times n$ integer matrix $B^\top B + I$, as rows; $\lambda_{\min}\ge1$.
pub fn positive_definite(n: usize) -> impl Strategy<Value = Vec<Vec<f64>>> + Clone {
    vec(integers(n), n).prop_map(move |b| {
        let b = matrix(&b);
        rows(&(b.transpose() * &b + DMatrix::identity(n, n)))
    })
}

/// A matrix from its rows.
pub fn matrix(rows: &[Vec<f64>]) -> DMatrix<f64> {
    DMatrix::from_fn(rows.len(), rows.first().map_or(0, Vec::len), |i, j| rows[i][j])
}

/// The rows of a matrix.
pub fn rows(matrix: &DMatrix<f64>) -> Vec<Vec<f64>> {
    matrix.row_iter().map(|row| row.iter().copied().collect()).collect()
}
