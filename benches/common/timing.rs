//! Timing.

use std::{hint::black_box, time::Instant};

/// The shortest of `repeats` runs, in seconds: the one least disturbed by the rest of the machine.
pub fn seconds<T>(repeats: usize, mut run: impl FnMut() -> T) -> f64 {
    let times = (0..repeats).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}
