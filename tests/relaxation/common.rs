//! Losses, enumeration of one-hot gates, derivatives by dual numbers, frequencies.

use nalgebra::DVector;
use nasproof::linalg::TestRatio;
use ndarray::{Array1, Array2};
use num_dual::{DualNum, DualVec64, gradient};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use statrs::distribution::{ChiSquared, ContinuousCDF};

pub type Dual = DualVec64<nalgebra::Dyn>;

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn normal(shape: (usize, usize), rng: &mut ChaCha8Rng) -> Array2<f64> {
    Array2::from_shape_simple_fn(shape, || StandardNormal.sample(rng))
}

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

/// All ways to choose one operation an edge.
pub fn paths(edges: usize, operations: usize) -> Vec<Vec<usize>> {
    (0..operations.pow(edges as u32))
        .map(|mut k| {
            (0..edges)
                .map(|_| {
                    let o = k % operations;
                    k /= operations;
                    o
                })
                .collect()
        })
        .collect()
}

/// softmax, row by row, over dual numbers.
pub fn dual_softmax(logits: &[Dual], operations: usize) -> Vec<Dual> {
    logits
        .chunks(operations)
        .flat_map(|row| {
            let exps: Vec<Dual> = row.iter().map(|a| a.clone().exp()).collect();
            let sum = exps.iter().cloned().reduce(|x, y| x + y).unwrap();
            exps.into_iter().map(move |e| e / sum.clone()).collect::<Vec<_>>()
        })
        .collect()
}

/// Value and derivative of a scalar function of an array.
pub fn derivative(x: &Array2<f64>, f: impl Fn(Vec<Dual>) -> Dual) -> (f64, Array2<f64>) {
    let flat = DVector::from_iterator(x.len(), x.iter().copied());
    let (value, slope) = gradient(|v: DVector<Dual>| f(v.iter().cloned().collect()), &flat);
    (value, Array2::from_shape_vec(x.dim(), slope.iter().copied().collect()).unwrap())
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

/// The worst test ratio of `got = expected`, entries being sums of `n` terms of the size of `terms`.
pub fn ratio(got: &Array2<f64>, expected: &Array2<f64>, terms: f64, n: usize) -> TestRatio {
    assert_eq!(got.dim(), expected.dim());
    got.iter().zip(expected).map(|(g, e)| TestRatio::identity(*g, *e, terms, n)).fold(TestRatio(0.0), TestRatio::max)
}

/// Agreement, and that a part in a thousand is seen.
pub fn agree(got: &Array2<f64>, expected: &Array2<f64>, terms: f64, n: usize) {
    let good = ratio(got, expected, terms, n);
    assert!(good.passes(), "ratio {good}:\n{got}\n{expected}");
    assert!(!ratio(&(got * 1.001), expected, terms, n).passes());
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
