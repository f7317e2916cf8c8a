//! The statements of `lecture`, one module each: the derivation, then what a run must show.

#[macro_use]
#[path = "../ledger.rs"]
mod ledger;

mod bilevel;
mod consistently;
mod dirichlet_dense;
mod dirichlet_sparse;
mod drnas_gradient;
mod drnas_trace;
mod gumbel_max;
mod gumbel_softmax;
mod sdarts_adversarial;
mod sdarts_random;
mod sharpness;
mod skip;
mod step;
mod time;
