//! The estimate at a point.

use std::time::Instant;

use ndarray::Array2;

use super::{
    Failure, Settings,
    inverse::{At, Prepared, Purpose, with_inverse},
    report::{Ends, Logits, Report, Solves},
    spectra,
};
use crate::{
    problem::{Hessian, Supernet},
    relaxation::softmax,
    taylor::{Differenced, Discretisation, influential_magnitude, without},
    torch::{Error, MiniBatch, Network, TensorVector, TorchSupernet, Wanted, take_error},
};

/// What was asked for. Arrays are $E\times O$, all cells together.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// $\partial L/\partial Z$.
    pub cost: Array2<f64>,
    /// $-\mathbf 1^\top MA^{-1}M^\top$ on the gates.
    pub influence: Array2<f64>,
    /// The same on logits of the gates; `None` where there are none.
    pub influence_logits: Option<Array2<f64>>,
    /// The predicted change of the loss when an operation is removed; 0 where there is none to remove.
    pub removal: Option<Array2<f64>>,
    /// Everything else.
    pub report: Report,
}

/// Estimates cost and influence at `weights` and `gates` ($E\times O$, stored with `gate_epsilon` between neighbouring numbers at 1), and the removals
/// where asked for.
///
/// # Errors
/// [`Failure`]; no partial estimate is given.
pub fn estimate<N: Network>(
    supernet: &TorchSupernet<N>,
    weights: &TensorVector,
    gates: &Array2<f64>,
    gate_epsilon: f64,
    batch: &[MiniBatch],
    settings: &Settings,
) -> Result<Estimate, Failure> {
    let start = Instant::now();
    let goal = settings.goal(supernet.place().precision());
    settings.check(supernet.weight_count(), batch.len())?;
    let pass = supernet.pass(weights, gates, None, batch, supernet.normalisation(), Wanted::COST)?;
    let cost = pass.cost.ok_or_else(|| unexpected("the loss has no derivative in the gates"))?;
    let at = Hessian { problem: supernet, weights, gates, batch };
    let seed = settings.request.seed;

    let cross = &batch[..settings.cross_batches.unwrap_or(batch.len())];
    let simplex = on_simplex(gates, &supernet.network().gates().mask, gate_epsilon);
    let differenced = Differenced { problem: supernet, step: settings.difference.unwrap_or(f64::NAN) };
    let by_differences = Hessian { problem: &differenced, weights, gates, batch: cross };
    let by_derivatives = Hessian { problem: supernet, weights, gates, batch: cross };
    // Differences make passes of their own.
    let products = if settings.difference.is_some() { 0 } else { cross.len() };
    let purpose = Purpose { of: "influence", gap: spectra::GAP, products };
    let scores = with_inverse(at, settings, purpose, |inverse| match settings.difference {
        None => scores(&by_derivatives, supernet, &simplex, inverse),
        Some(_) => scores(&by_differences, supernet, &simplex, inverse),
    })?;
    let kept = supernet.kept_graphs();
    let eigenvalues_theta = match scores.ends {
        Some(ends) => ends,
        None => Ends::undamped(&spectra::ends(&at, weights, false, spectra::GAP, seed)?.0, 0.0, spectra::GAP),
    };
    let eigenvalues_alpha = match &simplex {
        Ok(simplex) => Some(spectra::in_alpha(supernet, weights, simplex, batch, &cost, seed)?),
        Err(_) => None,
    };
    let removal = if settings.removal { Some(removals(at, settings)?) } else { None };
    if let Some(error) = take_error() {
        return Err(error.into());
    }
    let (removal, removal_solves) = removal.unzip();
    let report = Report {
        weights: supernet.weight_count(),
        gates: gates.dim(),
        loss: pass.loss,
        entropy: pass.entropy,
        accuracy: pass.accuracy,
        eigenvalues_theta,
        eigenvalues_alpha,
        inertia: scores.inertia,
        influence: scores.solve,
        influence_logits: scores.logits,
        removal: removal_solves.flatten(),
        kept_graphs: kept.kept,
        graphs_made: kept.built,
        bytes_per_graph: kept.bytes_each,
        graphs_unmeasured: kept.unmeasured(),
        tolerance: goal,
        seconds: start.elapsed().as_secs_f64(),
    };
    Ok(Estimate { cost, influence: scores.influence, influence_logits: scores.influence_logits, removal, report })
}

fn unexpected(what: &str) -> Failure {
    Failure::Torch(Error::Other(what.to_owned()))
}

/// The gates as the softmax of some logits, rows divided by their sums, or why they are not.
fn on_simplex(gates: &Array2<f64>, mask: &Array2<bool>, epsilon: f64) -> Result<Array2<f64>, String> {
    let mut simplex = gates.clone();
    for (row, (mut z, on)) in simplex.rows_mut().into_iter().zip(mask.rows()).enumerate() {
        let evaluated = || z.iter().zip(on).filter(|(_, on)| **on).map(|(z, _)| *z);
        let (sum, count) = (evaluated().sum::<f64>(), evaluated().count());
        // The roundings of O stored numbers and of their sum.
        let off = (sum - 1.0).abs() > crate::linalg::TestRatio::PASS * count as f64 * epsilon;
        if count > 0 && (off || evaluated().any(|z| z < 0.0)) {
            return Err(format!(
                "row {row} of the gates is no softmax: its sum is {sum}, its entries are at least {}",
                evaluated().fold(f64::INFINITY, f64::min)
            ));
        }
        ndarray::Zip::from(&mut z).and(on).for_each(|z, &on| *z = if on { *z / sum } else { 0.0 });
    }
    Ok(simplex)
}

struct Scores {
    influence: Array2<f64>,
    influence_logits: Option<Array2<f64>>,
    solve: Solves,
    logits: Logits,
    ends: Option<Ends>,
    inertia: Option<crate::ihvp::exact::Inertia>,
}

/// The influence on gates and on logits, $M$ from `at`, the inverse from `inverse`.
fn scores<P, N>(
    at: &Hessian<'_, P>,
    supernet: &TorchSupernet<N>,
    simplex: &Result<Array2<f64>, String>,
    inverse: &mut Prepared<'_>,
) -> Result<Scores, Failure>
where
    P: Supernet<Vector = TensorVector, Batch = [MiniBatch]>,
    N: Network,
{
    let evaluated = supernet.network().gates().mask.mapv(|on| if on { 1.0 } else { 0.0 });
    let influence = influential_magnitude::on_gates(at, at.batch, &evaluated, inverse)?;
    let solve = inverse.last.take().ok_or_else(|| unexpected("no right-hand side was solved for"))?;
    let (influence_logits, logits) = match simplex {
        Err(reason) => {
            let reason = Some(reason.clone());
            (None, Logits { written: false, reason, nullity: None, largest: None, solve: None })
        }
        Ok(gates) => {
            let push = |u: &Array2<f64>| softmax::push(gates, u);
            let pull = |c: &Array2<f64>| softmax::pull(gates, c);
            let on_logits = influential_magnitude::on_parameters(at, at.batch, push, pull, inverse)?;
            let largest = on_logits.score.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            let logits = Logits {
                written: true,
                reason: None,
                nullity: Some(on_logits.nullity.0),
                largest: Some(largest),
                solve: inverse.last.take(),
            };
            (Some(on_logits.score), logits)
        }
    };
    Ok(Scores { influence, influence_logits, solve, logits, ends: inverse.ends, inertia: inverse.inertia })
}

/// Eq. 5 of `influence` for the removal of each evaluated operation.
fn removals<N: Network>(at: At<'_, N>, settings: &Settings) -> Result<(Array2<f64>, Option<Solves>), Failure> {
    let Hessian { problem, weights, gates, batch } = at;
    let (mut changes, mut solves) = (Array2::zeros(gates.dim()), None::<Solves>);
    for ((edge, operation), _) in problem.network().gates().mask.indexed_iter().filter(|(_, on)| **on) {
        let after = without(gates, edge, operation);
        let change = Discretisation { problem, weights, before: gates, after: &after, training: batch };
        let of = format!("removal of operation {operation} at row {edge} of the gates");
        let there = Hessian { problem, weights, gates: &after, batch };
        let purpose = Purpose { of: &of, gap: spectra::LOOSE_GAP, products: 0 };
        changes[(edge, operation)] = with_inverse(there, settings, purpose, |inverse| {
            let step = change.newton_step(inverse)?;
            solves = match (solves.take(), inverse.last.take()) {
                (Some(all), Some(one)) => Some(all.and(one)),
                (all, one) => all.or(one),
            };
            Ok(change.influence(&step))
        })?;
    }
    Ok((changes, solves))
}
