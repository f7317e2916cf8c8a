//! Graphs kept for one point, under a budget.

use std::rc::Rc;

use ndarray::Array2;
use tch::Tensor;

use super::{KeptGraphs, TorchSupernet, gauss_newton::Jacobian, graph::Graph};

/// Weights by their stamp, gates and seed: where graphs are valid.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) stamp: u64,
    pub(super) gates: Array2<f64>,
    pub(super) seed: i64,
}

/// Which graph of a point: the mini-batch, and its place in the slice, on which its noise depends.
pub(super) type Place = (u64, usize);

/// What is recorded of a mini-batch.
#[derive(Debug)]
pub(super) enum Recorded {
    /// The first backward pass from its loss.
    Loss(Rc<Graph>),
    /// That from its logits.
    Logits(Rc<Jacobian>),
}

/// One of the two.
pub(super) trait Recording: Sized {
    fn wrapped(this: Rc<Self>) -> Recorded;

    /// It, if that is what was recorded, with gates where they are needed.
    fn of(recorded: &Recorded, gates: bool) -> Option<&Rc<Self>>;
}

impl Recording for Graph {
    fn wrapped(this: Rc<Self>) -> Recorded {
        Recorded::Loss(this)
    }

    fn of(recorded: &Recorded, gates: bool) -> Option<&Rc<Self>> {
        match recorded {
            Recorded::Loss(graph) if graph.gates.is_some() || !gates => Some(graph),
            _ => None,
        }
    }
}

impl Recording for Jacobian {
    fn wrapped(this: Rc<Self>) -> Recorded {
        Recorded::Logits(this)
    }

    fn of(recorded: &Recorded, _: bool) -> Option<&Rc<Self>> {
        match recorded {
            Recorded::Logits(jacobian) => Some(jacobian),
            Recorded::Loss(_) => None,
        }
    }
}

/// What is kept.
#[derive(Debug)]
pub(super) struct Kept {
    budget: u64,
    point: Option<Point>,
    graphs: Vec<(Place, Recorded)>,
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

    /// Whether graphs are to be kept until memory is short, however large they are.
    fn unlimited(&self) -> bool {
        self.budget == TorchSupernet::<()>::UNLIMITED
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

    /// What was recorded of a mini-batch, with gates where they are needed.
    pub(super) fn find<R: Recording>(&self, point: &Point, place: Place, gates: bool) -> Option<Rc<R>> {
        if self.point.as_ref() != Some(point) {
            return None;
        }
        let there = self.graphs.iter().filter(|(other, _)| *other == place);
        there.filter_map(|(_, recorded)| R::of(recorded, gates)).next().map(Rc::clone)
    }

    /// One without gates is about to be replaced by one with.
    pub(super) fn forget<R: Recording>(&mut self, place: Place) {
        self.graphs.retain(|(other, recorded)| *other != place || R::of(recorded, false).is_none());
    }

    /// A graph was made; `bytes` where its size could be measured. Whether there is room for it: for one of unknown size only where there is no limit.
    pub(super) fn admits(&mut self, bytes: Option<u64>) -> bool {
        self.built += 1;
        self.bytes_each = self.bytes_each.max(bytes);
        let count = self.graphs.len() + 1;
        let fits = self.bytes_each.is_some_and(|each| each.saturating_mul(count as u64) <= self.budget);
        (fits || self.unlimited()) && count <= self.most
    }

    pub(super) fn keep<R: Recording>(&mut self, place: Place, graph: Rc<R>) {
        self.graphs.push((place, R::wrapped(graph)));
    }

    /// How many graphs may be kept, as far as is known: their size is once one was made, where it can be `measured`.
    pub(super) fn room(&self, measured: bool) -> usize {
        let fit = match self.bytes_each {
            _ if self.unlimited() => u64::MAX,
            None if self.built > 0 || !measured => 0,
            None | Some(0) => u64::MAX,
            Some(each) => self.budget / each,
        };
        self.most.min(usize::try_from(fit).unwrap_or(usize::MAX))
    }

    /// Memory is short: whether there was something to give up.
    pub(super) fn give_up(&mut self) -> bool {
        let had = self.graphs.len();
        if had > 0 {
            self.most = had / 2;
            self.graphs.clear();
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What could be any size is kept where memory is said to be without limit, and nowhere else.
    #[test]
    fn graphs_of_unknown_size_are_kept_only_without_a_limit() {
        for (budget, kept) in [(0, false), (1 << 40, false), (u64::MAX - 1, false), (u64::MAX, true)] {
            let mut kept_graphs = Kept::new(budget);
            // Before the first graph, where its size will be told and where it will not.
            assert_eq!(kept_graphs.room(true), if budget == 0 { 0 } else { usize::MAX });
            assert_eq!(kept_graphs.room(false), if kept { usize::MAX } else { 0 }, "{budget}");
            assert_eq!(kept_graphs.admits(None), kept, "{budget}");
            assert_eq!(kept_graphs.room(true), if kept { usize::MAX } else { 0 }, "{budget}");
            let report = kept_graphs.report();
            assert_eq!((report.built, report.bytes_each, report.unmeasured()), (1, None, true));
        }
    }

    #[test]
    fn graphs_of_known_size_are_kept_as_they_fit() {
        let mut kept = Kept::new(100);
        assert!(kept.admits(Some(60)) && !kept.report().unmeasured());
        assert_eq!(kept.room(true), 1);
        // All are counted as the largest.
        assert!(!kept.admits(Some(101)));
        assert_eq!(kept.room(true), 0);
        let mut all = Kept::new(u64::MAX);
        assert!(all.admits(Some(u64::MAX)) && all.room(true) == usize::MAX);
        assert!(!Kept::new(0).admits(Some(0)));
    }

    /// A refusal with nothing to give up says nothing about how many graphs there is room for.
    #[test]
    fn what_has_nothing_to_give_up_is_kept_as_before() {
        let mut kept = Kept::new(u64::MAX);
        assert!(!kept.give_up());
        assert_eq!(kept.room(true), usize::MAX);
        assert!(kept.admits(None));
    }
}
