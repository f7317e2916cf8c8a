//! The exact Hessian of a minimal cell on real digits: how long it takes, and what its spectrum looks like.
//!
//! `cargo run --release --example dense_cell_hessian -- [masked|minimal] [batch]`
//!
//! The masked cell has every operation once (652 weights), the minimal one every operation on every edge (2,668).

use std::{error::Error, time::Instant};

use nasproof::problem::{
    Supernet,
    dense_cell::{DenseCell, Settings},
    digits::Digits,
};
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let settings = match arguments.next().as_deref() {
        None | Some("masked") => Settings::masked(),
        Some("minimal") => Settings::minimal(),
        Some(other) => return Err(format!("unknown cell {other:?}; choose masked or minimal").into()),
    };
    let batch = arguments.next().map_or(Ok(128), |n| n.parse())?;

    let digits = Digits::load();
    let cell = DenseCell::new(settings, digits.images.view(), &digits.labels)?;
    let batch = cell.batch(0..batch)?;
    let weights = cell.initial_weights(&mut ChaCha8Rng::seed_from_u64(1));
    let gates = cell.uniform_gates();

    let start = Instant::now();
    let hessian = cell.hessian(&weights, &gates, &batch);
    let seconds = start.elapsed().as_secs_f64();
    let d = cell.weight_count();
    println!("exact Hessian, {d} × {d}, of the loss on {} digits: {seconds:.2} s", batch.len());
    println!("loss {:.6}", cell.loss(&weights, &gates, &batch));
    if let Some((accuracy, entropy)) = cell.accuracy_and_entropy(&weights, &gates, &batch) {
        println!("accuracy {accuracy:.3}, mean entropy of the prediction {entropy:.6}");
    }

    let spectrum = eigenvalues(&hessian);
    let (smallest, largest) = (spectrum[0], spectrum[d - 1]);
    // What rounding cannot tell from 0: Weyl's bound for a backward-stable eigensolver.
    let rounding = d as f64 * f64::EPSILON * smallest.abs().max(largest);
    let negative = spectrum.iter().filter(|&&x| x < -rounding).count();
    let zero = spectrum.iter().filter(|x| x.abs() <= rounding).count();
    println!("eigenvalues from {smallest:.6e} to {largest:.6e}");
    println!("{negative} of {d} negative ({:.1}%), {zero} zero to rounding", 100.0 * negative as f64 / d as f64);
    Ok(())
}

/// In ascending order.
fn eigenvalues(a: &Array2<f64>) -> Vec<f64> {
    let matrix = nalgebra::DMatrix::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)]);
    let mut values = matrix.symmetric_eigenvalues().as_slice().to_vec();
    values.sort_by(f64::total_cmp);
    values
}
