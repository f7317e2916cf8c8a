//! Graphs kept for one point, under a budget.

use std::rc::Rc;

use ndarray::Array2;
use tch::Tensor;

use super::{KeptGraphs, graph::Graph};

/// Weights by their stamp, gates and seed: where graphs are valid.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) stamp: u64,
    pub(super) gates: Array2<f64>,
    pub(super) seed: i64,
}

/// Which graph of a point: the mini-batch, and its place in the slice, on which its noise depends.
pub(super) type Place = (u64, usize);

/// What is kept.
#[derive(Debug)]
pub(super) struct Kept {
    budget: u64,
    point: Option<Point>,
    graphs: Vec<(Place, Rc<Graph>)>,
    /// The weights as the network has them, by their stamp.
    attached: Option<(u64, Rc<Vec<Tensor>>)>,
    bytes_each: Option<u64>,
    built: u64,
    /// No further graph is kept where memory ran short with this many.
    most: usize,
}

impl Kept {
    pub(super) fn new(budget: u64) -> Self {
        let most = if budget == 0 { 0 } else { usize::MAX };
        Self { budget, point: None, graphs: Vec::new(), attached: None, bytes_each: None, built: 0, most }
    }

    pub(super) fn report(&self) -> KeptGraphs {
        KeptGraphs { kept: self.graphs.len(), bytes_each: self.bytes_each, budget: self.budget, built: self.built }
    }

    pub(super) fn clear(&mut self) {
        self.graphs.clear();
        self.point = None;
    }

    /// Graphs of another point go.
    pub(super) fn move_to(&mut self, point: &Point) {
        if self.point.as_ref() != Some(point) {
            self.clear();
            self.point = Some(point.clone());
        }
    }

    /// The graph of a mini-batch, with gates where they are needed.
    pub(super) fn find(&self, point: &Point, place: Place, gates: bool) -> Option<Rc<Graph>> {
        if self.point.as_ref() != Some(point) {
            return None;
        }
        let found = self.graphs.iter().find(|(other, _)| *other == place)?;
        (found.1.gates.is_some() || !gates).then(|| Rc::clone(&found.1))
    }

    /// One without gates is about to be replaced by one with.
    pub(super) fn forget(&mut self, place: Place) {
        self.graphs.retain(|(other, _)| *other != place);
    }

    /// A graph was made; `bytes` where its size could be measured. Whether there is room for it.
    pub(super) fn admits(&mut self, bytes: Option<u64>) -> bool {
        self.built += 1;
        self.bytes_each = self.bytes_each.max(bytes);
        let count = self.graphs.len() + 1;
        let fits = self.bytes_each.is_none_or(|each| each.saturating_mul(count as u64) <= self.budget);
        fits && count <= self.most
    }

    pub(super) fn keep(&mut self, place: Place, graph: Rc<Graph>) {
        self.graphs.push((place, graph));
    }

    /// How many graphs may be kept, as far as is known: their size is once one was made.
    pub(super) fn room(&self) -> usize {
        let fit = self.bytes_each.filter(|&each| each > 0).map_or(u64::MAX, |each| self.budget / each);
        self.most.min(usize::try_from(fit).unwrap_or(usize::MAX))
    }

    /// Memory is short: whether there was something to give up.
    pub(super) fn give_up(&mut self) -> bool {
        let had = self.graphs.len();
        self.most = had / 2;
        self.graphs.clear();
        had > 0
    }

    /// The leaves, where these weights are the ones attached.
    pub(super) fn attached(&self, stamp: u64) -> Option<Rc<Vec<Tensor>>> {
        let (at, leaves) = self.attached.as_ref()?;
        (*at == stamp).then(|| Rc::clone(leaves))
    }

    /// Before other weights are attached: what they invalidate goes.
    pub(super) fn detach(&mut self, in_place: bool) {
        self.attached = None;
        if in_place {
            self.clear();
        }
    }

    pub(super) fn attach(&mut self, stamp: u64, leaves: Rc<Vec<Tensor>>) {
        self.attached = Some((stamp, leaves));
    }
}
