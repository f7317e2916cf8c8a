//! Supernets on libtorch (feature `torch`): tensors as [`Vector`](crate::linalg::Vector) and [`Panel`](crate::linalg::Panel), networks as
//! [`Supernet`](crate::problem::Supernet), on the CPU or a CUDA device.
//!
//! A [`Network`] maps weights, gates and images to logits, and is all that differs between the published supernets and a module of your own.
//! Everything else (losses, derivatives, estimators) is written once on top of it. The device and the precision are chosen once, in a
//! [`Place`], and carried everywhere.

mod batch;
pub mod costs;
pub mod data;
mod error;
pub mod estimate;
mod fault;
mod footprint;
mod host;
pub mod module;
mod network;
mod panel;
mod place;
mod products;
mod random;
mod resident;
pub mod run;
pub mod search;
mod space;
mod supernet;
pub mod train;
mod vector;

pub use batch::MiniBatch;
pub use error::{Cause, Error, cause_of};
pub use fault::take_error;
pub use footprint::most_held;
pub use network::{Input, Network, Normalisation, Parameter};
pub use panel::TensorPanel;
pub use place::{Place, PlaceError, Precision};
pub use space::{ChildError, SingleOperation, SpaceNet};
pub use supernet::{GaussNewton, KeptGraphs, Pass, SplitCost, TorchSupernet, Wanted, allocated};
pub use vector::TensorVector;
