//! Hotelling's test: whether the mean of a sample of arrays is the expectation it is said to have.

use nalgebra::{DMatrix, DVector, Dyn, SymmetricEigen};
use ndarray::Array2;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

/// The mean passes where its p-value is not below this: the ellipsoid of confidence 99.9 %.
const LEVEL: f64 = 1e-3;
/// A direction whose variance is this part of the largest is one in which nothing varies: what is left there is
/// rounding.
const ROUNDING: f64 = 1e-10;
/// How far the mean may be off in such a direction, in units of the largest standard deviation.
const OFF: f64 = 1e-6;

/// What a sample tells of its expectation.
pub struct Sample {
    count: usize,
    mean: Array2<f64>,
    covariance: SymmetricEigen<f64, Dyn>,
}

impl Sample {
    pub fn of(draws: impl IntoIterator<Item = Array2<f64>>) -> Self {
        let draws: Vec<Array2<f64>> = draws.into_iter().collect();
        let count = draws.len();
        let sum = draws[1..].iter().fold(draws[0].clone(), |sum, x| sum + x);
        let mean = sum / count as f64;
        let entries = mean.len();
        let centred =
            DMatrix::from_iterator(entries, count, draws.iter().flat_map(|x| x.iter().zip(&mean)).map(|(x, m)| x - m));
        let covariance = (&centred * centred.transpose() / (count - 1) as f64).symmetric_eigen();
        Self { count, mean, covariance }
    }

    /// The chance of a mean at least so far from `expected` as this one, were that the expectation. With $n$ draws of
    /// covariance $S$ and $d$ the difference, $T^2=n\,d^\top S^{-1}d$ on the $r$ directions in which the draws vary,
    /// and $\frac{n-r}{r(n-1)}T^2$ has Fisher's distribution of $r$ and $n-r$ degrees. In the other directions (the
    /// entries of an edge add up to 0, say) there must be no difference.
    pub fn p_value(&self, expected: &Array2<f64>) -> f64 {
        assert_eq!(self.mean.dim(), expected.dim());
        let off = DVector::from_iterator(self.mean.len(), (&self.mean - expected).iter().copied());
        let off = self.covariance.eigenvectors.tr_mul(&off);
        let largest = self.covariance.eigenvalues.max();
        let (mut t_squared, mut rank) = (0.0, 0);
        for (&d, &variance) in off.iter().zip(&self.covariance.eigenvalues) {
            if variance > ROUNDING * largest {
                t_squared += self.count as f64 * d * d / variance;
                rank += 1;
            } else if d.abs() > OFF * largest.sqrt() {
                return 0.0;
            }
        }
        let (n, r) = (self.count as f64, f64::from(rank));
        FisherSnedecor::new(r, n - r).unwrap().sf(t_squared * (n - r) / (r * (n - 1.0)))
    }

    /// The mean is what is `expected`, and the same test sees each of the alterations.
    pub fn tells(&self, expected: &Array2<f64>, altered: &[(&str, Array2<f64>)]) {
        let p = self.p_value(expected);
        assert!(p >= LEVEL, "p = {p:e}:\n{}\n{expected}", self.mean);
        for (alteration, altered) in altered {
            self.rejects(alteration, altered);
        }
    }

    pub fn rejects(&self, alteration: &str, expected: &Array2<f64>) {
        let p = self.p_value(expected);
        assert!(p < LEVEL, "{alteration} is not seen, p = {p}:\n{}\n{expected}", self.mean);
    }
}
