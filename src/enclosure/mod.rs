//! Arithmetic that proves: rationals without rounding, intervals with outward rounding, and a prover of inequalities on boxes.
//!
//! A formula is written once, over a [`Field`] (or, where it needs $e^x$, $\ln x$ or $\sqrt x$, over an [`Analytic`] one), and runs
//! - over `f64`, as everywhere in the crate;
//! - over `dashu`'s rationals, where equality is equality;
//! - over [`Running`], floating point with a bound on its own error, so that no tolerance need be derived by hand;
//! - over [`Interval`], where the result *contains* the true value for every argument in the intervals given.
//!
//! Where a formula has exponentials or logarithms that an identity does not look into, the rationals take symbols for them: [`Symbolic`].
//!
//! # What is proved, and from what
//! [`Interval`]'s $+,-,\times,\div,\sqrt{\,}$ rest on IEEE 754 alone: each is rounded to nearest, its rounding error is computed exactly
//! (`TwoSum`; the fused multiply-add), and the end is moved to the neighbouring number on the side of the error.
//! $e^x$ and $\ln x$ use no library function: they are Taylor series with their remainders, in interval arithmetic from the first operation to the last, so
//! that no error analysis can be wrong; the derivations stand at [`Interval::exp`] and [`Interval::ln`].
//!
//! [`prove`] subdivides a [`Region`] until the inequality is enclosed on every part. It says [`Outcome::Enclosed`], shows a point where
//! the inequality certainly fails, or gives up, which is *not* "holds".
//!
//! ```
//! use nasproof::enclosure::{Analytic, Outcome, Region, prove};
//!
//! // eˣ ≥ 1 + x + x²/2 for x in [1/8, 4]: enclosed, not sampled.
//! let region = Region::new(&[("x", 0.125, 4.0)])?;
//! let outcome = prove(&region, 10_000, |x| {
//!     let x = x[0];
//!     Ok(x.exp() - (x.square() * 0.5.into() + x + 1.0.into()))
//! });
//! assert!(matches!(outcome, Outcome::Enclosed { .. }));
//! # Ok::<(), nasproof::enclosure::Undefined>(())
//! ```

mod dual;
mod exp;
mod field;
mod interval;
mod ln;
mod matrix;
mod prove;
mod region;
mod rounding;
mod running;
mod slice;
mod symbolic;
mod undefined;

pub use dual::Dual;
pub use field::{Analytic, Field, Rooted};
pub use interval::Interval;
pub use matrix::{dot, identity, lift, lift_rows, outer, solve, solve_vector};
pub use prove::{Outcome, prove};
pub use region::Region;
pub use running::Running;
pub use slice::{inner, numbers, shares, sum};
pub use symbolic::Symbolic;
pub use undefined::Undefined;
