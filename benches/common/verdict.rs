//! Verdicts, printed as they fall.

use std::{fmt::Debug, ops::RangeBounds};

/// Prints `PASS` or `MISS`, the ratio, and the range it should lie in.
pub fn verdict(name: &str, ratio: f64, limit: impl RangeBounds<f64> + Debug) {
    let word = if limit.contains(&ratio) { "PASS" } else { "MISS" };
    println!("  {word}  {name}: {ratio:.2} (limit {limit:?})");
}
