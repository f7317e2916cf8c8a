//! The small exact problems that the theory and the searches are tested on.

use nasproof::problem::{
    quadratic::{Coefficients, Quadratic},
    softmax_regression::SoftmaxRegression,
};
use ndarray::Array4;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// 20 + 10 examples, 3 edges × 5 operations of width 4, 3 classes: 12 weights.
pub fn regression(rng: &mut ChaCha8Rng) -> SoftmaxRegression {
    let features = Array4::from_shape_simple_fn((30, 3, 5, 4), || rng.random_range(-1.0..1.0f64));
    let labels = (0..30).map(|i| (i * i) % 3).collect();
    SoftmaxRegression::new(features, labels, 3, (0..20).collect(), (20..30).collect(), 0.05).unwrap()
}

/// 12 weights, 3 × 5 gates; the condition numbers of the two losses are `condition` and 100.
pub fn quadratic(condition: f64, rng: &mut ChaCha8Rng) -> Quadratic {
    let spectrum = |condition: f64| (0..12).map(|i| condition.powf(-f64::from(i) / 11.0)).collect::<Vec<_>>();
    let training = Coefficients::random(&spectrum(condition), 15, 7, rng);
    let validation = Coefficients::random(&spectrum(100.0), 15, 5, rng);
    Quadratic::new((3, 5), training, validation).unwrap()
}
