//! The scalars a forward pass is written over.

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use num_dual::{Dual64, DualNum, DualSVec64, HyperDual64};

/// A number that carries a value and perhaps derivatives: `f64` itself, or a dual number of `num-dual`.
///
/// Written over `Real`, a forward pass is also its own first and second derivative; a pull-back is also its own
/// directional derivative (forward over reverse). Branches look at [`Real::value`] only.
pub trait Real:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Mul<f64, Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Send
    + Sync
    + 'static
{
    /// A constant: all derivatives zero.
    fn constant(x: f64) -> Self;
    /// The value, derivatives dropped.
    fn value(self) -> f64;
    /// $\sqrt x$.
    fn sqrt(self) -> Self;
    /// $e^x$.
    fn exp(self) -> Self;
    /// $\ln x$.
    fn ln(self) -> Self;
    /// $\ln(1+x)$, accurate near 0.
    fn ln_1p(self) -> Self;

    /// Zero.
    fn zero() -> Self {
        Self::constant(0.0)
    }
}

macro_rules! real {
    ($(($($generics:tt)*) $t:ty),* $(,)?) => {$(
        impl<$($generics)*> Real for $t {
            fn constant(x: f64) -> Self {
                <$t>::from(x)
            }
            fn value(self) -> f64 {
                num_dual::DualStruct::re(&self)
            }
            fn sqrt(self) -> Self {
                DualNum::sqrt(&self)
            }
            fn exp(self) -> Self {
                DualNum::exp(&self)
            }
            fn ln(self) -> Self {
                DualNum::ln(&self)
            }
            fn ln_1p(self) -> Self {
                DualNum::ln_1p(&self)
            }
        }
    )*};
}

real!(() f64, () Dual64, () HyperDual64, (const N: usize) DualSVec64<N>);
