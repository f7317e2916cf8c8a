//! Architectures tried as they are, with the supernet's weights.

use std::{cmp::Ordering, collections::BinaryHeap, collections::HashSet};

use ndarray::Array2;

use super::{Error, Run};
use crate::{problem::Supernet, relaxation::one_hot};

/// The first of the best candidates: one operation for each row of $\alpha$, each candidate tried on one batch, the batches taken in turn.
///
/// # Errors
/// [`Error::NotFinite`], and [`Error::NoBatches`] without batches or candidates.
pub fn best_of<P: Supernet>(
    run: &Run<'_, P>,
    candidates: Vec<Vec<usize>>,
    judges: &[&P::Batch],
) -> Result<Vec<usize>, Error> {
    let mut best: Option<(f64, Vec<usize>)> = None;
    for (candidate, batch) in candidates.into_iter().zip(judges.iter().cycle()) {
        let merit = run.merit(&one_hot(run.layout.shape().1, &candidate), batch)?;
        if best.as_ref().is_none_or(|(m, _)| merit > *m) {
            best = Some((merit, candidate));
        }
    }
    best.map(|(_, candidate)| candidate).ok_or(Error::NoBatches("validation"))
}

/// A path by the ranks of its operations.
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

/// The `count` paths of the largest $\sum_e s_{eo_e}$, best first, exactly: without listing all $O^E$ of them.
///
/// Each row is sorted; the best path takes the first of every row, and the paths next to one in the order are those that go down by one in one row. A
/// heap of these holds the next best at any time, since going down never raises the sum. Operations at $-\infty$ are never taken.
pub fn top_paths(scores: &Array2<f64>, count: usize) -> Vec<Vec<usize>> {
    let order: Vec<Vec<usize>> = scores
        .rows()
        .into_iter()
        .map(|row| {
            let mut there: Vec<usize> = (0..row.len()).filter(|&o| row[o] > f64::NEG_INFINITY).collect();
            there.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
            there
        })
        .collect();
    if order.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let path = |ranks: &[usize]| -> Vec<usize> { ranks.iter().zip(&order).map(|(&rank, row)| row[rank]).collect() };
    let sum = |ranks: &[usize]| path(ranks).iter().enumerate().map(|(e, &o)| scores[(e, o)]).sum::<f64>();
    let first = vec![0; order.len()];
    let mut seen = HashSet::from([first.clone()]);
    let mut heap = BinaryHeap::from([Ranked { sum: sum(&first), ranks: first }]);
    let mut out = Vec::new();
    while let (true, Some(best)) = (out.len() < count, heap.pop()) {
        for e in 0..order.len() {
            let mut ranks = best.ranks.clone();
            ranks[e] += 1;
            if ranks[e] < order[e].len() && seen.insert(ranks.clone()) {
                heap.push(Ranked { sum: sum(&ranks), ranks });
            }
        }
        out.push(path(&best.ranks));
    }
    out
}
