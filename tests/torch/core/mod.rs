//! Vectors, panels and derivatives on tensors.

mod laws;
