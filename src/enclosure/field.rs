//! What a formula is written over.

use std::{
    fmt::Debug,
    ops::{AddAssign, MulAssign, Neg, Sub, SubAssign},
};

use dashu_base::SquareRootRem;
use dashu_ratio::RBig;
use num_traits::{One, Zero};

use super::{Interval, Undefined};

/// Numbers with $+,-,\times$ and a division that may be refused: `f64`, the rationals, intervals. With `nalgebra`'s bounds, so that its matrices are over them.
pub trait Field:
    Clone
    + Debug
    + PartialEq
    + Zero
    + One
    + Neg<Output = Self>
    + Sub<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Send
    + Sync
    + 'static
{
    /// The number itself, exactly.
    ///
    /// # Errors
    /// [`Undefined::NotFinite`] for NaN and the infinities.
    fn number(x: f64) -> Result<Self, Undefined>;

    /// An integer, exactly.
    fn integer(k: i32) -> Self;

    /// `self / divisor`.
    ///
    /// # Errors
    /// [`Undefined::Division`] by zero.
    fn over(&self, divisor: &Self) -> Result<Self, Undefined>;

    /// $x^2$, never negative.
    #[must_use]
    fn squared(&self) -> Self {
        self.clone() * self.clone()
    }

    /// Whether it is known to be other than zero.
    fn nonzero(&self) -> bool;

    /// Whether it is known to be above zero.
    fn positive(&self) -> bool;

    /// $x^k$.
    #[must_use]
    fn power(&self, k: u32) -> Self {
        let even = (0..k / 2).fold(Self::one(), |product, _| product * self.squared());
        if k.is_multiple_of(2) { even } else { even * self.clone() }
    }
}

/// A field with square roots, of every number that has one in it.
pub trait Rooted: Field {
    /// $\sqrt x\ge0$.
    ///
    /// # Errors
    /// [`Undefined::Root`] unless $x\ge0$; over the rationals also where the root is not rational.
    fn root(&self) -> Result<Self, Undefined>;
}

/// A field with $e^x$ and $\ln x$: `f64` and intervals.
pub trait Analytic: Rooted {
    /// $e^x$.
    #[must_use]
    fn exponential(&self) -> Self;

    /// $\ln x$.
    ///
    /// # Errors
    /// [`Undefined::Logarithm`] unless $x>0$.
    fn logarithm(&self) -> Result<Self, Undefined>;
}

fn finite(x: f64) -> Result<f64, Undefined> {
    if x.is_finite() { Ok(x) } else { Err(Undefined::NotFinite { given: x.to_string() }) }
}

impl Field for f64 {
    fn number(x: f64) -> Result<Self, Undefined> {
        finite(x)
    }
    fn integer(k: i32) -> Self {
        f64::from(k)
    }
    fn over(&self, divisor: &Self) -> Result<Self, Undefined> {
        if *divisor == 0.0 { Err(Undefined::Division { by: "0".into() }) } else { Ok(self / divisor) }
    }
    fn nonzero(&self) -> bool {
        *self != 0.0
    }
    fn positive(&self) -> bool {
        *self > 0.0
    }
}

impl Field for RBig {
    fn number(x: f64) -> Result<Self, Undefined> {
        Self::try_from(finite(x)?).map_err(|_| Undefined::NotFinite { given: x.to_string() })
    }
    fn integer(k: i32) -> Self {
        Self::from(k)
    }
    fn over(&self, divisor: &Self) -> Result<Self, Undefined> {
        if divisor.is_zero() { Err(Undefined::Division { by: "0".into() }) } else { Ok(self / divisor) }
    }
    fn nonzero(&self) -> bool {
        !self.is_zero()
    }
    fn positive(&self) -> bool {
        *self > Self::ZERO
    }
}

impl Field for Interval {
    fn number(x: f64) -> Result<Self, Undefined> {
        finite(x).map(Self::from)
    }
    fn integer(k: i32) -> Self {
        f64::from(k).into()
    }
    fn over(&self, divisor: &Self) -> Result<Self, Undefined> {
        Interval::over(*self, *divisor)
    }
    fn squared(&self) -> Self {
        self.square()
    }
    fn nonzero(&self) -> bool {
        !self.contains(0.0)
    }
    fn positive(&self) -> bool {
        self.lower() > 0.0
    }
}

impl Rooted for f64 {
    fn root(&self) -> Result<Self, Undefined> {
        if *self >= 0.0 { Ok(self.sqrt()) } else { Err(Undefined::Root { of: self.to_string() }) }
    }
}

impl Rooted for RBig {
    fn root(&self) -> Result<Self, Undefined> {
        let none = || Undefined::Root { of: self.to_string() };
        // In lowest terms a square has a square above and below.
        let (above, below) = self.clone().into_parts();
        let (above, rest) = dashu_int::UBig::try_from(above).map_err(|_| none())?.sqrt_rem();
        let (below, other) = below.sqrt_rem();
        if rest.is_zero() && other.is_zero() { Ok(Self::from_parts(above.into(), below)) } else { Err(none()) }
    }
}

impl Rooted for Interval {
    fn root(&self) -> Result<Self, Undefined> {
        self.sqrt()
    }
}

impl Analytic for f64 {
    fn exponential(&self) -> Self {
        self.exp()
    }
    fn logarithm(&self) -> Result<Self, Undefined> {
        if *self > 0.0 { Ok(self.ln()) } else { Err(Undefined::Logarithm { of: self.to_string() }) }
    }
}

impl Analytic for Interval {
    fn exponential(&self) -> Self {
        self.exp()
    }
    fn logarithm(&self) -> Result<Self, Undefined> {
        self.ln()
    }
}
