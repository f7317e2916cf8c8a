//! Architectures tried as they are, with the supernet's weights.

use std::{cmp::Ordering, collections::BinaryHeap, collections::HashSet};

use ndarray::Array2;

use super::{Error, Run};
use crate::{problem::Supernet, space::Choices};

/// The first of the best candidates, gates of 0 and 1, rows of $\alpha\times O$: each is tried on one batch, the batches taken in turn.
///
/// # Errors
/// [`Error::NotFinite`], and [`Error::NoBatches`] without batches or candidates.
pub fn best_of<P: Supernet>(
    run: &Run<'_, P>,
    candidates: Vec<Array2<f64>>,
    judges: &[&P::Batch],
) -> Result<Array2<f64>, Error> {
    let mut best: Option<(f64, Array2<f64>)> = None;
    for (candidate, batch) in candidates.into_iter().zip(judges.iter().cycle()) {
        let merit = run.merit(&candidate, batch)?;
        if best.as_ref().is_none_or(|(m, _)| merit > *m) {
            best = Some((merit, candidate));
        }
    }
    best.map(|(_, candidate)| candidate).ok_or(Error::NoBatches("validation"))
}

/// A cell by the ranks of what its decisions open.
#[derive(Debug, Clone, PartialEq)]
struct Ranked {
    sum: f64,
    ranks: Vec<usize>,
}

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sum.total_cmp(&other.sum).then_with(|| other.ranks.cmp(&self.ranks))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What a decision may open, and the sum of its scores.
type Scored = (Vec<(usize, usize)>, f64);

/// The `count` cells of the largest sum of the scores (rows of $\alpha\times O$) of what they open, best first, exactly: without listing all cells. Each is gates
/// of 0 and 1.
///
/// What each decision may open is sorted; the best cell takes the first of every decision, and the cells next to one in the order are those that go down by one in
/// one decision. A heap of these holds the next best at any time, since going down never raises the sum. Gates at $-\infty$ are never opened.
pub fn likeliest(choices: &Choices, scores: &Array2<f64>, count: usize) -> Vec<Array2<f64>> {
    let order: Vec<Vec<Scored>> = choices
        .decisions()
        .iter()
        .map(|decision| {
            let scored = choices.options(decision).into_iter().map(|open| {
                let sum = open.iter().map(|&at| scores[at]).sum::<f64>();
                (open, sum)
            });
            let mut there: Vec<Scored> = scored.filter(|(_, sum)| *sum > f64::NEG_INFINITY).collect();
            there.sort_by(|a, b| b.1.total_cmp(&a.1));
            there
        })
        .collect();
    if order.is_empty() || order.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let taken = |ranks: &[usize]| ranks.iter().zip(&order).map(|(&rank, there)| &there[rank]).collect::<Vec<_>>();
    let sum = |ranks: &[usize]| taken(ranks).iter().map(|(_, sum)| sum).sum::<f64>();
    let first = vec![0; order.len()];
    let mut seen = HashSet::from([first.clone()]);
    let mut heap = BinaryHeap::from([Ranked { sum: sum(&first), ranks: first }]);
    let mut out = Vec::new();
    while let (true, Some(best)) = (out.len() < count, heap.pop()) {
        for decision in 0..order.len() {
            let mut ranks = best.ranks.clone();
            ranks[decision] += 1;
            if ranks[decision] < order[decision].len() && seen.insert(ranks.clone()) {
                heap.push(Ranked { sum: sum(&ranks), ranks });
            }
        }
        let open: Vec<(usize, usize)> = taken(&best.ranks).iter().flat_map(|(open, _)| open.clone()).collect();
        out.push(choices.gates(&open));
    }
    out
}
