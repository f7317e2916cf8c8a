//! Intervals of real numbers with outward rounding.

use std::{
    fmt,
    ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign},
};

use num_traits::{One, Zero};

use super::{Undefined, rounding};

/// A closed interval $[\underline x,\overline x]$ of real numbers; an end may be infinite, which means that the interval has no bound on that side.
///
/// For every operation $\circ$, $\{x\circ y:x\in X,\,y\in Y\}\subseteq X\circ Y$. Where an operation has no value on the whole argument it returns
/// [`Undefined`] rather than a NaN. Two occurrences of one variable are taken to vary on their own: $X-X$ is as wide as twice $X$, which costs
/// tightness and never truth. Equality compares the ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    lower: f64,
    upper: f64,
}

impl Interval {
    /// $[\text{lower},\text{upper}]$.
    ///
    /// # Errors
    /// [`Undefined::Bounds`] unless lower ≤ upper, neither is NaN and a real number lies between.
    pub fn new(lower: f64, upper: f64) -> Result<Self, Undefined> {
        if lower <= upper && lower < f64::INFINITY && upper > f64::NEG_INFINITY {
            Ok(Self { lower, upper })
        } else {
            Err(Undefined::Bounds { lower: lower.to_string(), upper: upper.to_string() })
        }
    }

    /// Ends that are known to be in order; what is not a number could be anything.
    pub(super) fn enclosing(lower: f64, upper: f64) -> Self {
        let lower = if lower.is_nan() { f64::NEG_INFINITY } else { lower };
        let upper = if upper.is_nan() { f64::INFINITY } else { upper };
        Self { lower, upper }
    }

    fn of((lower, upper): (f64, f64)) -> Self {
        Self::enclosing(lower, upper)
    }

    /// $\underline x$.
    pub fn lower(self) -> f64 {
        self.lower
    }

    /// $\overline x$.
    pub fn upper(self) -> f64 {
        self.upper
    }

    /// $\overline x-\underline x$, rounded to nearest.
    pub fn width(self) -> f64 {
        self.upper - self.lower
    }

    /// A number inside, near the middle.
    pub fn middle(self) -> f64 {
        match (self.lower.is_finite(), self.upper.is_finite()) {
            // Halves first: the sum of two large ends overflows.
            (true, true) => (0.5 * self.lower + 0.5 * self.upper).clamp(self.lower, self.upper),
            (true, false) => f64::MAX.min(2.0 * self.lower.abs() + 1.0),
            (false, true) => f64::MIN.max(-2.0 * self.upper.abs() - 1.0),
            (false, false) => 0.0,
        }
    }

    /// Whether a number lies in it.
    pub fn contains(self, x: f64) -> bool {
        self.lower <= x && x <= self.upper
    }

    /// Whether another lies in it.
    pub fn encloses(self, other: Self) -> bool {
        self.lower <= other.lower && other.upper <= self.upper
    }

    /// The two halves.
    pub fn halves(self) -> (Self, Self) {
        let middle = self.middle();
        (Self { upper: middle, ..self }, Self { lower: middle, ..self })
    }

    /// $\{\min(x,y)\}$.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self { lower: self.lower.min(other.lower), upper: self.upper.min(other.upper) }
    }

    /// $\{\max(x,y)\}$.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { lower: self.lower.max(other.lower), upper: self.upper.max(other.upper) }
    }

    /// $\{|x|\}$.
    #[must_use]
    pub fn abs(self) -> Self {
        let upper = self.lower.abs().max(self.upper.abs());
        let lower = if self.contains(0.0) { 0.0 } else { self.lower.abs().min(self.upper.abs()) };
        Self { lower, upper }
    }

    /// $\{x^2\}$: both factors the same, so never negative.
    #[must_use]
    pub fn square(self) -> Self {
        let Self { lower, upper } = self.abs();
        Self::enclosing(rounding::product(lower, lower).0, rounding::product(upper, upper).1)
    }

    /// $\{x/y\}$.
    ///
    /// # Errors
    /// [`Undefined::Division`] where the divisor contains zero.
    pub fn over(self, divisor: Self) -> Result<Self, Undefined> {
        if divisor.contains(0.0) {
            return Err(Undefined::Division { by: divisor.to_string() });
        }
        let corners = [(self.lower, divisor.lower), (self.lower, divisor.upper)]
            .into_iter()
            .chain([(self.upper, divisor.lower), (self.upper, divisor.upper)]);
        Ok(Self::hull(corners.map(|(a, b)| rounding::quotient(a, b))))
    }

    /// $\{\sqrt x\}$.
    ///
    /// # Errors
    /// [`Undefined::Root`] where the argument reaches below zero.
    pub fn sqrt(self) -> Result<Self, Undefined> {
        if self.lower < 0.0 {
            return Err(Undefined::Root { of: self.to_string() });
        }
        Ok(Self::enclosing(rounding::root(self.lower).0, rounding::root(self.upper).1))
    }

    /// The smallest interval that holds every bracket.
    fn hull(brackets: impl Iterator<Item = (f64, f64)>) -> Self {
        let start = (f64::INFINITY, f64::NEG_INFINITY);
        Self::of(brackets.fold(start, |(lower, upper), (a, b)| {
            // NaN, which no bracket should hold, must not be lost in a minimum.
            (if a.is_nan() { a } else { lower.min(a) }, if b.is_nan() { b } else { upper.max(b) })
        }))
    }
}

/// The interval of one number; of what is not a number, the whole line.
impl From<f64> for Interval {
    fn from(x: f64) -> Self {
        if x.is_infinite() {
            return if x > 0.0 { Self::enclosing(f64::MAX, x) } else { Self::enclosing(x, f64::MIN) };
        }
        Self::enclosing(x, x)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}]", self.lower, self.upper)
    }
}

impl Neg for Interval {
    type Output = Self;
    fn neg(self) -> Self {
        Self { lower: -self.upper, upper: -self.lower }
    }
}

impl Add for Interval {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::enclosing(rounding::sum(self.lower, other.lower).0, rounding::sum(self.upper, other.upper).1)
    }
}

impl Sub for Interval {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Interval {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let corners = [(self.lower, other.lower), (self.lower, other.upper)]
            .into_iter()
            .chain([(self.upper, other.lower), (self.upper, other.upper)]);
        Self::hull(corners.map(|(a, b)| rounding::product(a, b)))
    }
}

impl AddAssign for Interval {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Interval {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Interval {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl Zero for Interval {
    fn zero() -> Self {
        0.0.into()
    }
    fn is_zero(&self) -> bool {
        self.lower == 0.0 && self.upper == 0.0
    }
}

impl One for Interval {
    fn one() -> Self {
        1.0.into()
    }
}
