//! Floating point that knows how far it may have strayed: running error analysis.

use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use num_traits::{One, Zero};

use super::{Analytic, Field, Rooted, Undefined};

/// A float and a bound on its distance from the number that exact arithmetic gives.
///
/// With $u=\epsilon/2$, $\hat x=x+\delta_x$ and $\lvert\delta_x\rvert\le e_x$, one operation rounds its result by at most $u$ of it (a library function by at most
/// $2u$, one unit in the last place) and passes on what it was given:
/// $$e_{x\pm y}=e_x+e_y+u\lvert\hat x\pm\hat y\rvert,\qquad e_{xy}=\lvert\hat x\rvert e_y+\lvert\hat y\rvert e_x+e_xe_y+u\lvert\hat x\hat y\rvert,$$
/// $$e_{x/y}=\frac{e_x+\lvert\hat x/\hat y\rvert e_y}{\lvert\hat y\rvert-e_y}+u\lvert\hat x/\hat y\rvert,\qquad e_{\sqrt x}\le\frac{e_x}{\sqrt{\hat x}}+u\sqrt{\hat x},$$
/// $$e_{\exp x}=e^{\hat x}(e^{e_x}-1)+2u\,e^{\hat x},\qquad e_{\ln x}=\frac{e_x}{\hat x-e_x}+2u\lvert\ln\hat x\rvert.$$
/// The bounds are themselves computed in floating point, so that they are known to a relative error of as many $u$ as there were operations; two numbers that
/// should be equal are as far apart as the sum of their bounds at most. Nothing about a formula need be known to judge it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Running {
    /// What floating point gives.
    pub value: f64,
    /// How far the exact result may be from it.
    pub error: f64,
}

/// $u$.
const UNIT: f64 = f64::EPSILON / 2.0;

impl Running {
    fn rounded(value: f64, passed_on: f64) -> Self {
        Self { value, error: passed_on + UNIT * value.abs() }
    }
}

impl Neg for Running {
    type Output = Self;
    fn neg(self) -> Self {
        Self { value: -self.value, ..self }
    }
}

impl Add for Running {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::rounded(self.value + other.value, self.error + other.error)
    }
}

impl Sub for Running {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Running {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (a, b) = (self, other);
        Self::rounded(a.value * b.value, a.value.abs() * b.error + b.value.abs() * a.error + a.error * b.error)
    }
}

impl AddAssign for Running {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Running {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Running {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl Zero for Running {
    fn zero() -> Self {
        Self { value: 0.0, error: 0.0 }
    }
    fn is_zero(&self) -> bool {
        *self == Self::zero()
    }
}

impl One for Running {
    fn one() -> Self {
        Self { value: 1.0, error: 0.0 }
    }
}

impl Field for Running {
    fn number(x: f64) -> Result<Self, Undefined> {
        Ok(Self { value: f64::number(x)?, error: 0.0 })
    }
    fn integer(k: i32) -> Self {
        Self { value: f64::from(k), error: 0.0 }
    }
    fn over(&self, divisor: &Self) -> Result<Self, Undefined> {
        if !divisor.nonzero() {
            return Err(Undefined::Division { by: format!("{} ± {}", divisor.value, divisor.error) });
        }
        let value = self.value / divisor.value;
        let passed_on = (self.error + value.abs() * divisor.error) / (divisor.value.abs() - divisor.error);
        Ok(Self::rounded(value, passed_on))
    }
    fn nonzero(&self) -> bool {
        self.value.abs() > self.error
    }
    fn positive(&self) -> bool {
        self.value > 0.0
    }
}

impl Rooted for Running {
    fn root(&self) -> Result<Self, Undefined> {
        let value = self.value.root()?;
        let passed_on = if value > 0.0 { self.error / value } else { self.error.sqrt() };
        Ok(Self::rounded(value, passed_on))
    }
}

impl Analytic for Running {
    fn exponential(&self) -> Self {
        let value = self.value.exp();
        Self { value, error: value * (self.error.exp_m1() + 2.0 * UNIT) }
    }
    fn logarithm(&self) -> Result<Self, Undefined> {
        let below = self.value - self.error;
        if below > 0.0 {
            let value = self.value.ln();
            Ok(Self { value, error: self.error / below + 2.0 * UNIT * value.abs() })
        } else {
            Err(Undefined::Logarithm { of: format!("{} ± {}", self.value, self.error) })
        }
    }
}

#[cfg(test)]
mod tests {
    use dashu_ratio::RBig;
    use proptest::prelude::*;

    use super::*;

    /// A formula with every rational operation in it.
    fn formula<F: Field>(x: f64, y: f64) -> Result<F, Undefined> {
        let (x, y) = (F::number(x)?, F::number(y)?);
        let mixed = x.clone() * y.clone() - y.power(3) + x.over(&(F::one() + y.squared()))?;
        (mixed.clone() - x).over(&(F::integer(3) + mixed.squared()))
    }

    fn exactly(x: f64) -> RBig {
        RBig::try_from(x).unwrap()
    }

    proptest! {
        #[test]
        fn the_exact_result_is_within_the_bound(x in -1e3f64..1e3, y in -1e3f64..1e3) {
            let (seen, truth) = (formula::<Running>(x, y).unwrap(), formula::<RBig>(x, y).unwrap());
            let distance = exactly(seen.value) - truth;
            // The bound itself is rounded, by no more than a hundred units.
            let bound = exactly(seen.error * (1.0 + 100.0 * UNIT));
            prop_assert!(distance <= bound && -distance <= bound);
            // And it is not far from what happens: within the sum of a few dozen units of the largest intermediate result.
            prop_assert!(seen.error <= 64.0 * UNIT * (1.0 + x.abs() + y.abs()).powi(3));
        }

        #[test]
        fn what_undoes_itself_is_within_the_bound(x in 1e-3f64..30.0) {
            let start = Running::number(x).unwrap();
            let there = start.exponential().logarithm().unwrap();
            prop_assert!((there.value - x).abs() <= there.error);
            let root = start.root().unwrap();
            prop_assert!((root.squared().value - x).abs() <= root.squared().error);
        }
    }

    #[test]
    fn nothing_is_divided_by_what_may_be_zero() {
        let third = Running::one().over(&Running::integer(3)).unwrap();
        let nought = third + third + third - Running::one();
        assert!(Running::one().over(&nought).is_err() && nought.logarithm().is_err());
    }
}
