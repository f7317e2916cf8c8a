//! Searches on the small exact problems.

mod candidates;
mod common;
mod curvature;
mod early_stop;
mod gradients;
mod masked;
mod passes;
mod readme;
mod sampled;
mod second_order;
mod systems;
