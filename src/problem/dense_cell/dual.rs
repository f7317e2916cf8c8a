//! A value and seven directional derivatives, in one cache line.

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::linalg::Real;

/// The number of directions a [`Dual`] carries.
pub(super) const LANES: usize = 7;

/// $a+\sum_l\dot a_l\varepsilon_l$ with $\varepsilon_k\varepsilon_l=0$: entry 0 is $a$, the others are $\dot a$.
///
/// Eight `f64` are one cache line and whole registers of every instruction set; `num-dual`'s vectors of statically many derivatives do the
/// same arithmetic, and serve as its oracle below, but straddle lines and are not vectorised.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub(super) struct Dual([f64; LANES + 1]);

impl Dual {
    /// The variable of direction `lane`: derivative 1 there, 0 elsewhere.
    pub(super) fn variable(value: f64, lane: usize) -> Self {
        let mut entries = [0.0; LANES + 1];
        entries[0] = value;
        entries[lane + 1] = 1.0;
        Self(entries)
    }

    /// The derivative along direction `lane`.
    pub(super) fn derivative(self, lane: usize) -> f64 {
        self.0[lane + 1]
    }

    /// $f(a)$ of derivative $f'(a)$.
    #[inline(always)]
    fn chain(self, value: f64, slope: f64) -> Self {
        let mut out = self.0.map(|x| x * slope);
        out[0] = value;
        Self(out)
    }

    #[inline(always)]
    fn product_rule(self, other: Self) -> Self {
        let mut out = self * other.0[0] + other * self.0[0];
        out.0[0] = self.0[0] * other.0[0];
        out
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut out = self.0;
        for (out, &y) in out.iter_mut().zip(&other.0) {
            *out = f(*out, y);
        }
        Self(out)
    }
}

impl Real for Dual {
    #[inline(always)]
    fn constant(x: f64) -> Self {
        let mut entries = [0.0; LANES + 1];
        entries[0] = x;
        Self(entries)
    }

    #[inline(always)]
    fn value(self) -> f64 {
        self.0[0]
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.0[0].sqrt();
        self.chain(root, 0.5 / root)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        let exp = self.0[0].exp();
        self.chain(exp, exp)
    }

    #[inline(always)]
    fn ln(self) -> Self {
        self.chain(self.0[0].ln(), self.0[0].recip())
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        self.chain(self.0[0].ln_1p(), (1.0 + self.0[0]).recip())
    }
}

impl Add for Dual {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |x, y| x + y)
    }
}

impl Sub for Dual {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |x, y| x - y)
    }
}

impl Mul for Dual {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.product_rule(other)
    }
}

impl Div for Dual {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let inverse = other.0[0].recip();
        self * other.chain(inverse, -inverse * inverse)
    }
}

impl Mul<f64> for Dual {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: f64) -> Self {
        Self(self.0.map(|x| x * other))
    }
}

impl Neg for Dual {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|x| -x))
    }
}

impl AddAssign for Dual {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Dual {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Dual {
    #[inline(always)]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

#[cfg(test)]
mod tests {
    use num_dual::{Derivative, DualNum, DualSVec64};
    use proptest::prelude::*;

    use super::*;
    use crate::linalg::TestRatio;

    type Oracle = DualSVec64<LANES>;

    fn pair(entries: [f64; LANES + 1]) -> (Dual, Oracle) {
        let mut oracle = Oracle::from_re(entries[0]);
        let tangents = nalgebra::SVector::<f64, LANES>::from_column_slice(&entries[1..]);
        oracle.eps = Derivative::some(tangents);
        (Dual(entries), oracle)
    }

    /// Each entry is a sum of at most two products of at most three factors.
    fn agree(name: &str, ours: Dual, oracle: Oracle) {
        let theirs = oracle.eps.unwrap_generic(nalgebra::Const, nalgebra::Const);
        for (i, &x) in ours.0.iter().enumerate() {
            let y = if i == 0 { oracle.re } else { theirs[i - 1] };
            let scale = theirs.iter().fold(oracle.re.abs(), |a, b| a.max(b.abs()));
            let ratio = TestRatio::identity(x, y, scale, 8);
            assert!(ratio.passes(), "{name}, entry {i}: {x} and {y}, test ratio {ratio}");
        }
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_num_dual(
            a in prop::array::uniform8(0.1..4.0f64),
            b in prop::array::uniform8(-4.0..-0.1f64),
            c in -3.0..3.0f64,
        ) {
            let ((x, p), (y, q)) = (pair(a), pair(b));
            agree("sum", x + y, p + q);
            agree("difference", x - y, p - q);
            agree("product", x * y, p * q);
            agree("quotient", x / y, p / q);
            agree("scaling", x * c, p * c);
            agree("negation", -x, -p);
            agree("root", x.sqrt(), DualNum::sqrt(&p));
            agree("exponential", y.exp(), DualNum::exp(&q));
            agree("logarithm", x.ln(), DualNum::ln(&p));
            agree("logarithm of one more", x.ln_1p(), DualNum::ln_1p(&p));
        }
    }
}
