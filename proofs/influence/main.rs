//! The statements of `influence`, one module each: the derivation, then what a run must show.

#[path = "../common/mod.rs"]
mod common;

mod lemma_1;
