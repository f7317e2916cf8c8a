//! Derivatives over any field: exact over the rationals, enclosed over intervals.

use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use num_traits::{One, Zero};

use super::{Analytic, Field, Rooted, Undefined};

/// $a+b\varepsilon$ with $\varepsilon^2=0$: a value and its derivative along one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Dual<F> {
    /// The value.
    pub value: F,
    /// The derivative.
    pub slope: F,
}

impl<F: Field> Dual<F> {
    /// The variable itself, of slope 1.
    pub fn variable(value: F) -> Self {
        Self { value, slope: F::one() }
    }

    /// A constant, of slope 0.
    pub fn constant(value: F) -> Self {
        Self { value, slope: F::zero() }
    }
}

impl<F: Field> Neg for Dual<F> {
    type Output = Self;
    fn neg(self) -> Self {
        Self { value: -self.value, slope: -self.slope }
    }
}

impl<F: Field> Add for Dual<F> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, slope: self.slope + other.slope }
    }
}

impl<F: Field> Sub for Dual<F> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, slope: self.slope - other.slope }
    }
}

impl<F: Field> Mul for Dual<F> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self {
            slope: self.slope * other.value.clone() + self.value.clone() * other.slope,
            value: self.value * other.value,
        }
    }
}

impl<F: Field> AddAssign for Dual<F> {
    fn add_assign(&mut self, other: Self) {
        *self = self.clone() + other;
    }
}

impl<F: Field> SubAssign for Dual<F> {
    fn sub_assign(&mut self, other: Self) {
        *self = self.clone() - other;
    }
}

impl<F: Field> MulAssign for Dual<F> {
    fn mul_assign(&mut self, other: Self) {
        *self = self.clone() * other;
    }
}

impl<F: Field> Zero for Dual<F> {
    fn zero() -> Self {
        Self::constant(F::zero())
    }
    fn is_zero(&self) -> bool {
        self.value.is_zero() && self.slope.is_zero()
    }
}

impl<F: Field> One for Dual<F> {
    fn one() -> Self {
        Self::constant(F::one())
    }
}

impl<F: Field> Field for Dual<F> {
    fn number(x: f64) -> Result<Self, Undefined> {
        F::number(x).map(Self::constant)
    }
    fn integer(k: i32) -> Self {
        Self::constant(F::integer(k))
    }
    fn over(&self, divisor: &Self) -> Result<Self, Undefined> {
        let value = self.value.over(&divisor.value)?;
        // (a/b)' = (a' − (a/b) b')/b.
        let slope = (self.slope.clone() - value.clone() * divisor.slope.clone()).over(&divisor.value)?;
        Ok(Self { value, slope })
    }
    fn squared(&self) -> Self {
        let twice = F::integer(2) * self.value.clone();
        Self { value: self.value.squared(), slope: twice * self.slope.clone() }
    }
    fn nonzero(&self) -> bool {
        self.value.nonzero()
    }
    fn positive(&self) -> bool {
        self.value.positive()
    }
}

impl<F: Rooted> Rooted for Dual<F> {
    fn root(&self) -> Result<Self, Undefined> {
        let value = self.value.root()?;
        let slope = self.slope.over(&(F::integer(2) * value.clone()))?;
        Ok(Self { value, slope })
    }
}

impl<F: Analytic> Analytic for Dual<F> {
    fn exponential(&self) -> Self {
        let value = self.value.exponential();
        Self { slope: value.clone() * self.slope.clone(), value }
    }
    fn logarithm(&self) -> Result<Self, Undefined> {
        Ok(Self { value: self.value.logarithm()?, slope: self.slope.over(&self.value)? })
    }
}
