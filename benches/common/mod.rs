//! What the comparisons share: timing, a streaming read, and verdicts that are printed as they fall.

use std::{hint::black_box, time::Instant};

use ndarray::Array2;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// The shortest of `repeats` runs, in seconds: the one least disturbed by the rest of the machine.
pub fn seconds<T>(repeats: usize, mut run: impl FnMut() -> T) -> f64 {
    let times = (0..repeats).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

/// Reads every entry once and in order, as fast as one thread can: the floor of any pass over the panel.
pub fn read(panel: &Array2<f64>) -> u64 {
    let entries = panel.as_slice().unwrap_or_default();
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut lanes = [0u64; 64];
            for chunk in entries.chunks_exact(64) {
                for (lane, x) in lanes.iter_mut().zip(chunk) {
                    *lane ^= x.to_bits();
                }
            }
            lanes.iter().fold(0, |a, b| a ^ b)
        },
    )
}

/// A panel of independent standard normal entries.
pub fn gaussian(rows: usize, dim: usize, seed: u64) -> Array2<f64> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_simple_fn((rows, dim), || StandardNormal.sample(&mut rng))
}

/// Prints `name: ratio (limit) PASS` or `MISS`.
pub fn verdict(name: &str, ratio: f64, limit: f64) {
    let word = if ratio <= limit { "PASS" } else { "MISS" };
    println!("  {word}  {name}: {ratio:.2} (at most {limit})");
}
