//! The estimators against dense, slow and obvious oracles that know nothing of them.

mod baselines;
mod block;
mod certificates;
mod common;
mod conjugate_gradients;
mod exact;
mod exact_bounds;
mod gram_and_recursion;
mod limits;
mod mini_batches;
mod neumann;
mod oracle;
mod panels;
mod refusals;
mod scripted;
mod system;
