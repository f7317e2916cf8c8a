//! What goes in and out of the library: arrays read from files, results written whole or not at all.

pub mod compare;
pub mod errata;
pub mod folder;
pub mod index;
pub mod npy;
pub(crate) mod palette;
pub mod write;
