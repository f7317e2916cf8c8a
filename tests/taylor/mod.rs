//! Predicted loss changes: exact where the loss is quadratic, of the order derived where it is not.

mod common;
mod differenced;
mod finite_difference;
mod influential_magnitude;
mod orders;
mod quadratic;
mod remainder;
