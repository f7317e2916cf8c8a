//! What a system is run with besides [`Settings`](super::Settings): numbers of its own, by name, so that they can be asked for, recorded and changed.

use std::collections::BTreeMap;

use super::{Error, System};
use crate::{optimiser::Schedule, problem::Supernet};

/// A number of a system's own, such as a temperature.
#[derive(Debug)]
pub struct Number<'a> {
    /// Its name on the command line and in files.
    pub name: &'static str,
    value: Value<'a>,
}

#[derive(Debug)]
enum Value<'a> {
    Real(&'a mut f64, Range),
    /// With the most that it may be.
    Count(&'a mut usize, usize),
}

/// What a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// Positive and finite.
    Positive,
    /// At least 0 and finite.
    Natural,
    /// In $\lbrack0,1\rbrack$.
    Share,
    /// In $\lbrack0,1)$.
    Decay,
}

impl Range {
    fn holds(self, x: f64) -> bool {
        match self {
            Self::Positive => x > 0.0 && x.is_finite(),
            Self::Natural => x >= 0.0 && x.is_finite(),
            Self::Share => (0.0..=1.0).contains(&x),
            Self::Decay => (0.0..1.0).contains(&x),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Natural => "at least 0",
            Self::Share => "at least 0 and at most 1",
            Self::Decay => "at least 0 and below 1",
        }
    }
}

impl<'a> Number<'a> {
    /// A real number.
    pub fn real(name: &'static str, value: &'a mut f64, range: Range) -> Self {
        Self { name, value: Value::Real(value, range) }
    }

    /// A count, from 1 to `most`.
    pub fn count(name: &'static str, value: &'a mut usize, most: usize) -> Self {
        Self { name, value: Value::Count(value, most) }
    }

    /// The first and the last value of a schedule; one that is constant has the first alone.
    pub fn ends([first, last]: [&'static str; 2], schedule: &'a mut Schedule, range: Range) -> Vec<Self> {
        match schedule {
            Schedule::Constant(a) => vec![Self::real(first, a, range)],
            Schedule::Linear(a, b) | Schedule::Exponential(a, b) | Schedule::Cosine(a, b) => {
                vec![Self::real(first, a, range), Self::real(last, b, range)]
            }
        }
    }

    /// What it is.
    pub fn get(&self) -> f64 {
        match &self.value {
            Value::Real(value, _) => **value,
            Value::Count(value, _) => **value as f64,
        }
    }

    /// Changes it; what it must be, where it is not.
    fn set(&mut self, x: f64) -> Result<(), String> {
        match &mut self.value {
            Value::Real(_, range) if !range.holds(x) => return Err(range.words().to_owned()),
            Value::Real(value, _) => **value = x,
            Value::Count(value, most) if x >= 1.0 && x.fract() == 0.0 && x <= *most as f64 => **value = x as usize,
            Value::Count(_, most) => return Err(format!("a whole number from 1 to {most}")),
        }
        Ok(())
    }
}

/// All numbers of a system's own, by name.
pub fn numbers<P: Supernet, S: System<P> + ?Sized>(system: &mut S) -> BTreeMap<String, f64> {
    system.numbers().iter().map(|number| (number.name.to_owned(), number.get())).collect()
}

/// Changes one of them; before the system has started.
///
/// # Errors
/// [`Error::Number`]: a name that the system does not have, or a value out of its range.
pub fn set<P: Supernet, S: System<P> + ?Sized>(system: &mut S, name: &str, value: f64) -> Result<(), Error> {
    let of = system.name();
    let mut all = system.numbers();
    let names: Vec<&str> = all.iter().map(|number| number.name).collect();
    let refused = |what: String| Error::Number { system: of, name: name.to_owned(), what };
    let known = match names.len() {
        0 => format!("{of} has no numbers of its own"),
        _ => format!("those of {of} are {}", names.join(", ")),
    };
    let number = all.iter_mut().find(|number| number.name == name).ok_or_else(|| refused(known))?;
    number.set(value).map_err(|must| refused(format!("it must be {must}; {value} was given")))
}
