//! The published supernets: a [`Space`](crate::space::Space) as a [`Network`](super::Network).
//!
//! The weights are one flat vector, cut once a forward pass (one concatenation in the backward pass); so are the gates. The output of an
//! operation is multiplied by its gate and added to its node in one fused step. What [`Input::active`](super::Input) leaves out is not run.
//! Names of parameters and statistics are those of the published code.

mod assembly;
mod average;
mod darts;
mod edge;
mod factorised;
mod head;
mod layers;
mod nb201;
mod net;
mod noise;
mod one_shot;
mod operation;
mod pass;
mod single;
mod state;

pub use net::{ChildError, SpaceNet};
pub use single::SingleOperation;
