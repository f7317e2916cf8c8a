//! The epochs of a search.

use std::borrow::Borrow;

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    AlphaHessian, Batches, EarlyStop, Epoch, Error, Layout, Pair, Run, Settings, SplitRecord, System, strongest,
};
use crate::{problem::Supernet, relaxation::entropy};

/// Why a search ended before its last epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Stopped {
    /// The epoch at whose end it stopped.
    pub at: usize,
    /// The epoch whose architecture is kept.
    pub kept: usize,
}

/// What a search leaves.
#[derive(Debug, Clone)]
pub struct Outcome<V> {
    /// $\theta$, as trained to the end.
    pub weights: V,
    /// $\alpha$: the last one, or that of the epoch that was kept.
    pub alpha: Array2<f64>,
    /// The operation of each row of $\alpha$.
    pub architecture: Vec<usize>,
    /// One record an epoch.
    pub epochs: Vec<Epoch>,
    /// Whether the curvature stopped it.
    pub stopped: Option<Stopped>,
}

/// Runs a system from `weights` on batches of the two splits; everything random follows from `seed`.
///
/// An epoch is one pass over the training batches; validation batches are dealt again when they run out.
///
/// # Errors
/// [`Error`] when the pieces do not fit, a split is empty, or something stopped being finite.
pub fn search<P, S, T, V>(
    problem: &P,
    layout: &Layout,
    system: &mut S,
    settings: &Settings,
    weights: P::Vector,
    (training, validation): (&T, &V),
    seed: u64,
) -> Result<Outcome<P::Vector>, Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    let (given, expected) = (layout.sharing.rows().len(), problem.gate_shape().0);
    if given != expected {
        return Err(Error::Layout { given, expected });
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let alpha = system.start(layout, &mut rng)?;
    let mut run = Run::new(problem, layout, settings, weights, alpha, rng);
    let mut stop = settings.early_stop.map(EarlyStop::new);
    let mut epochs: Vec<Epoch> = Vec::new();
    let mut stopped = None;
    for epoch in 0..settings.epochs {
        (run.epoch, run.discrepancy) = (epoch, None);
        deal(&mut run, system, training, validation)?;
        let record = record(&mut run, system, training, validation, stop.is_some())?;
        let kept = stop.as_mut().zip(record.alpha_eigenvalue).and_then(|(stop, eigenvalue)| stop.update(eigenvalue));
        epochs.push(record);
        if let Some(kept) = kept {
            stopped = Some(Stopped { at: epoch, kept });
            break;
        }
    }
    let architecture = match stopped.and_then(|stopped| epochs.get(stopped.kept)) {
        Some(kept) => {
            run.alpha = kept.alpha.clone();
            strongest(&kept.strengths)
        }
        None => {
            let judges: Vec<V::Item<'_>> = validation.epoch(run.rng.next_u64()).collect();
            let judges: Vec<&P::Batch> = judges.iter().map(Borrow::borrow).collect();
            system.architecture(&mut run, &judges)?
        }
    };
    Ok(Outcome { weights: run.weights, alpha: run.alpha, architecture, epochs, stopped })
}

/// One epoch of a system's steps: a pass over the training batches, validation batches being dealt again when they run out.
///
/// # Errors
/// [`Error`] when a split is empty, or something stopped being finite.
pub fn deal<P, S, T, V>(run: &mut Run<'_, P>, system: &mut S, training: &T, validation: &V) -> Result<(), Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    let mut judges = validation.epoch(run.rng.next_u64());
    let mut steps = 0;
    for (step, train) in training.epoch(run.rng.next_u64()).enumerate() {
        let judge = match judges.next() {
            Some(judge) => judge,
            None => {
                judges = validation.epoch(run.rng.next_u64());
                judges.next().ok_or(Error::NoBatches("validation"))?
            }
        };
        run.step = step;
        system.step(run, Pair { training: train.borrow(), validation: judge.borrow() })?;
        steps += 1;
    }
    if steps == 0 { Err(Error::NoBatches("training")) } else { Ok(()) }
}

fn record<P, S, T, V>(
    run: &mut Run<'_, P>,
    system: &S,
    training: &T,
    validation: &V,
    curvature: bool,
) -> Result<Epoch, Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    let (strengths, gates) = (system.strengths(&run.alpha), system.gates(&run.alpha));
    let (cost, evaluated) = run.take_costs();
    let seed = run.rng.next_u64();
    let alpha_eigenvalue = if (curvature || run.settings.curvature) && system.mixes_by_softmax() {
        validation.epoch(seed).next().map(|batch| {
            AlphaHessian::new(run.problem, run.layout, &run.weights, &run.alpha, batch.borrow()).largest_eigenvalue()
        })
    } else {
        None
    };
    Ok(Epoch {
        epoch: run.epoch,
        alpha: run.alpha.clone(),
        training: split(run, &gates, training.epoch(seed).take(run.settings.record_batches), "training")?,
        validation: split(run, &gates, validation.epoch(seed).take(run.settings.record_batches), "validation")?,
        entropy: entropy(&strengths),
        strengths,
        gates,
        cost,
        evaluated,
        alpha_eigenvalue,
        discrepancy: run.discrepancy,
    })
}

fn split<P: Supernet, B: Borrow<P::Batch>>(
    run: &Run<'_, P>,
    gates: &Array2<f64>,
    batches: impl Iterator<Item = B>,
    name: &'static str,
) -> Result<SplitRecord, Error> {
    let gates = run.layout.sharing.expand(gates);
    let (mut count, mut loss, mut rest) = (0.0, 0.0, Some((0.0, 0.0)));
    for batch in batches {
        count += 1.0;
        loss += run.problem.loss(&run.weights, &gates, batch.borrow());
        let one = run.problem.accuracy_and_entropy(&run.weights, &gates, batch.borrow());
        rest = rest.zip(one).map(|(sum, one)| (sum.0 + one.0, sum.1 + one.1));
    }
    if count == 0.0 {
        return Err(Error::NoBatches(name));
    }
    Ok(SplitRecord {
        loss: loss / count,
        entropy: rest.map(|rest| rest.1 / count),
        accuracy: rest.map(|rest| rest.0 / count),
    })
}
