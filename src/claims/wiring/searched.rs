//! The minimal cell trained and searched with subnet sampling and weight sharing, small enough for many runs.
//!
//! Eight digits, two channels, and None or a dilated 3×3 convolution on each of the five edges: 32 subnets, so that the cost of an edge expected over
//! subnets is a sum. A step draws a subnet, one operation an edge, and moves the shared weights along its gradient by SGD with the momentum and
//! the weight decay of DARTS. With `wiring`'s DSNAS the subnets come from $\mathrm{softmax}(\alpha)$, and $\alpha$ follows $C\nabla\log p$ of a draw:
//! the same one on one level, one of its own on eight held-out digits on two.

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::dense;
use crate::{
    optimiser::{Schedule, Sgd, SgdSettings},
    problem::{
        Supernet,
        dense_cell::{Batch, DenseCell, EDGES, Error, Operation, Settings},
    },
    relaxation::{Draw, OneHot, Relaxation},
};

const EXAMPLES: usize = 8;
const CHANNELS: usize = 2;
const CANDIDATES: [Operation; 2] = [Operation::None, Operation::DilConv3x3];
const STEPS: usize = 60;
/// Of the 1024 of two cells.
const SUBNETS: usize = 32;
const SGD: SgdSettings =
    SgdSettings { rate: Schedule::Constant(0.1), momentum: 0.9, nesterov: false, decay: 3e-4, clip: None };

/// The edge between the intermediate nodes, and the two from input nodes into the same node.
pub(super) const INTERMEDIATE: usize = 4;
pub(super) const INPUTS: [usize; 2] = [2, 3];

/// Initial weights, draws of subnets and digits.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    /// The seed of the weights and of the draws.
    pub(super) seed: u64,
    /// The first of the training digits; the held-out ones follow.
    pub(super) first_image: usize,
}

/// Any weights, draws and digits.
pub(super) fn cases() -> impl Strategy<Value = Case> + Send + Sync {
    (any::<u64>().no_shrink(), (0..dense::IMAGES - 2 * EXAMPLES).no_shrink())
        .prop_map(|(seed, first_image)| Case { seed, first_image })
}

/// What the weights and $\alpha$ are trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Both on the training digits.
    Single,
    /// $\alpha$ on held-out digits.
    Bi,
}

/// A network in training.
pub(super) struct Run {
    network: DenseCell,
    training: Batch,
    held_out: Batch,
    weights: Array1<f64>,
    rng: ChaCha8Rng,
    sgd: Sgd<Array1<f64>>,
}

impl Case {
    /// At its initial weights.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn begin(&self) -> Result<Run, Error> {
        self.begin_with(1)
    }

    /// The same with this many cells.
    fn begin_with(&self, cells: usize) -> Result<Run, Error> {
        let mut settings = Settings { channels: CHANNELS, ..Settings::stacked(cells) };
        for (cell, edge) in (0..cells).flat_map(|cell| (0..EDGES.len()).map(move |edge| (cell, edge))) {
            settings = settings.with_operations(cell, edge, &CANDIDATES);
        }
        let (images, labels) = dense::digits(self.first_image..self.first_image + 2 * EXAMPLES);
        let network = DenseCell::new(settings, images, labels)?;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let weights = network.initial_weights(&mut rng);
        let (training, held_out) = (network.batch(0..EXAMPLES)?, network.batch(EXAMPLES..2 * EXAMPLES)?);
        Ok(Run { sgd: Sgd::new(SGD, &weights), network, training, held_out, weights, rng })
    }

    /// The cost of the convolution of each edge of two cells at their initial weights, averaged over those of [`SUBNETS`] sampled subnets that have it.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn costs_of_two_cells(&self) -> Result<[[f64; 5]; 2], Error> {
        let mut run = self.begin_with(2)?;
        let (even, column) = (run.even(), CANDIDATES[1].column());
        let (mut sum, mut count) = ([[0.0; 5]; 2], [[0.0; 5]; 2]);
        for _ in 0..SUBNETS {
            let draw = OneHot.sample(&even, &mut run.rng);
            let cost = run.cost(&draw, &run.training);
            for (row, _) in draw.chosen.iter().enumerate().filter(|(_, chosen)| **chosen == column) {
                sum[row / EDGES.len()][row % EDGES.len()] += cost[(row, column)];
                count[row / EDGES.len()][row % EDGES.len()] += 1.0;
            }
        }
        Ok(std::array::from_fn(|cell| std::array::from_fn(|edge| sum[cell][edge] / count[cell][edge])))
    }

    /// After [`STEPS`] steps with all subnets equally likely.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn trained(&self) -> Result<Run, Error> {
        let mut run = self.begin()?;
        let even = run.even();
        for _ in 0..STEPS {
            let draw = OneHot.sample(&even, &mut run.rng);
            run.step(&draw);
        }
        Ok(run)
    }

    /// Which edges are dropped, None being the more probable, after each of [`STEPS`] steps of a search; `along` 1 follows the gradient in $\alpha$, $-1$ goes
    /// against it.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn searched(&self, level: Level, along: f64) -> Result<Vec<[bool; 5]>, Error> {
        let mut run = self.begin()?;
        let mut alpha = run.even();
        let mut dropped = Vec::with_capacity(STEPS);
        for _ in 0..STEPS {
            let judged = match level {
                Level::Single => None,
                Level::Bi => {
                    let draw = OneHot.sample(&alpha, &mut run.rng);
                    Some(draw.pull_back(&run.cost(&draw, &run.held_out)))
                }
            };
            let draw = OneHot.sample(&alpha, &mut run.rng);
            let cost = run.step(&draw);
            alpha.scaled_add(-along, &judged.unwrap_or_else(|| draw.pull_back(&cost)));
            let [none, operation] = CANDIDATES.map(Operation::column);
            dropped.push(std::array::from_fn(|edge| alpha[(edge, none)] > alpha[(edge, operation)]));
        }
        Ok(dropped)
    }
}

impl Run {
    /// $\alpha$ with all candidates equally likely.
    fn even(&self) -> Array2<f64> {
        self.network.settings().mask.mapv(|evaluated| if evaluated { 0.0 } else { f64::NEG_INFINITY })
    }

    fn cost(&self, draw: &impl Draw, batch: &Batch) -> Array2<f64> {
        self.network.cost(&self.weights, draw.gates(), batch)
    }

    /// Moves the weights along the gradient of a subnet; its cost before.
    fn step(&mut self, draw: &impl Draw) -> Array2<f64> {
        let at = self.network.cost_and_gradient(&self.weights, draw.gates(), draw.active(), &self.training);
        self.sgd.step(&mut self.weights, &at.gradient, SGD.rate.at(0.0));
        at.cost
    }

    /// The cost of the convolution of each edge on the training digits, averaged over the 16 subnets that have it.
    pub(super) fn expected_costs(&self) -> [f64; 5] {
        let even = self.even();
        let columns = CANDIDATES.map(Operation::column);
        let mut mean = [0.0; 5];
        for subnet in 0..1usize << EDGES.len() {
            let present = |edge: usize| subnet >> edge & 1;
            let draw = OneHot.at(&even, (0..EDGES.len()).map(|edge| columns[present(edge)]).collect());
            let cost = self.cost(&draw, &self.training);
            for (edge, mean) in mean.iter_mut().enumerate().filter(|(edge, _)| present(*edge) == 1) {
                *mean += cost[(edge, columns[1])] / 16.0;
            }
        }
        mean
    }
}

/// The edges that are dropped at some time and not at the end.
pub(super) fn recovered(dropped: &[[bool; 5]]) -> [bool; 5] {
    std::array::from_fn(|edge| dropped.iter().any(|now| now[edge]) && dropped.last().is_some_and(|end| !end[edge]))
}
