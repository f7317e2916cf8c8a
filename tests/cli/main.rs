//! The command line as a user meets it.

mod bad_input;
mod common;
mod compare;
mod ihvp;
mod lookup;
mod verify;
#[cfg(not(feature = "torch"))]
mod without_torch;
