//! The claims of `lecture`, slides on differentiable architecture search.

pub mod benchmark;
pub mod bilevel;
pub mod dirichlet;
pub mod drnas;
pub mod gumbel;
pub mod reported;
pub mod robust;
pub mod runs;
pub mod selection;
pub mod sharp;
pub mod smoothing;
pub mod spaces;
pub mod supernet;
pub mod update;

use super::Claim;

/// The claims, in the order of the slides; tables and what is said of runs at the end.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![
        bilevel::claim(),
        selection::magnitude(),
        bilevel::step(),
        update::first_order(),
        update::solution(),
        supernet::time(),
        spaces::two(),
        spaces::three(),
        bilevel::sharpness(),
        sharp::sharp(),
        sharp::minimum(),
        supernet::skip(),
        gumbel::max(),
        gumbel::softmax(),
        drnas::simplex(),
        dirichlet::sparse(),
        dirichlet::dense(),
        drnas::objective(),
        dirichlet::gradient(),
        drnas::selection(),
        dirichlet::trace(),
        smoothing::smoother(),
        smoothing::random(),
        smoothing::adversarial(),
        robust::random(),
        robust::adversarial(),
        selection::perturbation(),
        reported::consistently(),
        reported::cifar(),
    ];
    claims.extend(benchmark::claims());
    claims.extend(runs::table());
    claims.extend(runs::sentences());
    claims
}
