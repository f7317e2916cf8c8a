//! Vectors, panels and derivatives on tensors.

mod agreement;
mod batch_norm;
mod differences;
mod estimators;
mod graphs;
mod laws;
mod memory;
mod point;
mod sources;
mod twin;
