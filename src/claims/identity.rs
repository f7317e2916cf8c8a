//! An identity, written once.

use std::fmt::Debug;

use dashu_ratio::RBig;
use serde::Serialize;

use super::{Exactly, Measure};
use crate::{
    enclosure::{Running, Symbolic, Undefined},
    linalg::TestRatio,
};

/// Numbers that are said to be equal, in pairs.
pub type Sides<F> = Vec<[F; 2]>;

/// An identity over any field, with exponentials and logarithms where the field has them and [symbols](Symbolic) for them where it does not.
///
/// [`Check::identity`](super::Check::identity) runs it in floating point, where both sides may differ by what [`Running`] says of their rounding, and in fractions, where equal is equal.
pub trait Identity: Send + Sync + 'static {
    /// What it is about.
    type Case: Serialize + Debug;

    /// Both sides of each of its equations.
    ///
    /// # Errors
    /// [`Undefined`] where a side has no value.
    fn sides<F: Symbolic>(&self, case: &Self::Case) -> Result<Sides<F>, Undefined>;
}

/// The largest distance of two sides, relative to the sum of their running errors.
pub(super) fn measure<I: Identity>(identity: &I, case: &I::Case) -> Measure {
    let undefined = || Measure::ratio(TestRatio(f64::NAN));
    let Ok(sides) = identity.sides::<Running>(case) else { return undefined() };
    let ratio = |[left, right]: [Running; 2]| {
        Measure::ratio(TestRatio::quotient((left.value - right.value).abs(), left.error + right.error))
            .with("left", left.value)
            .with("right", right.value)
    };
    sides.into_iter().map(ratio).reduce(Measure::and).unwrap_or_else(undefined)
}

/// Whether all sides are equal in fractions.
pub(super) fn exactly<I: Identity>(identity: &I, case: &I::Case) -> Result<Exactly, Undefined> {
    let sides = identity.sides::<RBig>(case)?;
    Ok(Exactly::all(sides.iter().map(|[left, right]| Exactly::equal(left, right))))
}
