//! Problems and batches.

use nasproof::{
    problem::{
        Supernet,
        dense_cell::{Batch, DenseCell, Settings as CellSettings},
        digits::Digits,
        quadratic::Quadratic,
    },
    search::{Layout, Run, Settings},
};
use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

#[allow(unused_imports, reason = "each of the programs that share it uses a part")]
pub use crate::common::{
    Dual, Dual2, agree, dual_softmax, normal, pulled, ratio, regression, rng, second_derivative, size, total,
};

/// A cell of two channels on digits, its initial weights, and a batch of eight.
pub fn cell(rng: &mut ChaCha8Rng) -> (DenseCell, Array1<f64>, Batch) {
    let digits = Digits::load();
    let settings = CellSettings { channels: 2, ..CellSettings::minimal() };
    let cell = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
    let weights = cell.initial_weights(rng);
    let batch = cell.batch(0..8).unwrap();
    (cell, weights, batch)
}

/// Condition numbers of 100.
pub fn quadratic(rng: &mut ChaCha8Rng) -> Quadratic {
    crate::common::quadratic(100.0, rng)
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
