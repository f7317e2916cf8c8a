//! Random arrays, derivatives by dual numbers, enumeration of paths, and when two arrays agree.

mod problems;

pub use problems::{quadratic, regression};

use nalgebra::DVector;
use nasproof::linalg::TestRatio;
use ndarray::Array2;
use num_dual::{Dual2Vec64, DualNum, DualVec64, gradient, hessian};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

pub type Dual = DualVec64<nalgebra::Dyn>;
pub type Dual2 = Dual2Vec64<nalgebra::Dyn>;

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn normal(shape: (usize, usize), rng: &mut ChaCha8Rng) -> Array2<f64> {
    Array2::from_shape_simple_fn(shape, || StandardNormal.sample(rng))
}

pub fn size(a: &Array2<f64>) -> f64 {
    a.iter().map(|x| x.abs()).sum()
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

/// The sum of dual numbers, one at least.
pub fn total<T: Clone + std::ops::Add<Output = T>>(terms: impl IntoIterator<Item = T>) -> T {
    terms.into_iter().reduce(|x, y| x + y).unwrap()
}

/// softmax, row by row, over dual numbers of any order.
pub fn dual_softmax<T: DualNum>(logits: &[T], operations: usize) -> Vec<T> {
    logits
        .chunks(operations)
        .flat_map(|row| {
            let exps: Vec<T> = row.iter().map(|a| a.clone().exp()).collect();
            let sum = total(exps.iter().cloned());
            exps.into_iter().map(move |e| e / sum.clone()).collect::<Vec<_>>()
        })
        .collect()
}

fn flat(x: &Array2<f64>) -> DVector<f64> {
    DVector::from_iterator(x.len(), x.iter().copied())
}

/// Value and derivative of a scalar function of an array.
pub fn derivative(x: &Array2<f64>, f: impl Fn(Vec<Dual>) -> Dual) -> (f64, Array2<f64>) {
    let (value, slope) = gradient(|v: DVector<Dual>| f(v.iter().cloned().collect()), &flat(x));
    (value, Array2::from_shape_vec(x.dim(), slope.iter().copied().collect()).unwrap())
}

/// The Hessian of a scalar function of an array, over its entries row by row.
pub fn second_derivative(x: &Array2<f64>, f: impl Fn(Vec<Dual2>) -> Dual2) -> Array2<f64> {
    let (_, _, h) = hessian(|v: DVector<Dual2>| f(v.iter().cloned().collect()), &flat(x));
    Array2::from_shape_fn((x.len(), x.len()), |(i, j)| h[(i, j)])
}

/// $(\partial z/\partial\alpha)^\top c$ for a map over dual numbers, by the derivative of $\langle c, z(\alpha)\rangle$.
pub fn pulled(alpha: &Array2<f64>, cost: &Array2<f64>, map: impl Fn(Vec<Dual>) -> Vec<Dual>) -> Array2<f64> {
    derivative(alpha, |v| total(map(v).into_iter().zip(cost).map(|(z, &c)| z * c))).1
}

/// The worst test ratio of `got = expected`, entries being sums of `n` terms of total size `terms`.
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
