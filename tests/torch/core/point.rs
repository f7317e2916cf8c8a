//! Points at which both are compared.

use nasproof::problem::{
    Supernet,
    dense_cell::{Batch, DenseCell, Operation, Settings},
    digits::Digits,
};
use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A dense cell, a point and its examples, drawn from a seed.
pub struct Point {
    pub digits: Digits,
    pub cell: DenseCell,
    pub weights: Array1<f64>,
    pub gates: Array2<f64>,
    rng: ChaCha8Rng,
}

impl Point {
    pub fn new(settings: Settings, examples: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let all = Digits::load();
        let chosen: Vec<usize> = (0..examples).map(|_| rng.random_range(0..all.len())).collect();
        let mut digits = all.select(&chosen);
        digits.labels.iter_mut().for_each(|label| *label %= settings.classes);
        let cell = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
        let weights = cell.initial_weights(&mut rng);
        let gates = Array2::from_shape_simple_fn(cell.gate_shape(), || rng.random_range(0.2..1.2));
        Self { digits, cell, weights, gates, rng }
    }

    pub fn batch(&self) -> Batch {
        self.cell.batch(0..self.digits.len()).unwrap()
    }

    pub fn random_weights(&mut self) -> Array1<f64> {
        let rng = &mut self.rng;
        Array1::from_shape_simple_fn(self.weights.len(), || rng.random_range(-1.0..1.0))
    }

    pub fn random_gates(&mut self) -> Array2<f64> {
        let rng = &mut self.rng;
        Array2::from_shape_simple_fn(self.gates.dim(), || rng.random_range(-1.0..1.0))
    }
}

/// 294 weights, every operation somewhere.
pub fn narrow() -> Settings {
    Settings { channels: 2, ..Settings::masked() }
}

/// Two cells, a bias, few classes and another width.
pub fn stacked() -> Settings {
    use Operation::{DilConv3x3, MaxPool3x3, SepConv3x3, SkipConnect};
    let settings = Settings { channels: 3, classes: 4, classifier_bias: true, ..Settings::stacked(2) };
    settings.with_operations(0, 1, &[SepConv3x3, SkipConnect]).with_operations(1, 4, &[MaxPool3x3, DilConv3x3])
}

pub fn points() -> Vec<Point> {
    let zero_epsilon = Settings { epsilon: 0.0, ..Settings::minimal() };
    vec![Point::new(zero_epsilon, 6, 21), Point::new(Settings::masked(), 5, 22), Point::new(stacked(), 4, 23)]
}
