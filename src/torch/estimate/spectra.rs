//! The ends of the spectra in weights and in architecture parameters.

use ndarray::{Array1, Array2};

use super::{Failure, report::Ends};
use crate::{
    ihvp::system::Refusal,
    linalg::{Closure, LinearOperator},
    problem::Supernet,
    relaxation::softmax,
    spectrum::{self, Extremes, Lanczos, extreme, extremes},
    torch::take_error,
};

/// Products for an end of a spectrum that is only looked at.
const LOOK: usize = 60;

/// How near a bound is to its Ritz value, relative to it, where nothing depends on more.
pub(super) const GAP: f64 = 0.1;

/// The same for one of many operators: a bound on $\lambda_{\min}$ within a factor of 2.
pub(super) const LOOSE_GAP: f64 = 0.5;

/// The ends of the spectrum of `operator`: both, tightly enough to build on, where `both`; else the largest, as a look.
pub(super) fn ends<A: LinearOperator>(
    operator: &A,
    like: &A::Vector,
    both: bool,
    gap: f64,
    seed: u64,
) -> Result<(Extremes, Lanczos<A::Vector>), Failure> {
    let (ends, max_steps) = if both {
        (spectrum::Ends::Both, extreme::Params::default().max_steps)
    } else {
        (spectrum::Ends::Largest, LOOK)
    };
    let params = extreme::Params { seed, max_steps, gap, ..extreme::Params::default() };
    extremes(operator, like, ends, &params).map_err(|error| match take_error() {
        Some(torch) => Failure::Torch(torch),
        None => Failure::Refused { of: "the spectrum".to_owned(), refusal: Refusal::Diverged(error.to_string()) },
    })
}

/// Of $\partial^2L/\partial\alpha^2$, $Z=\mathrm{softmax}(\alpha)$ row by row:
/// $J^\top L_{ZZ}J+\sum_{eo}C_{eo}\,\partial^2Z_{eo}/\partial\alpha^2$.
pub(super) fn in_alpha<P: Supernet + ?Sized>(
    problem: &P,
    weights: &P::Vector,
    gates: &Array2<f64>,
    batch: &P::Batch,
    cost: &Array2<f64>,
    seed: u64,
) -> Result<Ends, Failure> {
    let operator = Closure::<Array1<f64>, _>::new(gates.len(), |u: &Array1<f64>, y: &mut Array1<f64>| {
        let mut along = gates.clone();
        along.iter_mut().zip(u).for_each(|(z, &u)| *z = u);
        let moved = softmax::push(gates, &along);
        let curved = problem.gate_hessian_product(weights, gates, batch, &moved);
        let product = softmax::pull(gates, &curved) + softmax::pull_derivative(gates, cost, &along);
        y.iter_mut().zip(&product).for_each(|(y, &product)| *y = product);
    });
    let (found, _) = ends(&operator, &Array1::zeros(gates.len()), false, GAP, seed)?;
    Ok(Ends::undamped(&found, 0.0, GAP))
}
