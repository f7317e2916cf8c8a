//! Symmetric matrices with a chosen spectrum, as values and as proptest strategies: hypotheses are built in, never filtered for.
//!
//! $A = Q\Lambda Q^\top$ with $Q = P_1 P_2\cdots P_m$ a product of Householder reflections $P_i = I - 2\,w_iw_i^\top/\lVert w_i\rVert^2$.
//! $m\ge 2$ random reflections leave no coordinate an eigenvector.

use std::ops::RangeInclusive;

use ndarray::{Array1, Array2, Axis};
use proptest::{collection::vec, prelude::*};

use super::{operator::DenseSymmetric, vector::Scalar};

/// $Q\Lambda Q^\top$, exactly symmetric, $n\times n$; the eigenvalues are those given up to a few $n\epsilon\max|\lambda|$.
///
/// Each reflection has length $n$; a zero vector stands for the identity.
pub fn with_spectrum(eigenvalues: &[f64], reflections: &[Array1<f64>]) -> Array2<f64> {
    let mut a = Array2::from_diag(&Array1::from(eigenvalues.to_vec()));
    for w in reflections.iter().rev() {
        reflect_rows(&mut a, w);
        a = a.reversed_axes();
        reflect_rows(&mut a, w);
    }
    for i in 0..a.nrows() {
        for j in 0..i {
            let mean = 0.5 * (a[(i, j)] + a[(j, i)]);
            a[(i, j)] = mean;
            a[(j, i)] = mean;
        }
    }
    a
}

/// $Q = P_1\cdots P_m$: its columns are the eigenvectors of [`with_spectrum`], in the order of the eigenvalues.
pub fn eigenvectors(reflections: &[Array1<f64>], n: usize) -> Array2<f64> {
    let mut q = Array2::eye(n);
    for w in reflections.iter().rev() {
        reflect_rows(&mut q, w);
    }
    q
}

/// `a` becomes $PA$.
fn reflect_rows(a: &mut Array2<f64>, w: &Array1<f64>) {
    let square = w.dot(w);
    if square > 0.0 {
        let coefficients = w.dot(a) * (2.0 / square);
        for (mut row, &w) in a.axis_iter_mut(Axis(0)).zip(w) {
            row.scaled_add(-w, &coefficients);
        }
    }
}

/// A symmetric matrix whose spectrum is known.
#[derive(Clone)]
pub struct Sample {
    /// The eigenvalues, as chosen.
    pub eigenvalues: Vec<f64>,
    /// The vectors $w_i$ of the reflections.
    pub reflections: Vec<Array1<f64>>,
    /// $Q\Lambda Q^\top$.
    pub matrix: Array2<f64>,
}

/// The eigenvalues and reflections, from which the matrix follows.
impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reflections: Vec<Vec<f64>> = self.reflections.iter().map(|w| w.to_vec()).collect();
        f.debug_struct("Sample").field("eigenvalues", &self.eigenvalues).field("reflections", &reflections).finish()
    }
}

impl Sample {
    /// The sample of these eigenvalues and reflections.
    pub fn new(eigenvalues: Vec<f64>, reflections: Vec<Array1<f64>>) -> Self {
        let matrix = with_spectrum(&eigenvalues, &reflections);
        Self { eigenvalues, reflections, matrix }
    }

    /// The dimension $n$.
    pub fn dim(&self) -> usize {
        self.eigenvalues.len()
    }

    /// The matrix as an operator in the precision `S`.
    pub fn operator<S: Scalar>(&self) -> DenseSymmetric<S> {
        // Symmetric by construction, and conversion keeps it so.
        DenseSymmetric::trusted(self.matrix.mapv(S::of))
    }

    /// The largest eigenvalue.
    pub fn lambda_max(&self) -> f64 {
        self.eigenvalues.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The smallest eigenvalue.
    pub fn lambda_min(&self) -> f64 {
        self.eigenvalues.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// $\max|\lambda|$.
    pub fn norm(&self) -> f64 {
        self.lambda_max().abs().max(self.lambda_min().abs())
    }

    /// $\kappa = \max|\lambda|/\min|\lambda|$.
    pub fn condition(&self) -> f64 {
        self.norm() / self.eigenvalues.iter().fold(f64::INFINITY, |m, l| m.min(l.abs()))
    }
}

/// `reflections` for dimension `n`: three vectors with entries in $[-1,1]$.
fn reflections(n: usize) -> impl Strategy<Value = Vec<Array1<f64>>> {
    vec(vec(-1.0..1.0f64, n).prop_map(Array1::from), 3)
}

/// $n$ magnitudes in $[1/\kappa, 1]$, log-uniform, among them $1$, $\kappa^{-1/2}$ and $1/\kappa$, with $\log_{10}\kappa$ in `[1, digits]`.
fn magnitudes(n: usize, digits: f64) -> impl Strategy<Value = Vec<f64>> {
    (1.0..=digits, vec(0.0..=1.0f64, n)).prop_map(|(digits, mut exponents)| {
        exponents[..3].copy_from_slice(&[0.0, 0.5, 1.0]);
        exponents.into_iter().map(|e| 10f64.powf(-digits * e)).collect()
    })
}

/// Positive definite samples with $n$ in `dims` (at least 3), at least three distinct eigenvalues and $\kappa$ from 10 to $10^{\text{digits}}$,
/// scaled by a factor in $[10^{-2}, 10^2]$.
pub fn positive_definite(dims: RangeInclusive<usize>, digits: f64) -> impl Strategy<Value = Sample> {
    dims.prop_flat_map(move |n| (magnitudes(n, digits), reflections(n), -2.0..=2.0f64)).prop_map(
        |(eigenvalues, reflections, scale)| {
            Sample::new(eigenvalues.into_iter().map(|l| l * 10f64.powf(scale)).collect(), reflections)
        },
    )
}

/// Nonsingular indefinite samples: as [`positive_definite`], with at least one eigenvalue of either sign; $n\ge 4$.
pub fn indefinite(dims: RangeInclusive<usize>, digits: f64) -> impl Strategy<Value = Sample> {
    (positive_definite(dims, digits), any::<u64>()).prop_map(|(sample, signs)| {
        let mut eigenvalues = sample.eigenvalues;
        let bit = |k: usize| signs >> k & 1 == 1;
        for (i, l) in eigenvalues.iter_mut().enumerate() {
            let negative = match i {
                0 => bit(0),
                1 => !bit(0),
                _ => bit(i % 63 + 1),
            };
            if negative {
                *l = -*l;
            }
        }
        Sample::new(eigenvalues, sample.reflections)
    })
}

/// `k` right-hand sides of length `n` with entries in $[-1,1]$.
pub fn columns(n: usize, k: usize) -> impl Strategy<Value = Vec<Array1<f64>>> {
    vec(vec(-1.0..1.0f64, n).prop_map(Array1::from), k)
}

/// A positive definite sample with `k` right-hand sides.
pub fn system(dims: RangeInclusive<usize>, digits: f64, k: usize) -> impl Strategy<Value = (Sample, Vec<Array1<f64>>)> {
    positive_definite(dims, digits).prop_flat_map(move |sample| {
        let n = sample.dim();
        (Just(sample), columns(n, k))
    })
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;

    use super::*;
    use crate::linalg::TestRatio;

    /// The eigenvalues as nalgebra finds them, ascending.
    fn spectrum(a: &Array2<f64>) -> Vec<f64> {
        let n = a.nrows();
        let mut eigenvalues: Vec<f64> =
            nalgebra::DMatrix::from_fn(n, n, |i, j| a[(i, j)]).symmetric_eigenvalues().iter().copied().collect();
        eigenvalues.sort_by(f64::total_cmp);
        eigenvalues
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_spectrum_is_the_chosen_one(sample in indefinite(8..=24, 6.0)) {
            let mut chosen = sample.eigenvalues.clone();
            chosen.sort_by(f64::total_cmp);
            let scale = sample.norm() * sample.dim() as f64 * f64::EPSILON;
            for (found, chosen) in spectrum(&sample.matrix).iter().zip(&chosen) {
                prop_assert!(TestRatio::quotient((found - chosen).abs(), scale).passes());
            }
            prop_assert!(sample.lambda_min() < 0.0 && sample.lambda_max() > 0.0);
            let q = eigenvectors(&sample.reflections, sample.dim());
            let lambda = Array2::from_diag(&Array1::from(sample.eigenvalues.clone()));
            let worst = (sample.matrix.dot(&q) - q.dot(&lambda)).fold(0.0f64, |m, x| m.max(x.abs()));
            prop_assert!(TestRatio::quotient(worst, scale).passes());
        }
    }

    /// The first two eigenvalues have opposite signs, and those of the others are no copies of one.
    #[test]
    fn signs_are_mixed() {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut draw = || indefinite(8..=8, 2.0).new_tree(&mut runner).unwrap().current().eigenvalues;
        let mixed = (0..20).filter(|_| {
            let eigenvalues = draw();
            assert!(eigenvalues[0] * eigenvalues[1] < 0.0);
            eigenvalues[2..].windows(2).any(|pair| pair[0] * pair[1] < 0.0)
        });
        // Six signs are equal with probability 1/32.
        assert!(mixed.count() > 10);
    }
}
