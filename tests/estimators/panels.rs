//! Panels of gradients with a damping and right-hand sides.

use std::ops::Range;

use nasproof::linalg::{Streamed, samples};
use ndarray::{Array1, Array2, s};
use proptest::{collection::vec, prelude::*};

/// Rows, columns, entries in $[-1,1]$ with each row scaled by a power of ten, a damping, and right-hand sides.
#[derive(Debug, Clone)]
pub struct Panelled {
    pub panel: Array2<f64>,
    pub damping: f64,
    pub vs: Vec<Array1<f64>>,
}

impl Panelled {
    pub fn trace(&self) -> f64 {
        self.panel.iter().map(|g| g * g).sum::<f64>() / self.panel.nrows() as f64
    }

    pub fn condition(&self) -> f64 {
        (self.trace() + self.damping) / self.damping
    }

    pub fn dense(&self) -> Array2<f64> {
        let (n, d) = self.panel.dim();
        self.panel.t().dot(&self.panel) / n as f64 + Array2::<f64>::eye(d) * self.damping
    }
}

/// Condition numbers up to about $10^6$; fewer rows than columns, and more.
pub fn panels(shapes: impl Strategy<Value = (usize, usize)>) -> impl Strategy<Value = Panelled> {
    shapes
        .prop_flat_map(|(n, d)| {
            let entries = vec(vec(-1.0..1.0f64, d), n);
            (entries, vec(-1.0..=0.0f64, n), -6.0..=0.0f64, samples::columns(d, 3))
        })
        .prop_map(|(entries, sizes, digits, vs)| {
            let (n, d) = (entries.len(), entries[0].len());
            let panel = Array2::from_shape_fn((n, d), |(i, j)| entries[i][j] * 10f64.powf(sizes[i]));
            let mean = panel.iter().map(|g| g * g).sum::<f64>() / n as f64;
            // A panel of zeros is a panel too.
            let damping = 10f64.powf(digits) * if mean > 0.0 { mean } else { 1.0 };
            Panelled { panel, damping, vs }
        })
}

pub fn shapes() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![(8..=12usize, 13..=40usize), (13..=40usize, 8..=12usize)]
}

pub fn streamed(panel: &Array2<f64>) -> Streamed<f64, impl Fn(Range<usize>) -> Array2<f64> + '_> {
    Streamed::new(panel.nrows(), panel.ncols(), 5, move |range| panel.slice(s![.., range]).to_owned())
}
