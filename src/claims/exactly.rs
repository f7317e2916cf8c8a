//! What an identity gives on one rational instance.

use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use nalgebra::{Dim, Matrix, RawStorage};
use serde_json::{Map, Value};

use crate::enclosure::Undefined;

/// The fraction that a number means as it is printed in decimals: of all those that round to this float, the one with the fewest digits.
///
/// # Errors
/// [`Undefined::NotFinite`] for NaN and the infinities.
pub fn decimal(printed: f64) -> Result<RBig, Undefined> {
    let none = || Undefined::NotFinite { given: printed.to_string() };
    let text = printed.to_string();
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let digits: IBig = [whole, places].concat().parse().map_err(|_| none())?;
    Ok(RBig::from_parts(digits, UBig::from(10u8).pow(places.len())))
}

/// Whether a statement is so on one instance, in rational arithmetic, and the numbers a reader would want to see.
#[derive(Debug, Clone)]
pub struct Exactly {
    so: bool,
    numbers: Map<String, Value>,
}

impl Exactly {
    /// Something that is so or is not.
    pub fn truth(so: bool) -> Self {
        Self { so, numbers: Map::new() }
    }

    /// `left = right`.
    pub fn equal(left: &RBig, right: &RBig) -> Self {
        Self::truth(left == right).with("left", left).with("right", right)
    }

    /// `left = right` for counts.
    pub fn counts(left: u64, right: u64) -> Self {
        Self::equal(&RBig::from(left), &RBig::from(right))
    }

    /// `left ≤ right`.
    pub fn at_most(left: &RBig, right: &RBig) -> Self {
        Self::truth(left <= right).with("left", left).with("right", right)
    }

    /// `left = right` for each entry of two vectors or matrices; false for different shapes.
    pub fn entries<R: Dim, C: Dim, S, T>(left: &Matrix<RBig, R, C, S>, right: &Matrix<RBig, R, C, T>) -> Self
    where
        S: RawStorage<RBig, R, C>,
        T: RawStorage<RBig, R, C>,
    {
        let so = left.shape() == right.shape() && left.iter().zip(right.iter()).all(|(l, r)| l == r);
        Self::truth(so).with_all("left", left.iter()).with_all("right", right.iter())
    }

    /// Names a number for the counterexample; it is written as a fraction.
    #[must_use]
    pub fn with(mut self, name: &str, value: &RBig) -> Self {
        self.numbers.insert(name.into(), Value::String(value.to_string()));
        self
    }

    /// Names a count for the counterexample.
    #[must_use]
    pub fn with_count(self, name: &str, count: u64) -> Self {
        self.with(name, &RBig::from(count))
    }

    /// Names several numbers for the counterexample.
    #[must_use]
    pub fn with_all<'a>(mut self, name: &str, values: impl IntoIterator<Item = &'a RBig>) -> Self {
        let values = values.into_iter().map(|x| Value::String(x.to_string()));
        self.numbers.insert(name.into(), Value::Array(values.collect()));
        self
    }

    /// Both of two statements; the numbers are those of the first that is not so.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.so { other } else { self }
    }

    /// All of several statements of one instance; not so where there are none.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().reduce(Self::and).unwrap_or(Self::truth(false))
    }

    /// Whether it is so.
    pub fn so(&self) -> bool {
        self.so
    }

    pub(super) fn numbers(&self) -> &Map<String, Value> {
        &self.numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_what_is_printed() {
        let of = |x: f64| decimal(x).unwrap();
        let parts = |x: i32, y: u32| RBig::from_parts(x.into(), y.into());
        assert_eq!((of(3.84), of(-0.05), of(1800.0)), (parts(384, 100), parts(-5, 100), parts(1800, 1)));
        // As floats they are not.
        assert_eq!(of(0.1) + of(0.2), of(0.3));
        assert!(decimal(f64::NAN).is_err() && decimal(f64::INFINITY).is_err());
    }
}
