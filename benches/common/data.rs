//! Panels.

use ndarray::Array2;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// A panel of independent standard normal entries.
pub fn gaussian(rows: usize, dim: usize, seed: u64) -> Array2<f64> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_simple_fn((rows, dim), || StandardNormal.sample(&mut rng))
}
