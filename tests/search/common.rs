//! Problems, batches and random arrays.

use nalgebra::DVector;
use nasproof::{
    linalg::TestRatio,
    problem::{
        Supernet,
        dense_cell::{Batch, DenseCell, Settings as CellSettings},
        digits::Digits,
        quadratic::{Coefficients, Quadratic},
        softmax_regression::SoftmaxRegression,
    },
    search::{Layout, Run, Settings},
};
use ndarray::{Array1, Array2, Array4};
use num_dual::{DualNum, DualVec64, gradient};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn normal(shape: (usize, usize), rng: &mut ChaCha8Rng) -> Array2<f64> {
    Array2::from_shape_simple_fn(shape, || StandardNormal.sample(rng))
}

/// 20 + 10 examples, 3 edges × 5 operations of width 4, 3 classes: 12 weights.
pub fn regression(rng: &mut ChaCha8Rng) -> SoftmaxRegression {
    let features = Array4::from_shape_simple_fn((30, 3, 5, 4), || rng.random_range(-1.0..1.0f64));
    let labels = (0..30).map(|i| (i * i) % 3).collect();
    SoftmaxRegression::new(features, labels, 3, (0..20).collect(), (20..30).collect(), 0.05).unwrap()
}

/// A cell of two channels on digits, its initial weights, and a batch of eight.
pub fn cell(rng: &mut ChaCha8Rng) -> (DenseCell, Array1<f64>, Batch) {
    let digits = Digits::load();
    let settings = CellSettings { channels: 2, ..CellSettings::minimal() };
    let cell = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
    let weights = cell.initial_weights(rng);
    let batch = cell.batch(0..8).unwrap();
    (cell, weights, batch)
}

/// 12 weights, 3 × 5 gates.
pub fn quadratic(rng: &mut ChaCha8Rng) -> Quadratic {
    let spectrum: Vec<f64> = (0..12).map(|i| 100f64.powf(-f64::from(i) / 11.0)).collect();
    let training = Coefficients::random(&spectrum, 15, 7, rng);
    let validation = Coefficients::random(&spectrum, 15, 5, rng);
    Quadratic::new((3, 5), training, validation).unwrap()
}

/// Every operation on every edge, the first edge into one node and the others into another.
pub fn layout(problem: &impl Supernet) -> Layout {
    let shape = problem.gate_shape();
    Layout::untied(Array2::from_elem(shape, true), (0..shape.0).map(|e| usize::from(e > 0)).collect())
}

/// A run in its third epoch, with a velocity, at random logits.
pub fn run<'a, P: Supernet<Vector = Array1<f64>>>(
    problem: &'a P,
    layout: &'a Layout,
    settings: &'a Settings,
    alpha: Array2<f64>,
    rng: &mut ChaCha8Rng,
) -> Run<'a, P> {
    let mut vector = || normal((1, problem.weight_count()), rng).row(0).to_owned();
    let (weights, push) = (vector(), vector());
    let mut run = Run::new(problem, layout, settings, weights, alpha, ChaCha8Rng::seed_from_u64(7));
    run.epoch = 2;
    run.step_weights(&push).unwrap();
    run
}

pub type Dual = DualVec64<nalgebra::Dyn>;

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

/// $(\partial z/\partial\alpha)^\top c$ for a map over dual numbers, by the derivative of $\langle c, z(\alpha)\rangle$.
pub fn pulled(alpha: &Array2<f64>, cost: &Array2<f64>, map: impl Fn(Vec<Dual>) -> Vec<Dual>) -> Array2<f64> {
    let flat = DVector::from_iterator(alpha.len(), alpha.iter().copied());
    let scalar = |v: DVector<Dual>| {
        let z = map(v.iter().cloned().collect());
        z.into_iter().zip(cost).map(|(z, &c)| z * c).reduce(|x, y| x + y).unwrap()
    };
    let (_, slope) = gradient(scalar, &flat);
    Array2::from_shape_vec(alpha.dim(), slope.iter().copied().collect()).unwrap()
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

pub fn size(a: &Array2<f64>) -> f64 {
    a.iter().map(|x| x.abs()).sum()
}
