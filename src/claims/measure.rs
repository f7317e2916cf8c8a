//! What a check sees in one case.

use serde_json::{Map, Number, Value};

use crate::linalg::TestRatio;

/// One point of a limit $t\to0$.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimitPoint {
    /// The small parameter.
    pub t: f64,
    /// The magnitude of what the approximation leaves out: $|\text{exact}-\text{approximate}|$.
    pub error: f64,
    /// The magnitude of the smallest kept term.
    pub kept: f64,
    /// The rounding error of `error`: where `error` is within [`TestRatio::PASS`] of it, the point says nothing.
    pub rounding: f64,
}

/// The outcome of a check in one case: a test ratio, and the numbers a reader would want to see.
#[derive(Debug, Clone)]
pub struct Measure {
    ratio: TestRatio,
    order: Option<f64>,
    numbers: Map<String, Value>,
}

impl Measure {
    /// From a test ratio.
    pub fn ratio(ratio: TestRatio) -> Self {
        Self { ratio, order: None, numbers: Map::new() }
    }

    /// `left = right` for scalars whose sums have total magnitude `terms` over `n` terms.
    pub fn equality(left: f64, right: f64, terms: f64, n: usize) -> Self {
        Self::ratio(TestRatio::identity(left, right, terms, n)).with("left", left).with("right", right)
    }

    /// `left = right` for vectors: $\lVert l-r\rVert_2/(n\,\epsilon\,s)$, `scale` $s$ what rounding is relative to (a condition number times a
    /// norm, say), $n$ the number of roundings in sequence.
    pub fn vectors(left: &[f64], right: &[f64], scale: f64, n: usize) -> Self {
        let residual = if left.len() == right.len() {
            left.iter().zip(right).map(|(l, r)| (l - r) * (l - r)).sum::<f64>().sqrt()
        } else {
            f64::NAN
        };
        Self::ratio(TestRatio::quotient(residual, n.max(1) as f64 * f64::EPSILON * scale))
            .with_vector("left", left)
            .with_vector("right", right)
    }

    /// `left ≤ right`, up to rounding of size `n ε scale`.
    pub fn at_most(left: f64, right: f64, scale: f64, n: usize) -> Self {
        let excess = if left <= right { 0.0 } else { left - right };
        Self::ratio(TestRatio::quotient(excess, n.max(1) as f64 * f64::EPSILON * scale))
            .with("left", left)
            .with("right", right)
    }

    /// Something that is so or is not, such as a sign: no rounding decides it.
    pub fn truth(so: bool) -> Self {
        Self::ratio(TestRatio(if so { 0.0 } else { f64::INFINITY }))
    }

    /// A value against one printed with `digits` decimals: they agree when the value rounds to what is printed, that is within half a unit of
    /// the last digit, and the ratio is 30 at exactly half a unit (which rounding of the value itself may exceed by a few $\epsilon$).
    pub fn printed(value: f64, printed: f64, digits: i32) -> Self {
        let half = 0.5 * 10f64.powi(-digits) + 4.0 * f64::EPSILON * value.abs();
        Self::ratio(TestRatio(TestRatio::PASS * (value - printed).abs() / half))
            .with("value", value)
            .with("printed", printed)
    }

    /// An approximation in the limit $t\to0$: fits $|\text{error}|/|\text{kept}|\sim t^p$ by least squares in logarithms and gives the ratio
    /// $30\,(t_{\max}/t_{\min})^{1/2-p}$, which is at most 30 exactly when $p\ge\tfrac12$. With fewer than three points above
    /// rounding the approximation is exact as far as arithmetic can tell, and the ratio is 0.
    pub fn limit(points: &[LimitPoint]) -> Self {
        if points.iter().any(|p| [p.t, p.error, p.kept, p.rounding].iter().any(|x| x.is_nan())) {
            return Self::ratio(TestRatio(f64::NAN));
        }
        let seen: Vec<(f64, f64)> = points
            .iter()
            .filter(|p| p.error > TestRatio::PASS * p.rounding)
            .map(|p| (p.t.ln(), (p.error / p.kept).ln()))
            .collect();
        if seen.iter().any(|(t, q)| !t.is_finite() || q.is_nan()) {
            return Self::ratio(TestRatio(f64::NAN));
        }
        // A kept term that vanishes while the error does not: nothing was kept.
        if seen.iter().any(|(_, q)| *q == f64::INFINITY) {
            return Self::ratio(TestRatio(f64::INFINITY));
        }
        if seen.len() < 3 {
            return Self::ratio(TestRatio(0.0));
        }
        let n = seen.len() as f64;
        let (mt, mq) = seen.iter().fold((0.0, 0.0), |(a, b), (t, q)| (a + t / n, b + q / n));
        let (stt, stq) =
            seen.iter().fold((0.0, 0.0), |(a, b), (t, q)| (a + (t - mt) * (t - mt), b + (t - mt) * (q - mq)));
        let order = stq / stt;
        let range = seen.iter().map(|s| s.0).fold(f64::NEG_INFINITY, f64::max)
            - seen.iter().map(|s| s.0).fold(f64::INFINITY, f64::min);
        let ratio = TestRatio(TestRatio::PASS * ((0.5 - order) * range).exp());
        let smallest = points.iter().fold(f64::INFINITY, |m, p| m.min(p.t));
        Self { ratio, order: Some(order), numbers: Map::new() }.with("order", order).with("smallest_t", smallest)
    }

    /// Names a number for the counterexample.
    #[must_use]
    pub fn with(mut self, name: &str, value: f64) -> Self {
        self.numbers.insert(name.into(), number(value));
        self
    }

    /// Names a vector for the counterexample.
    #[must_use]
    pub fn with_vector(mut self, name: &str, value: &[f64]) -> Self {
        self.numbers.insert(name.into(), value.iter().map(|&x| number(x)).collect());
        self
    }

    /// The worse of two outcomes of one case, for statements with several parts.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let worse = if self.ratio.0.is_nan() || self.ratio.0 >= other.ratio.0 { self.clone() } else { other.clone() };
        let order = match (self.order, other.order) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { order, ..worse }
    }

    /// The worst of several outcomes of one case; NaN, which never passes, where there are none.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().reduce(Self::and).unwrap_or(Self::ratio(TestRatio(f64::NAN)))
    }

    /// The test ratio.
    pub fn test_ratio(&self) -> TestRatio {
        self.ratio
    }

    /// The fitted order, of a limit.
    pub fn order(&self) -> Option<f64> {
        self.order
    }

    pub(super) fn numbers(&self) -> &Map<String, Value> {
        &self.numbers
    }
}

/// JSON has no NaN or infinity; they become strings rather than nulls, so that a reader sees them.
fn number(x: f64) -> Value {
    Number::from_f64(x).map_or_else(|| Value::String(x.to_string()), Value::Number)
}
