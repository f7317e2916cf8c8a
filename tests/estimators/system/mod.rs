//! Stored systems solved by name: every method on both kinds of system and in both precisions, and what each refuses.

mod answers;
mod knowledge;
mod refused;
mod requests;
mod steps;

use nasproof::{
    ihvp::system::{Answer, Method, Refusal, Report, Request, SolveError, Storage, System, solve},
    linalg::{TestRatio, samples::Sample},
};
use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const N: usize = 12;
const DAMPING: f64 = 0.125;

/// A method with nothing further asked of it.
fn by(method: Method) -> Request {
    let (step, terms, tolerance, batch) = (None, None, None, None);
    Request { method, step, terms, tolerance, batch, seed: 0, single: false, storage: Storage::Double }
}

fn random(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_fn((rows, columns), |_| rng.random_range(-1.0..1.0))
}

fn vector(n: usize, seed: u64) -> Array1<f64> {
    random(1, n, seed).row(0).to_owned()
}

fn with_eigenvalues(eigenvalues: Vec<f64>, seed: u64) -> Array2<f64> {
    let reflections = (0..3).map(|i| vector(eigenvalues.len(), seed + i)).collect();
    Sample::new(eigenvalues, reflections).matrix
}

/// $1$ down to $1/\kappa$, in equal ratios.
fn decay(n: usize, condition: f64) -> Vec<f64> {
    (0..n).map(|i| condition.powf(-(i as f64) / (n - 1) as f64)).collect()
}

fn hessian(matrix: &Array2<f64>, damping: f64) -> System {
    System::hessian(matrix.clone(), f64::EPSILON, damping).unwrap()
}

fn gradients(panel: &Array2<f64>, damping: f64) -> System {
    System::gradients(panel.clone(), damping).unwrap()
}

/// $H+\eta I$.
fn damped(matrix: &Array2<f64>, damping: f64) -> Array2<f64> {
    matrix + &(Array2::<f64>::eye(matrix.nrows()) * damping)
}

/// $\frac1NG^\top G+\eta I$.
fn fisher(panel: &Array2<f64>, damping: f64) -> Array2<f64> {
    damped(&(panel.t().dot(panel) / panel.nrows() as f64), damping)
}

/// The smallest and the largest eigenvalue.
fn ends(a: &Array2<f64>) -> (f64, f64) {
    let values = nalgebra::DMatrix::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)]).symmetric_eigenvalues();
    (values.min(), values.max())
}

fn answer(system: &System, request: &Request, v: &Array1<f64>) -> Answer {
    solve(system, request, std::slice::from_ref(v)).unwrap_or_else(|e| panic!("{request:?}: {e}"))
}

fn refusal(system: &System, request: &Request, v: &Array1<f64>) -> (Refusal, Report) {
    match solve(system, request, std::slice::from_ref(v)) {
        Err(SolveError::Refused { refusal, report }) => (refusal, *report),
        other => panic!("{request:?}: {other:?}"),
    }
}

/// Whether `x` is `expected` up to the rounding of a problem of this condition.
fn close(x: &Array1<f64>, expected: &Array1<f64>, condition: f64) -> bool {
    TestRatio::forward(x, expected, condition).passes()
}
