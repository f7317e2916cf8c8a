//! Vectors, panels and derivatives on tensors.

mod agreement;
mod differences;
mod estimators;
mod graphs;
mod laws;
mod point;
mod sources;
mod twin;
