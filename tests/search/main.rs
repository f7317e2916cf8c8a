//! Searches on the small exact problems.

mod common;
mod masked;
