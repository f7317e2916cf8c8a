//! Losses, expectations over one-hot gates, frequencies.

use ndarray::{Array1, Array2};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ChiSquared, ContinuousCDF};

pub use crate::common::*;

/// $\langle a,Z\rangle+\sum_{e<f}Z_e^\top B_{ef}Z_f$: affine in each row, with rows that interact.
pub struct MultiAffine {
    linear: Array2<f64>,
    pairs: Vec<(usize, usize, Array2<f64>)>,
}

impl MultiAffine {
    pub fn new(shape: (usize, usize), rng: &mut ChaCha8Rng) -> Self {
        let linear = normal(shape, rng);
        let mut pairs = Vec::new();
        for e in 0..shape.0 {
            for f in e + 1..shape.0 {
                pairs.push((e, f, normal((shape.1, shape.1), rng)));
            }
        }
        Self { linear, pairs }
    }

    pub fn loss(&self, z: &Array2<f64>) -> f64 {
        let pairs: f64 = self.pairs.iter().map(|(e, f, b)| z.row(*e).dot(&b.dot(&z.row(*f)))).sum();
        (z * &self.linear).sum() + pairs
    }

    pub fn cost(&self, z: &Array2<f64>) -> Array2<f64> {
        let mut cost = self.linear.clone();
        for (e, f, b) in &self.pairs {
            let (left, right) = (b.dot(&z.row(*f)), b.t().dot(&z.row(*e)));
            cost.row_mut(*e).scaled_add(1.0, &left);
            cost.row_mut(*f).scaled_add(1.0, &right);
        }
        cost
    }
}

/// $\nabla_\alpha\sum_Zp_\alpha(Z)\,r(Z)$ over all one-hot $Z$, $p_\alpha$ the product of softmaxes, by dual numbers.
pub fn gradient_of_expectation(alpha: &Array2<f64>, r: impl Fn(&Array2<f64>) -> f64) -> (f64, Array2<f64>) {
    let (edges, operations) = alpha.dim();
    derivative(alpha, |a| {
        let p = dual_softmax(&a, operations);
        let mut sum = p[0].clone() * 0.0;
        for path in paths(edges, operations) {
            let z = nasproof::relaxation::one_hot(operations, &path);
            let chance =
                path.iter().enumerate().map(|(e, &s)| p[e * operations + s].clone()).reduce(|x, y| x * y).unwrap();
            sum += chance * r(&z);
        }
        sum
    })
}

/// Whether counts are those of a categorical distribution, $\chi^2$ at 99.9 %.
pub fn frequencies_fit(counts: &Array1<f64>, probabilities: &Array1<f64>) -> bool {
    let total = counts.sum();
    let mut degrees = 0.0;
    let mut statistic = 0.0;
    for (&n, &p) in counts.iter().zip(probabilities) {
        if p > 0.0 {
            statistic += (n - total * p).powi(2) / (total * p);
            degrees += 1.0;
        } else if n > 0.0 {
            return false;
        }
    }
    statistic <= ChiSquared::new(degrees - 1.0).unwrap().inverse_cdf(0.999)
}

/// Counts of the gates over `draws` draws, edge by edge.
pub fn counts(shape: (usize, usize), draws: usize, mut draw: impl FnMut() -> Array2<f64>) -> Array2<f64> {
    let mut out = Array2::zeros(shape);
    for _ in 0..draws {
        out += &draw();
    }
    out
}
