//! The epochs of a search.

use std::borrow::Borrow;

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Batches, Epoch, Error, Layout, Level, Pair, Run, Settings, SplitRecord, Stopped, System, stopped};
use crate::{problem::Supernet, relaxation::entropy};

/// What a search leaves.
#[derive(Debug, Clone)]
pub struct Outcome<V> {
    /// $\theta$, as trained to the end.
    pub weights: V,
    /// $\alpha$: the last one, or that of the epoch that was kept.
    pub alpha: Array2<f64>,
    /// The cell: gates of 0 and 1, rows of $\alpha\times O$.
    pub architecture: Array2<f64>,
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
    let mut rng = generator(seed, 0);
    let alpha = system.start(layout, &mut rng)?;
    if settings.early_stop.is_some() && system.landscape(&alpha, 0.0).is_none() {
        return Err(Error::NoCurvature(system.name()));
    }
    let mut run = Run::new(problem, layout, settings, weights, alpha, rng);
    let mut epochs: Vec<Epoch> = Vec::new();
    while run.epoch < settings.epochs {
        epochs.push(epoch(&mut run, system, (training, validation), seed, |_| ())?);
        let stopped = stopped(settings, &epochs);
        if let Some(record) = stopped.and_then(|stopped| epochs.get(stopped.kept - 1)) {
            run.alpha = record.alpha.clone();
            let architecture = if system.tries_candidates() {
                architecture(&mut run, system, validation, seed)?
            } else {
                layout.choices.gates(&layout.choices.strongest(&record.strengths))
            };
            return Ok(Outcome { weights: run.weights, alpha: run.alpha, architecture, epochs, stopped });
        }
    }
    let architecture = architecture(&mut run, system, validation, seed)?;
    Ok(Outcome { weights: run.weights, alpha: run.alpha, architecture, epochs, stopped: None })
}

/// What an epoch draws from, counted from 1; 0 is the start. A search that is continued needs no more of its randomness than the seed.
pub fn generator(seed: u64, epoch: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch as u64);
    rng
}

/// What the proposals after an epoch are drawn from, for systems that try candidates: a stream of its own, so that they have nothing to do with the epoch that
/// may follow.
pub fn proposals(seed: u64, epoch: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::MAX - epoch as u64);
    rng
}

/// One more epoch of a search, and its record; `watch` is called before each step.
///
/// # Errors
/// [`Error`] when a split is empty, or something stopped being finite.
pub fn epoch<P, S, T, V>(
    run: &mut Run<'_, P>,
    system: &mut S,
    (training, validation): (&T, &V),
    seed: u64,
    watch: impl FnMut(&Run<'_, P>),
) -> Result<Epoch, Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    run.rng = generator(seed, run.epoch + 1);
    run.discrepancy = None;
    deal(run, system, training, validation, watch)?;
    let record = record(run, system, training, validation)?;
    run.epoch += 1;
    Ok(record)
}

/// The cell after the epochs that are over, a function of the state and the seed: gates of 0 and 1, rows of $\alpha\times O$.
///
/// # Errors
/// [`Error`] when there is no validation batch, or a loss is not finite.
pub fn architecture<P, S, V>(
    run: &mut Run<'_, P>,
    system: &mut S,
    validation: &V,
    seed: u64,
) -> Result<Array2<f64>, Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    V: Batches<P::Batch>,
{
    run.rng = proposals(seed, run.epoch);
    let judges: Vec<V::Item<'_>> = validation.epoch(run.rng.next_u64()).collect();
    let judges: Vec<&P::Batch> = judges.iter().map(Borrow::borrow).collect();
    system.architecture(run, &judges)
}

/// One epoch of a system's steps: a pass over the training batches, validation batches being dealt again when they run out; `watch` is called before
/// each.
///
/// # Errors
/// [`Error`] when a split is empty, or something stopped being finite.
pub fn deal<P, S, T, V>(
    run: &mut Run<'_, P>,
    system: &mut S,
    training: &T,
    validation: &V,
    mut watch: impl FnMut(&Run<'_, P>),
) -> Result<(), Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    let bilevel = run.settings.level == Level::Bilevel;
    let mut judges = validation.epoch(run.rng.next_u64());
    let mut steps = 0;
    for (step, train) in training.epoch(run.rng.next_u64()).enumerate() {
        // On one level nothing that is held out is dealt.
        let judge = if !bilevel {
            None
        } else if let Some(judge) = judges.next() {
            Some(judge)
        } else {
            judges = validation.epoch(run.rng.next_u64());
            Some(judges.next().ok_or(Error::NoBatches("validation"))?)
        };
        run.step = step;
        watch(run);
        let training = train.borrow();
        let validation = judge.as_ref().map_or(training, |judge| judge.borrow());
        system.step(run, Pair { training, validation })?;
        steps += 1;
    }
    if steps == 0 { Err(Error::NoBatches("training")) } else { Ok(()) }
}

fn record<P, S, T, V>(run: &mut Run<'_, P>, system: &S, training: &T, validation: &V) -> Result<Epoch, Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    let (strengths, gates) = (system.strengths(&run.alpha), system.gates(&run.alpha));
    let [(cost, evaluated), (validation_cost, validation_evaluated)] = run.take_costs();
    let seed = run.rng.next_u64();
    let every = if run.settings.early_stop.is_some() { 1 } else { run.settings.curvature };
    let asked = every > 0 && (run.epoch + 1).is_multiple_of(every);
    let landscape = if asked { system.landscape(&run.alpha, run.progress()) } else { None };
    let curvature = landscape.zip(validation.epoch(seed).next()).map(|(landscape, batch)| {
        landscape.curvature((run.problem, run.layout), &run.weights, &run.alpha, batch.borrow())
    });
    Ok(Epoch {
        epoch: run.epoch + 1,
        alpha: run.alpha.clone(),
        training: split(run, &gates, training.epoch(seed).take(run.settings.record_batches), "training")?,
        validation: split(run, &gates, validation.epoch(seed).take(run.settings.record_batches), "validation")?,
        entropy: entropy(&shares(&strengths)),
        strengths,
        gates,
        cost,
        evaluated,
        validation_cost,
        validation_evaluated,
        curvature,
        discrepancy: run.discrepancy,
    })
}

/// The share of each operation in its row: strengths that also weigh edges, or of which a cell opens several, do not add up to 1.
fn shares(strengths: &Array2<f64>) -> Array2<f64> {
    let mut out = strengths.clone();
    for mut row in out.rows_mut() {
        let sum = row.sum();
        if sum > 0.0 {
            row /= sum;
        }
    }
    out
}

fn split<P: Supernet, B: Borrow<P::Batch>>(
    run: &Run<'_, P>,
    gates: &Array2<f64>,
    batches: impl Iterator<Item = B>,
    name: &'static str,
) -> Result<SplitRecord, Error> {
    let gates = run.layout.sharing.expand(gates);
    let mut count = 0.0;
    let mut sum = SplitRecord { loss: 0.0, entropy: Some(0.0), accuracy: Some(0.0) };
    for batch in batches {
        count += 1.0;
        let one = run.problem.evaluation(&run.weights, &gates, batch.borrow());
        sum.loss += one.loss;
        sum.entropy = sum.entropy.zip(one.entropy).map(|(sum, one)| sum + one);
        sum.accuracy = sum.accuracy.zip(one.accuracy).map(|(sum, one)| sum + one);
    }
    if count == 0.0 {
        return Err(Error::NoBatches(name));
    }
    let mean = |sum: f64| sum / count;
    Ok(SplitRecord { loss: mean(sum.loss), entropy: sum.entropy.map(mean), accuracy: sum.accuracy.map(mean) })
}
