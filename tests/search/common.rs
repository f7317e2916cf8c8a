//! Problems, batches and random arrays.

use nasproof::problem::{
    dense_cell::{Batch, DenseCell, Settings},
    digits::Digits,
    softmax_regression::SoftmaxRegression,
};
use ndarray::{Array1, Array2, Array4};
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
    let settings = Settings { channels: 2, ..Settings::minimal() };
    let cell = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
    let weights = cell.initial_weights(rng);
    let batch = cell.batch(0..8).unwrap();
    (cell, weights, batch)
}
