//! The claims of `lecture`, slides on differentiable architecture search.

pub mod bilevel;
pub mod dirichlet;
pub mod gumbel;
pub mod robust;
pub mod supernet;

use super::Claim;

/// The claims, in the order of the slides.
pub fn claims() -> Vec<Claim> {
    vec![
        bilevel::claim(),
        bilevel::step(),
        supernet::time(),
        bilevel::sharpness(),
        supernet::skip(),
        gumbel::max(),
        gumbel::softmax(),
        dirichlet::sparse(),
        dirichlet::dense(),
        dirichlet::gradient(),
        dirichlet::trace(),
        robust::random(),
        robust::adversarial(),
        supernet::consistently(),
    ]
}
