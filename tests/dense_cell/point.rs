//! Points at which everything is compared, and how.

use std::ops::Range;

use nasproof::{
    linalg::TestRatio,
    problem::{
        Supernet,
        dense_cell::{Batch, DenseCell, Settings},
        digits::Digits,
    },
};
use ndarray::{Array1, Array2, s};
use num_dual::{HyperDual64, HyperDualDVec64};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::oracle::{Oracle, Tie};

/// A network, a point and a batch, all drawn from a seed.
pub struct Point {
    pub digits: Digits,
    pub cell: DenseCell,
    pub batch: Batch,
    pub weights: Array1<f64>,
    pub gates: Array2<f64>,
}

impl Point {
    pub fn new(settings: Settings, examples: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let all = Digits::load();
        let chosen: Vec<usize> = (0..examples).map(|_| rng.random_range(0..all.len())).collect();
        let digits = all.select(&chosen);
        let cell = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
        let weights = cell.initial_weights(&mut rng);
        let gates = Array2::from_shape_simple_fn(cell.gate_shape(), || rng.random_range(0.2..1.2));
        let batch = cell.batch(0..examples).unwrap();
        Self { digits, cell, batch, weights, gates }
    }

    pub fn oracle(&self, tie: Tie) -> Oracle<'_> {
        let images = self.digits.images.rows().into_iter().map(|row| row.to_vec()).collect();
        Oracle { settings: self.cell.settings(), images, labels: &self.digits.labels, tie }
    }

    pub fn flat_gates(&self) -> Vec<f64> {
        self.gates.iter().copied().collect()
    }

    pub fn random_weights(&self, seed: u64) -> Array1<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Array1::from_shape_simple_fn(self.weights.len(), || rng.random_range(-1.0..1.0))
    }

    pub fn random_gates(&self, seed: u64) -> Array2<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Array2::from_shape_simple_fn(self.gates.dim(), || rng.random_range(-1.0..1.0))
    }

    /// The oracle's second derivative along two directions.
    pub fn oracle_form(&self, one: (&Array1<f64>, &Array2<f64>), two: (&Array1<f64>, &Array2<f64>)) -> f64 {
        let point = self.weights.iter().chain(&self.gates);
        let directions = one.0.iter().chain(one.1).zip(two.0.iter().chain(two.1));
        let point: Vec<_> = point.zip(directions).map(|(&x, (&a, &b))| HyperDual64::new(x, a, b, 0.0)).collect();
        let (weights, gates) = point.split_at(self.weights.len());
        self.oracle(Tie::First).loss(weights, gates).eps1eps2
    }

    /// The oracle's block of the Hessian.
    pub fn oracle_block(&self, rows: Range<usize>, columns: Range<usize>) -> Array2<f64> {
        let variable = |(i, x): (usize, f64)| {
            let mut x = HyperDualDVec64::from_re(x);
            if rows.contains(&i) {
                x = x.derivative1(rows.len(), i - rows.start);
            }
            if columns.contains(&i) {
                x = x.derivative2(columns.len(), i - columns.start);
            }
            x
        };
        let point: Vec<_> = self.weights.iter().copied().enumerate().map(variable).collect();
        let gates: Vec<_> = self.gates.iter().copied().map(HyperDualDVec64::from_re).collect();
        let loss = self.oracle(Tie::First).loss(&point, &gates);
        let second = loss.eps1eps2.0.unwrap_or(nalgebra::DMatrix::zeros(rows.len(), columns.len()));
        Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| second[(i, j)])
    }
}

/// Row by row $\lVert a_i-b_i\rVert_\infty/(n\epsilon\lVert b_i\rVert_\infty)$, $n$ the length of the longest sum behind an entry:
/// a batch norm's over examples and pixels.
pub fn worst_ratio(a: &Array2<f64>, b: &Array2<f64>, examples: usize) -> TestRatio {
    assert_eq!(a.dim(), b.dim());
    let largest = |row: ndarray::ArrayView1<f64>| row.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    a.rows().into_iter().zip(b.rows()).fold(TestRatio(0.0), |worst, (a, b)| {
        let n = (64 * examples) as f64;
        worst.max(TestRatio::quotient(largest((&a - &b).view()), n * f64::EPSILON * largest(b)))
    })
}

pub fn as_row(x: &Array1<f64>) -> Array2<f64> {
    x.clone().insert_axis(ndarray::Axis(0))
}

/// Two cells, a bias, few classes and another width: what the single minimal cell does not reach.
pub fn stacked() -> Settings {
    let mut settings = Settings::stacked(2);
    settings.channels = 5;
    settings.classes = 3;
    settings.classifier_bias = true;
    let kept = Settings::masked().mask;
    settings.mask.slice_mut(s![..5, ..]).assign(&kept);
    settings.mask.slice_mut(s![5.., ..]).assign(&kept.slice(s![..;-1, ..]));
    settings
}

pub fn relabelled(settings: Settings, examples: usize, seed: u64) -> Point {
    let ten = Point::new(Settings { classes: 10, ..settings.clone() }, examples, seed);
    let labels: Vec<usize> = ten.digits.labels.iter().map(|l| l % settings.classes).collect();
    let cell = DenseCell::new(settings, ten.digits.images.view(), &labels).unwrap();
    let weights = cell.initial_weights(&mut ChaCha8Rng::seed_from_u64(seed + 1));
    let batch = cell.batch(0..examples).unwrap();
    Point { digits: Digits { labels, ..ten.digits }, cell, batch, weights, ..ten }
}

pub fn points() -> Vec<(&'static str, Point)> {
    let mut zero_epsilon = Settings::minimal();
    zero_epsilon.epsilon = 0.0;
    vec![
        ("every operation, ε = 0", Point::new(zero_epsilon, 6, 21)),
        ("masked", Point::new(Settings::masked(), 5, 22)),
        ("two cells with bias", relabelled(stacked(), 4, 23)),
        ("three cells", Point::new(Settings::stacked(3), 3, 24)),
    ]
}
