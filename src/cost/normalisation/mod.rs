//! Batch, layer, instance and group normalisation: one mechanism, four groupings.
//!
//! A normalisation splits its input into groups and standardises each. [`slice`](mod@slice) is that mechanism on the elements of one
//! group, over any [`Real`](crate::linalg::Real).

pub mod slice;
