//! A box of named variables.

use std::fmt;

use super::{Interval, Undefined};

/// The product of intervals of named variables, over which an inequality is to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    names: Vec<&'static str>,
    sides: Vec<Interval>,
}

impl Region {
    /// From `(name, lower, upper)` of each variable.
    ///
    /// # Errors
    /// [`Undefined::Bounds`] where the ends of a side are not finite or not in order.
    pub fn new(sides: &[(&'static str, f64, f64)]) -> Result<Self, Undefined> {
        let interval = |&(_, lower, upper): &(&str, f64, f64)| match Interval::new(lower, upper) {
            Ok(side) if side.width().is_finite() => Ok(side),
            _ => Err(Undefined::Bounds { lower: lower.to_string(), upper: upper.to_string() }),
        };
        Ok(Self {
            names: sides.iter().map(|side| side.0).collect(),
            sides: sides.iter().map(interval).collect::<Result<_, _>>()?,
        })
    }

    /// The sides, in the order given.
    pub fn sides(&self) -> &[Interval] {
        &self.sides
    }

    /// The names, in the order given.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, side)) in self.names.iter().zip(&self.sides).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{name} ∈ {side}")?;
        }
        Ok(())
    }
}
