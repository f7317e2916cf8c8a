//! Searches on the small exact problems.

mod candidates;
#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each of the programs that share it uses a part")]
mod common;
mod curvature;
mod early_stop;
mod expectation;
mod gradients;
mod masked;
mod numbers;
mod passes;
mod problems;
mod readme;
mod sampled;
mod second_order;
mod systems;
mod weights;
