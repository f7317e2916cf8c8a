//! Numbers that change over a search: temperatures, radii, rates.

use serde::Serialize;

/// A number as a function of the part $t\in\lbrack 0,1\rbrack$ of the search that is done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same throughout.
    Constant(f64),
    /// $a+(b-a)\,t$.
    Linear(f64, f64),
    /// $a\,(b/a)^t$, both positive.
    Exponential(f64, f64),
    /// $b+\frac12(a-b)(1+\cos\pi t)$: cosine annealing.
    Cosine(f64, f64),
}

impl Schedule {
    /// The value at $t$, which is clamped to $\lbrack 0,1\rbrack$.
    pub fn at(self, t: f64) -> f64 {
        let t = t.clamp(0.0, 1.0);
        match self {
            Self::Constant(a) => a,
            Self::Linear(a, b) => a + (b - a) * t,
            Self::Exponential(a, b) => a * (b / a).powf(t),
            Self::Cosine(a, b) => b + 0.5 * (a - b) * (1.0 + (std::f64::consts::PI * t).cos()),
        }
    }
}
