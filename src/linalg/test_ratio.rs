//! The currency of every numerical check.

use approx::AbsDiffEq;

use super::vector::Vector;

/// Higham's $\gamma_n=\frac{n u}{1-nu}$, $u=\epsilon/2$: the relative error that $n$ roundings can build up.
///
/// `f64::INFINITY` when $nu\ge 1$, where no bound of this kind holds.
pub fn gamma(n: usize, epsilon: f64) -> f64 {
    let nu = n as f64 * epsilon / 2.0;
    if nu < 1.0 { nu / (1.0 - nu) } else { f64::INFINITY }
}

/// A residual divided by what rounding can explain, as in LAPACK's own test suite; at or below
/// [`TestRatio::PASS`] it is rounding, above it is something else.
///
/// A NaN never passes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, serde::Serialize)]
pub struct TestRatio(pub f64);

impl TestRatio {
    /// The threshold of LAPACK's test suite.
    pub const PASS: f64 = 30.0;

    /// For a solve: $\dfrac{\lVert Ax-b\rVert}{(\lVert A\rVert\lVert x\rVert+\lVert b\rVert)\,n\,\epsilon}$.
    ///
    /// `norm` is $\lVert A\rVert$, `residual` is $\lVert Ax-b\rVert$; $\epsilon$ is that of `x`.
    pub fn solve<V: Vector>(residual: f64, norm: f64, x: &V, b: &V) -> Self {
        Self::quotient(residual, (norm * x.norm() + b.norm()) * x.dim() as f64 * x.epsilon())
    }

    /// For a scalar identity `left = right` whose two sides are sums of `n` terms of total magnitude
    /// `terms` $=\sum|\text{terms}|$: $\dfrac{|\text{left}-\text{right}|}{n\,\epsilon\sum|\text{terms}|}$.
    pub fn identity(left: f64, right: f64, terms: f64, n: usize) -> Self {
        Self::quotient((left - right).abs(), n.max(1) as f64 * f64::EPSILON * terms)
    }

    /// For a forward error: the difference of two vectors over $\kappa\,n\,\epsilon\lVert x\rVert$,
    /// $\kappa$ the condition number of the problem.
    pub fn forward<V: Vector>(x: &V, reference: &V, condition: f64) -> Self {
        let mut difference = x.clone();
        difference.axpy(-1.0, reference);
        let scale = reference.norm() * condition * x.dim() as f64 * x.epsilon();
        Self::quotient(difference.norm(), scale)
    }

    /// `residual / scale`, 0 when both vanish. A scale that is negative or NaN explains nothing, like one of 0.
    pub fn quotient(residual: f64, scale: f64) -> Self {
        if residual == 0.0 { Self(0.0) } else { Self(residual / scale.max(0.0)) }
    }

    /// Whether rounding explains the residual.
    pub fn passes(self) -> bool {
        self.0 <= Self::PASS
    }

    /// The larger of two, NaN above everything.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if self.0.is_nan() || self.0 > other.0 { self } else { other }
    }
}

impl std::fmt::Display for TestRatio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

/// A scalar together with the size of the sum it came from, so that `approx`'s macros judge by test ratio:
///
/// ```
/// use approx::{assert_abs_diff_eq, assert_abs_diff_ne};
/// use nasproof::linalg::Rounded;
///
/// let terms = [0.1, 0.2, -0.3];
/// let sum = Rounded::sum(terms);
/// assert_abs_diff_eq!(sum, sum.expected(0.0));        // the test ratio is at most 30
/// assert_abs_diff_ne!(sum, sum.expected(1e-13));      // and a part in 10^13 is seen
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounded {
    /// The value.
    pub value: f64,
    /// $\sum|\text{terms}|$.
    pub terms: f64,
    /// The number of terms.
    pub n: usize,
}

impl Rounded {
    /// The sum of the terms.
    pub fn sum(terms: impl IntoIterator<Item = f64>) -> Self {
        terms.into_iter().fold(Self { value: 0.0, terms: 0.0, n: 0 }, |s, x| Self {
            value: s.value + x,
            terms: s.terms + x.abs(),
            n: s.n + 1,
        })
    }

    /// The value this one should have, with the same scale.
    #[must_use]
    pub fn expected(self, value: f64) -> Self {
        Self { value, ..self }
    }

    /// The test ratio of `self = other`.
    pub fn ratio(self, other: Self) -> TestRatio {
        TestRatio::identity(self.value, other.value, self.terms.max(other.terms), self.n.max(other.n))
    }
}

impl AbsDiffEq for Rounded {
    type Epsilon = f64;

    fn default_epsilon() -> f64 {
        TestRatio::PASS
    }

    fn abs_diff_eq(&self, other: &Self, epsilon: f64) -> bool {
        self.ratio(*other).0 <= epsilon
    }
}
