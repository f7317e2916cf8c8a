//! Problems, and an inverse that knows the whole matrix.

use std::convert::Infallible;

use nalgebra::{DMatrix, DVector};
use nasproof::{
    linalg::{Vector, dense},
    problem::{
        Hessian, Supernet,
        quadratic::{Coefficients, Quadratic},
        softmax_regression::SoftmaxRegression,
    },
};
use ndarray::{Array1, Array2, Array4};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn normal(shape: (usize, usize), rng: &mut ChaCha8Rng) -> Array2<f64> {
    Array2::from_shape_vec(shape, Array1::<f64>::zeros(shape.0 * shape.1).gaussian_like(rng).to_vec()).unwrap()
}

/// What an inverse that cannot fail returns.
pub type Solved = Result<Vec<Array1<f64>>, Infallible>;

/// The slow, obvious inverse: the dense Hessian, by LU.
pub fn exact<P: Supernet<Vector = Array1<f64>>>(at: &Hessian<'_, P>, vs: &[Array1<f64>]) -> Solved {
    let h = dense(at, at.weights);
    let lu = DMatrix::from_fn(h.nrows(), h.nrows(), |i, j| h[(i, j)]).lu();
    Ok(vs.iter().map(|v| lu.solve(&DVector::from_vec(v.to_vec())).unwrap().iter().copied().collect()).collect())
}

/// [`exact`], then wrong by a fixed relative amount along a fixed pattern.
pub fn perturbed<P: Supernet<Vector = Array1<f64>>>(
    size: f64,
) -> impl FnMut(&Hessian<'_, P>, &[Array1<f64>]) -> Solved {
    move |at, vs| {
        let mut xs = exact(at, vs)?;
        for x in &mut xs {
            let norm = x.norm();
            let pattern = Array1::from_shape_fn(x.len(), |i| ((i * i + 1) as f64).sin());
            x.scaled_add(size * norm / pattern.norm(), &pattern);
        }
        Ok(xs)
    }
}

/// 12 weights, 3 × 5 gates; the condition numbers of the two losses are `condition` and 100.
pub fn quadratic(condition: f64, rng: &mut ChaCha8Rng) -> Quadratic {
    let spectrum = |condition: f64| (0..12).map(|i| condition.powf(-f64::from(i) / 11.0)).collect::<Vec<_>>();
    let training = Coefficients::random(&spectrum(condition), 15, 7, rng);
    let validation = Coefficients::random(&spectrum(100.0), 15, 5, rng);
    Quadratic::new((3, 5), training, validation).unwrap()
}

/// 20 + 10 examples, 3 edges × 5 operations of width 4, 3 classes: 12 weights.
pub fn regression(rng: &mut ChaCha8Rng) -> SoftmaxRegression {
    let features = Array4::from_shape_simple_fn((30, 3, 5, 4), || rng.random_range(-1.0..1.0f64));
    let labels = (0..30).map(|i| (i * i) % 3).collect();
    SoftmaxRegression::new(features, labels, 3, (0..20).collect(), (20..30).collect(), 0.05).unwrap()
}
