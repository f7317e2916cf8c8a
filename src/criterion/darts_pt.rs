//! DARTS-PT: edge after edge, keep what hurts most to lose, and let the supernet recover.
//!
//! The undecided edges come in random order. On each, every operation's gate is set to zero in turn, the others as they are and not renormalised; the
//! operation whose removal leaves the least validation accuracy (the most loss, where the problem has no accuracy) is kept. Deciding an
//! edge sets the other logits of its row to $-\infty$, which makes its gate exactly one and leaves the search system as it is. Then the supernet is
//! tuned for some epochs by its own system, with $\alpha$ moving or, for supernets that were trained with fixed $\alpha$, not.

use std::borrow::Borrow;

use ndarray::Array2;
use rand::{Rng, seq::SliceRandom};

use crate::{
    problem::Supernet,
    search::{Batches, Error, Run, System, deal},
};

/// How DARTS-PT runs; whether $\alpha$ moves while tuning is the run's own setting ([`Settings::warm_up`](crate::search::Settings)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PtSettings {
    /// Epochs of tuning between edges; 5 as published.
    pub tuning: usize,
    /// The most validation batches by which an operation is judged.
    pub judges: usize,
}

impl Default for PtSettings {
    fn default() -> Self {
        Self { tuning: 5, judges: usize::MAX }
    }
}

/// The decision on one edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The row of $\alpha$.
    pub edge: usize,
    /// The accuracy (or minus the loss) without each operation; infinite where there is none.
    pub without: Vec<f64>,
    /// The operation kept.
    pub kept: usize,
}

/// What DARTS-PT selected.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The operation of each row of $\alpha$.
    pub operations: Vec<usize>,
    /// The decisions in the order they were made.
    pub decisions: Vec<Decision>,
}

/// Selects an operation for every row of $\alpha$; the run ends with a supernet in which every edge is decided.
///
/// The system must mix by $\mathrm{softmax}(\alpha)$, so that a row with one finite logit has one gate.
///
/// # Errors
/// [`Error`] when the system mixes otherwise, a split is empty, or something stopped being finite.
pub fn darts_pt<P, S, T, V>(
    run: &mut Run<'_, P>,
    system: &mut S,
    (training, validation): (&T, &V),
    settings: &PtSettings,
) -> Result<Selection, Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    if !system.mixes_by_softmax() {
        return Err(Error::Missing {
            system: "DARTS-PT",
            what: "a mixture by softmax(α)",
            advice: "run it after darts, sdarts, snas, dsnas, gdas, proxylessnas or setn",
        });
    }
    let mut order: Vec<usize> = (0..run.alpha.nrows()).collect();
    order.shuffle(&mut run.rng);
    let mut decisions = Vec::with_capacity(order.len());
    for (k, &edge) in order.iter().enumerate() {
        if k > 0 {
            for _ in 0..settings.tuning {
                deal(run, system, training, validation, |_| ())?;
            }
        }
        let judges: Vec<V::Item<'_>> = validation.epoch(run.rng.next_u64()).take(settings.judges).collect();
        let without = removals(run, &system.strengths(&run.alpha), edge, &judges)?;
        let least = |best: (usize, f64), (o, &x): (usize, &f64)| if x < best.1 { (o, x) } else { best };
        let (kept, _) = without.iter().enumerate().fold((0, f64::INFINITY), least);
        run.alpha.row_mut(edge).indexed_iter_mut().for_each(|(o, a)| {
            *a = if o == kept { 0.0 } else { f64::NEG_INFINITY };
        });
        decisions.push(Decision { edge, without, kept });
    }
    let mut operations = vec![0; order.len()];
    decisions.iter().for_each(|decision| operations[decision.edge] = decision.kept);
    Ok(Selection { operations, decisions })
}

/// The accuracy without each operation of an edge, or minus the loss; infinite where there is no operation.
fn removals<P: Supernet, B: Borrow<P::Batch>>(
    run: &Run<'_, P>,
    gates: &Array2<f64>,
    edge: usize,
    judges: &[B],
) -> Result<Vec<f64>, Error> {
    let mut gates = gates.clone();
    (0..gates.ncols())
        .map(|o| {
            if run.alpha[(edge, o)] == f64::NEG_INFINITY {
                return Ok(f64::INFINITY);
            }
            let kept = std::mem::replace(&mut gates[(edge, o)], 0.0);
            let sum = judges.iter().map(|batch| run.merit(&gates, batch.borrow())).sum::<Result<f64, Error>>();
            gates[(edge, o)] = kept;
            if judges.is_empty() { Err(Error::NoBatches("validation")) } else { Ok(sum? / judges.len() as f64) }
        })
        .collect()
}
