//! The estimators measured against the truth: on the digits, and on arrays of the reader's own.

pub mod arrays;
pub mod bootstrap;
pub mod digits;
pub mod figure;
mod files;
pub mod rank;
mod setting;
mod target;

pub use arrays::ArrayComparison;
pub use digits::DigitsComparison;
pub use setting::{Grid, Method, Setting};
pub use target::{Gradients, MiniBatches, Operator, Target, largest_eigenvalue};
