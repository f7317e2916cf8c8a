//! Vectors, panels and derivatives on tensors.

mod agreement;
mod laws;
mod point;
mod twin;
