//! The passes that a step of each system is made of: stated, and seen.

use std::cell::RefCell;

use nasproof::problem::{ConstantCost, Derivatives, Evaluation, Supernet, only_active};
use ndarray::{Array1, Array2};

/// What a pass gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The loss, or the accuracy: forward alone.
    Forward,
    /// $\partial L/\partial Z$: forward, and backward to the gates.
    Cost,
    /// $\partial L/\partial\theta$.
    Gradient,
    /// Both.
    Both,
    /// $\langle\partial L/\partial y_e,\mathbf 1\rangle$, with the cost.
    Constant,
    /// A product with second derivatives.
    Second,
}

/// The split of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Training,
    Validation,
}

/// How many operations of each edge a pass runs; of edges that a cell does not keep none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operations {
    All,
    One,
    Two,
}

/// So many passes of one sort, one after another.
pub type Passes = (On, Kind, Operations, usize);

use {Kind::*, On::*, Operations::*};

/// Of each system, the passes of a step in which $\alpha$ moves, in order. ProxylessNAS takes the first of its two in every fifth step alone.
pub const STEPS: &[(&str, &[Passes])] = &[
    ("darts-1st", &[(Validation, Cost, All, 1), (Training, Both, All, 1)]),
    (
        "darts-2nd",
        &[(Training, Both, All, 1), (Validation, Both, All, 1), (Training, Cost, All, 2), (Training, Both, All, 1)],
    ),
    (
        "darts-2nd-exact",
        &[
            (Training, Both, All, 1),
            (Validation, Both, All, 1),
            (Training, Cost, All, 2),
            (Training, Second, All, 1),
            (Training, Both, All, 1),
        ],
    ),
    ("snas", &[(Training, Both, All, 1)]),
    ("dsnas", &[(Training, Both, One, 1)]),
    ("proxylessnas", &[(Validation, Cost, Two, 1), (Training, Both, One, 1)]),
    ("proxylessnas-full", &[(Validation, Cost, All, 1), (Training, Both, One, 1)]),
    ("pc-darts", &[(Validation, Cost, All, 1), (Training, Both, All, 1)]),
    ("gdas", &[(Validation, Cost, One, 1), (Training, Both, One, 1)]),
    ("gdas-code", &[(Validation, Constant, One, 1), (Training, Both, One, 1)]),
    ("drnas", &[(Validation, Cost, All, 1), (Training, Both, All, 1)]),
    ("drnas-kl", &[(Validation, Cost, All, 1), (Training, Both, All, 1)]),
    ("sdarts-rs", &[(Validation, Cost, All, 1), (Training, Both, All, 1)]),
    (
        "sdarts-adv",
        &[
            (Validation, Cost, All, 1),
            (Training, Forward, All, 1),
            (Training, Cost, All, 7),
            (Training, Forward, All, 1),
            (Training, Both, All, 1),
        ],
    ),
    ("enas", &[(Training, Both, One, 1), (Validation, Forward, One, 1)]),
    ("random-nas", &[(Training, Both, One, 1)]),
    ("setn", &[(Validation, Cost, All, 1), (Training, Both, One, 1)]),
];

/// A pass that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub kind: Kind,
    /// Where its batch lies.
    pub batch: usize,
    pub gates: Array2<f64>,
    /// The operations that are run; every one where it is not said.
    pub active: Array2<bool>,
}

/// Where a batch lies.
pub fn address<B: ?Sized>(batch: &B) -> usize {
    std::ptr::from_ref(batch).cast::<u8>() as usize
}

/// What was seen, in the words of [`STEPS`]; `None` for a pass on neither batch, or one in which edges run different numbers of operations or a number without a name.
pub fn summary(seen: &[Seen], training: usize, validation: usize, present: &Array2<bool>) -> Option<Vec<Passes>> {
    let mut out: Vec<Passes> = Vec::new();
    for pass in seen {
        let on = if pass.batch == training {
            Training
        } else if pass.batch == validation {
            Validation
        } else {
            return None;
        };
        let counts = || pass.active.rows().into_iter().map(|row| row.iter().filter(|on| **on).count());
        let runs = |n: usize| counts().all(|count| count == n || count == 0) && counts().any(|count| count == n);
        let operations = if pass.active.iter().zip(present).all(|(on, there)| on == there) {
            All
        } else if runs(1) {
            One
        } else if runs(2) {
            Two
        } else {
            return None;
        };
        match out.last_mut() {
            Some(last) if (last.0, last.1, last.2) == (on, pass.kind, operations) => last.3 += 1,
            _ => out.push((on, pass.kind, operations, 1)),
        }
    }
    Some(out)
}

/// A supernet whose passes are noted.
pub struct Watched<'a, P> {
    problem: &'a P,
    /// The operations that there are.
    present: Array2<bool>,
    seen: RefCell<Vec<Seen>>,
}

impl<'a, P: Supernet> Watched<'a, P> {
    pub fn new(problem: &'a P, present: Array2<bool>) -> Self {
        Self { problem, present, seen: RefCell::default() }
    }

    /// The passes since the last call.
    pub fn take(&self) -> Vec<Seen> {
        self.seen.take()
    }

    fn note(&self, kind: Kind, batch: &P::Batch, gates: &Array2<f64>, active: &Array2<bool>) {
        let seen = Seen { kind, batch: address(batch), gates: only_active(gates, active), active: active.clone() };
        self.seen.borrow_mut().push(seen);
    }

    fn note_all(&self, kind: Kind, batch: &P::Batch, gates: &Array2<f64>) {
        self.note(kind, batch, gates, &self.present);
    }

    /// Of what has a gate alone.
    fn note_open(&self, kind: Kind, batch: &P::Batch, gates: &Array2<f64>) {
        self.note(kind, batch, gates, &gates.mapv(|z| z != 0.0));
    }
}

impl<P: Supernet> Supernet for Watched<'_, P> {
    type Vector = P::Vector;
    type Batch = P::Batch;
    type Gradients = P::Gradients;

    fn gate_shape(&self) -> (usize, usize) {
        self.problem.gate_shape()
    }

    fn weight_count(&self) -> usize {
        self.problem.weight_count()
    }

    fn loss(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> f64 {
        self.note_all(Forward, batch, gates);
        self.problem.loss(weights, gates, batch)
    }

    fn gradient(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> P::Vector {
        self.note_all(Gradient, batch, gates);
        self.problem.gradient(weights, gates, batch)
    }

    fn cost(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> Array2<f64> {
        self.note_all(Cost, batch, gates);
        self.problem.cost(weights, gates, batch)
    }

    fn cost_and_gradient(
        &self,
        weights: &P::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &P::Batch,
    ) -> Derivatives<P::Vector> {
        self.note(Both, batch, gates, active);
        self.problem.cost_and_gradient(weights, gates, active, batch)
    }

    fn loss_and_cost(
        &self,
        weights: &P::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &P::Batch,
    ) -> (f64, Array2<f64>) {
        self.note(Cost, batch, gates, active);
        self.problem.loss_and_cost(weights, gates, active, batch)
    }

    fn constant_cost(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> Option<Array1<f64>> {
        self.note_open(Constant, batch, gates);
        self.problem.constant_cost(weights, gates, batch)
    }

    fn cost_and_constant(
        &self,
        weights: &P::Vector,
        gates: &Array2<f64>,
        active: &Array2<bool>,
        batch: &P::Batch,
    ) -> Option<ConstantCost> {
        self.note(Constant, batch, gates, active);
        self.problem.cost_and_constant(weights, gates, active, batch)
    }

    fn hessian_product(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch, v: &P::Vector) -> P::Vector {
        self.note_all(Second, batch, gates);
        self.problem.hessian_product(weights, gates, batch, v)
    }

    fn cross_product(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch, v: &P::Vector) -> Array2<f64> {
        self.note_all(Second, batch, gates);
        self.problem.cross_product(weights, gates, batch, v)
    }

    fn cross_adjoint(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch, u: &Array2<f64>) -> P::Vector {
        self.note_all(Second, batch, gates);
        self.problem.cross_adjoint(weights, gates, batch, u)
    }

    fn gate_hessian_product(
        &self,
        weights: &P::Vector,
        gates: &Array2<f64>,
        batch: &P::Batch,
        u: &Array2<f64>,
    ) -> Array2<f64> {
        self.note_all(Second, batch, gates);
        self.problem.gate_hessian_product(weights, gates, batch, u)
    }

    fn gradients(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch, group: usize) -> P::Gradients {
        self.note_all(Gradient, batch, gates);
        self.problem.gradients(weights, gates, batch, group)
    }

    fn evaluation(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> Evaluation {
        self.note_open(Forward, batch, gates);
        self.problem.evaluation(weights, gates, batch)
    }

    fn accuracy_and_entropy(&self, weights: &P::Vector, gates: &Array2<f64>, batch: &P::Batch) -> Option<(f64, f64)> {
        self.note_open(Forward, batch, gates);
        self.problem.accuracy_and_entropy(weights, gates, batch)
    }
}
