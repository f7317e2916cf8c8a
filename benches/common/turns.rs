//! Timing of several things by turns.

use std::time::Instant;

/// The shortest of `repeats` runs of each, in seconds. What slows the machine for a while slows all of them: their ratios vary less than if one were
/// timed after the other.
pub fn by_turns<const N: usize>(repeats: usize, mut runs: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut shortest = [f64::INFINITY; N];
    for _ in 0..repeats {
        for (run, shortest) in runs.iter_mut().zip(&mut shortest) {
            let start = Instant::now();
            run();
            *shortest = shortest.min(start.elapsed().as_secs_f64());
        }
    }
    shortest
}
