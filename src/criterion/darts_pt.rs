//! DARTS-PT: edge after edge, keep what hurts most to lose, and let the supernet recover.
//!
//! The undecided edges come in random order. On each, every operation's gate is set to zero in turn, the others as they are and not renormalised; the
//! operation whose removal leaves the least validation accuracy (the most loss, where the problem has no accuracy) is kept. Deciding an
//! edge sets the other logits of its row to $-\infty$, which makes its gate exactly one and leaves the search system as it is. Then the supernet is
//! tuned for some epochs by its own system, with $\alpha$ moving or, for supernets that were trained with fixed $\alpha$, not.
//!
//! Where a cell keeps only some of the edges into a node there is a second phase, [`darts_pt_edges`]: the nodes come in random order, each of a node's
//! edges is left out in turn, and the ones whose loss hurts most are kept (the published code drops the others one by one, which is the same, since
//! it measures each against all). A dropped edge has no finite logit left, so that it is not run any more.

//! # What starts anew
//! Tuning goes on where the search ended. The schedules of its system, a temperature or a radius of perturbation, stand at their end
//! ([`Run::settled`]): a supernet cooled to $\tau=0.1$ is not heated again. The run that is handed over says the rest, once for all decisions together and
//! not for each: `nasproof select` gives it optimisers at rest and a rate of the weights that falls by a cosine over all epochs of tuning ([`tunings`]), from a
//! tenth of that of the search.

use std::borrow::Borrow;

use ndarray::Array2;
use rand::{Rng, seq::SliceRandom};

use crate::{
    problem::Supernet,
    search::{Batches, Error, Layout, Run, System, deal},
};

/// How DARTS-PT runs; whether $\alpha$ moves while tuning is the run's own setting ([`Settings::warm_up`](crate::search::Settings)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PtSettings {
    /// Epochs of tuning between edges; 5 as published.
    pub tuning: usize,
    /// The most validation batches by which an operation is judged.
    pub judges: usize,
    /// The operations that may be kept, rows of $\alpha\times O$; `None` for all there are.
    pub candidates: Option<Array2<bool>>,
}

impl Default for PtSettings {
    fn default() -> Self {
        Self { tuning: 5, judges: usize::MAX, candidates: None }
    }
}

/// The decision on one edge, or on the parents of one node.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The row of $\alpha$.
    pub edge: usize,
    /// The accuracy (or minus the loss) without each operation; infinite where there is none.
    pub without: Vec<f64>,
    /// The operation kept; of parents as many as the node keeps, in order.
    pub kept: Vec<usize>,
}

/// What DARTS-PT selected.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// What is kept of each row of $\alpha$.
    pub operations: Vec<Vec<usize>>,
    /// The decisions in the order they were made.
    pub decisions: Vec<Decision>,
}

/// Selects an operation for every row of $\alpha$; the run ends with a supernet in which every edge is decided.
///
/// The system must mix by $\mathrm{softmax}(\alpha)$, so that a row with one finite logit has one gate. Where a node keeps several parents
/// ([`Layout::choices`]) those are kept whose removal leaves the least, and their logits are equal; no system that samples one of them will do there.
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
    let keeps = |row: usize| run.layout.choices.kept_of(row);
    if (0..run.alpha.nrows()).any(|row| keeps(row) > 1) {
        edges_can_go(run, system)?;
    }
    run.settled = true;
    let mut order: Vec<usize> = (0..run.alpha.nrows()).collect();
    order.shuffle(&mut run.rng);
    let mut decisions = Vec::with_capacity(order.len());
    for (k, &edge) in order.iter().enumerate() {
        if k > 0 {
            tune(run, system, (training, validation), settings)?;
        }
        let judges: Vec<V::Item<'_>> = validation.epoch(run.rng.next_u64()).take(settings.judges).collect();
        let may = |o: usize| settings.candidates.as_ref().is_none_or(|may| may[(edge, o)]);
        let without = removals(run, &system.strengths(&run.alpha), edge, &judges, may)?;
        let mut kept: Vec<usize> = (0..without.len()).collect();
        // Stable: the first of several.
        kept.sort_by(|&a, &b| without[a].total_cmp(&without[b]));
        kept.truncate(run.layout.choices.kept_of(edge));
        kept.sort_unstable();
        run.alpha.row_mut(edge).indexed_iter_mut().for_each(|(o, a)| {
            *a = if kept.contains(&o) { 0.0 } else { f64::NEG_INFINITY };
        });
        decisions.push(Decision { edge, without, kept });
    }
    let mut operations = vec![Vec::new(); order.len()];
    decisions.iter().for_each(|decision| operations[decision.edge].clone_from(&decision.kept));
    Ok(Selection { operations, decisions })
}

/// How often a supernet is tuned in all: between the decisions on its edges and, where `keep` edges stay of those into a node, before the decision on
/// each node that has more.
pub fn tunings(layout: &Layout, keep: Option<usize>) -> usize {
    let nodes = keep.map_or(0, |keep| crowded(layout, keep).len());
    layout.nodes.len().saturating_sub(1) + nodes
}

/// The nodes with more than `keep` edges into them.
fn crowded(layout: &Layout, keep: usize) -> Vec<usize> {
    let mut nodes = layout.nodes.clone();
    nodes.sort_unstable();
    nodes.dedup();
    nodes.retain(|node| layout.nodes.iter().filter(|other| *other == node).count() > keep);
    nodes
}

/// Epochs of tuning; each counts as one of the run's.
fn tune<P, S, T, V>(
    run: &mut Run<'_, P>,
    system: &mut S,
    (training, validation): (&T, &V),
    settings: &PtSettings,
) -> Result<(), Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    for _ in 0..settings.tuning {
        deal(run, system, training, validation, |_| ())?;
        run.epoch += 1;
    }
    Ok(())
}

/// The decision on the edges into one node.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeDecision {
    /// The node, as [`Layout::nodes`](crate::search::Layout) numbers it.
    pub node: usize,
    /// The edges into it, rows of $\alpha$, with the accuracy (or minus the loss) without each.
    pub without: Vec<(usize, f64)>,
    /// Those kept, in order.
    pub kept: Vec<usize>,
}

/// Whether [`darts_pt_edges`] can follow, to be known before [`darts_pt`] has taken its time.
///
/// # Errors
/// [`Error::Missing`] for a system that samples operations, which would draw one where no edge is left.
pub fn edges_can_go<P: Supernet, S: System<P> + ?Sized>(run: &Run<'_, P>, system: &S) -> Result<(), Error> {
    if mixes(run, system) {
        return Ok(());
    }
    Err(Error::Missing {
        system: "the choice of edges or parents by DARTS-PT",
        what: "a system that trains the mixture",
        advice: "run it after darts-1st, darts-2nd, sdarts-rs or sdarts-adv",
    })
}

/// The second phase, after [`darts_pt`] on the same run: keeps `keep` of the edges into every node that has more.
///
/// # Errors
/// As [`edges_can_go`] and [`darts_pt`].
pub fn darts_pt_edges<P, S, T, V>(
    run: &mut Run<'_, P>,
    system: &mut S,
    (training, validation): (&T, &V),
    settings: &PtSettings,
    keep: usize,
) -> Result<Vec<NodeDecision>, Error>
where
    P: Supernet,
    S: System<P> + ?Sized,
    T: Batches<P::Batch>,
    V: Batches<P::Batch>,
{
    edges_can_go(run, system)?;
    let layout = run.layout;
    let of = |node: usize| (0..layout.nodes.len()).filter(move |&edge| layout.nodes[edge] == node);
    let mut nodes = crowded(layout, keep);
    nodes.shuffle(&mut run.rng);
    let mut decisions = Vec::with_capacity(nodes.len());
    for node in nodes {
        tune(run, system, (training, validation), settings)?;
        let judges: Vec<V::Item<'_>> = validation.epoch(run.rng.next_u64()).take(settings.judges).collect();
        let gates = system.strengths(&run.alpha);
        let mut without = Vec::new();
        for edge in of(node) {
            let mut gates = gates.clone();
            gates.row_mut(edge).fill(0.0);
            without.push((edge, judged(run, &gates, &judges)?));
        }
        let mut order = without.clone();
        // Stable: of equals the first edges stay.
        order.sort_by(|a, b| a.1.total_cmp(&b.1));
        for (edge, _) in order.split_off(keep) {
            run.alpha.row_mut(edge).fill(f64::NEG_INFINITY);
        }
        let mut kept: Vec<usize> = order.into_iter().map(|(edge, _)| edge).collect();
        kept.sort_unstable();
        decisions.push(NodeDecision { node, without, kept });
    }
    Ok(decisions)
}

/// Whether the system trains the mixture itself: then nothing is drawn on an edge that is not there.
fn mixes<P: Supernet, S: System<P> + ?Sized>(run: &Run<'_, P>, system: &S) -> bool {
    // At equal logits: decided edges are one-hot in any system.
    let open = run.layout.present.mapv(|on| if on { 0.0 } else { f64::NEG_INFINITY });
    system.mixes_by_softmax() && !system.tries_candidates() && system.gates(&open) == system.strengths(&open)
}

/// The mean accuracy at some gates, or minus the loss.
fn judged<P: Supernet, B: Borrow<P::Batch>>(run: &Run<'_, P>, gates: &Array2<f64>, judges: &[B]) -> Result<f64, Error> {
    if judges.is_empty() {
        return Err(Error::NoBatches("validation"));
    }
    let sum = judges.iter().map(|batch| run.merit(gates, batch.borrow())).sum::<Result<f64, Error>>()?;
    Ok(sum / judges.len() as f64)
}

/// The accuracy without each operation of an edge, or minus the loss; infinite where there is no operation, or none that may be kept.
fn removals<P: Supernet, B: Borrow<P::Batch>>(
    run: &Run<'_, P>,
    gates: &Array2<f64>,
    edge: usize,
    judges: &[B],
    may: impl Fn(usize) -> bool,
) -> Result<Vec<f64>, Error> {
    let mut gates = gates.clone();
    (0..gates.ncols())
        .map(|o| {
            if run.alpha[(edge, o)] == f64::NEG_INFINITY || !may(o) {
                return Ok(f64::INFINITY);
            }
            let kept = std::mem::replace(&mut gates[(edge, o)], 0.0);
            let without = judged(run, &gates, judges);
            gates[(edge, o)] = kept;
            without
        })
        .collect()
}
