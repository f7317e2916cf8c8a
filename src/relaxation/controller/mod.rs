//! The controller of ENAS: an LSTM makes one decision after another, and learns by the score function.
//!
//! With a cell of $n$ units, state $(h,c)$ from 0 and the learned first input $x_0$, decision by decision
//! $$\begin{aligned}(i,f,g,o)&=W_x x+W_h h+b,& c&\leftarrow\sigma(f)\circ c+\sigma(i)\circ\tanh g,& h&\leftarrow\sigma(o)\circ\tanh c,\\
//! l&=2.5\tanh\big((Ph+q)/5\big),& s_k&\sim\mathrm{softmax}(l),& x&\leftarrow\text{the embedding of }s_k .\end{aligned}$$
//! Where every edge of a cell has an operation, each decision is one of these. Where a node keeps some of its edges, the controller decides on an edge, then on its
//! operation, then on the next of the edges that are left, and so on; parents of a node likewise, one after another. What is taken already has
//! probability 0, so that $\prod_kp(s_k\mid s_{<k})$ is the probability of the sequence exactly. Operations have one head $P,q$ with embeddings, edges and parents
//! (by their order among those of their node) another. ENAS's own search of cells decides on a node by attention over the states of the LSTM at earlier
//! nodes, and may take one twice; its port to NAS-Bench-1Shot1 draws parents without repetition too, and takes the mean of their $\log p$, each as if it were drawn
//! alone, for that of the draw.
//!
//! $\alpha$ is the $1\times N$ array of all of these weights, in the order $x_0, W_x, W_h, b$, then embeddings, $P, q$ of operations, then those of edges and parents, matrices row by row,
//! the four gates of the LSTM one after another. (PyTorch's LSTM has two biases of which only the sum matters; here there is one.)
//!
//! The reward of ENAS is $R=\text{accuracy}+10^{-4}\,\text{entropy}$, less a baseline $b$ that is an exponential average of it, and it descends
//! $-(R-b)\nabla\log p$: unbiased for any reward, since $\mathbb E\,\nabla\log p=0$. [`Draw::pull_back`] gives the decisions the cost of the gate that they open instead,
//! $\sum_kC_{g(k)}\nabla\log p(s_k\mid s_{<k})$, the credit assignment of `snas`, Eq. 7; here it leaves out what a decision does to the later ones.

mod backward;
mod forward;

use ndarray::{Array2, s};
use rand::{Rng, RngExt};

use super::{Draw, Error, Relaxation, Score, categorical};
use crate::space::{Choices, Decision};
use forward::{Sort, Step};

/// The controller's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controller {
    units: usize,
    choices: Choices,
    /// The most edges or parents that a decision is between.
    places: usize,
}

/// A sequence of decisions and the gradient behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct ControllerDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    controller: Controller,
    parameters: Vec<f64>,
    steps: Vec<Step<f64>>,
    /// The gates opened, (row, column), in order.
    open: Vec<(usize, usize)>,
    /// $s_k$: an operation by its column, an edge by its place among those into its node, a parent by its column.
    pub chosen: Vec<usize>,
    /// $\sum_k$ of the entropies of the decisions, in nats.
    pub entropy: f64,
}

impl Controller {
    /// An LSTM of `units` units (32 in ENAS's port to NAS-Bench-201) that decides on the cells of these choices.
    ///
    /// # Errors
    /// [`Error::Controller`] when there is nothing to decide, [`Error::NoOperation`] when an edge has no operation.
    pub fn new(units: usize, choices: Choices) -> Result<Self, Error> {
        let (edges, operations) = choices.allowed().dim();
        if units == 0 || edges == 0 || operations == 0 {
            return Err(Error::Controller { units, edges, operations });
        }
        let places = choices.decisions().iter().map(|decision| match decision {
            Decision::Operation { .. } => 0,
            Decision::Edges { rows, .. } => rows.len(),
            Decision::Parents { .. } => operations,
        });
        let places = places.max().unwrap_or(0);
        let empty = choices.decisions().iter().find_map(|decision| match decision {
            Decision::Operation { row } if choices.columns(*row).is_empty() => Some(*row),
            _ => None,
        });
        match empty {
            Some(edge) => Err(Error::NoOperation(edge)),
            None => Ok(Self { units, choices, places }),
        }
    }

    /// The cells that it decides on.
    pub fn choices(&self) -> &Choices {
        &self.choices
    }

    /// The number of weights $N$.
    pub fn weight_count(&self) -> usize {
        self.layout().end
    }

    /// Weights uniform in $\lbrack-0.1,0.1\rbrack$, as published; $1\times N$.
    pub fn initial<R: Rng + ?Sized>(&self, rng: &mut R) -> Array2<f64> {
        Array2::from_shape_simple_fn((1, self.weight_count()), || rng.random_range(-0.1..=0.1))
    }

    /// The draw in which `chosen` was decided.
    ///
    /// # Panics
    /// When the weights or decisions are too few, as indexing does.
    pub fn at(&self, parameters: &Array2<f64>, chosen: &[usize]) -> ControllerDraw {
        self.run(parameters, |step, _| chosen[step])
    }

    /// The most likely decision each time, given the earlier ones.
    pub fn greedy(&self, parameters: &Array2<f64>) -> ControllerDraw {
        self.run(parameters, |_, p| categorical::argmax(p.into()))
    }

    fn run(&self, parameters: &Array2<f64>, choose: impl FnMut(usize, &[f64]) -> usize) -> ControllerDraw {
        let parameters: Vec<f64> = parameters.iter().copied().collect();
        let (steps, open) = self.forward(&parameters, choose);
        let chosen: Vec<usize> = steps.iter().map(|step| step.chosen).collect();
        let gates = self.choices.gates(&open);
        let entropy =
            steps.iter().flat_map(|step| &step.probabilities).filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
        let active = gates.mapv(|z| z > 0.0);
        ControllerDraw { active, gates, controller: self.clone(), parameters, steps, open, chosen, entropy }
    }
}

impl Relaxation for Controller {
    type Draw = ControllerDraw;

    fn sample<R: Rng + ?Sized>(&self, parameters: &Array2<f64>, rng: &mut R) -> ControllerDraw {
        self.run(parameters, |_, p| categorical::draw(p.into(), rng))
    }

    /// How likely each decision opens each of its gates when the decisions before it are the most likely ones: exactly, over all that it may come to. (Marginal
    /// probabilities would take all sequences.)
    fn strengths(&self, parameters: &Array2<f64>) -> Array2<f64> {
        let likely = self.greedy(parameters).chosen;
        let mut out = Array2::zeros(self.choices.allowed().dim());
        let mut start = 0;
        for decision in self.choices.decisions() {
            let end = start
                + match decision {
                    Decision::Operation { .. } => 1,
                    Decision::Edges { keep, .. } => 2 * keep,
                    Decision::Parents { keep, .. } => *keep,
                };
            self.spread(parameters, &mut likely[..start].to_vec(), end, 1.0, &mut out);
            start = end;
        }
        out
    }
}

impl Controller {
    /// Adds how likely gates are opened by the decisions from the end of `before` to `end`, times the probability of `before`.
    fn spread(
        &self,
        parameters: &Array2<f64>,
        before: &mut Vec<usize>,
        end: usize,
        probability: f64,
        out: &mut Array2<f64>,
    ) {
        let k = before.len();
        let draw =
            self.run(parameters, |at, p| before.get(at).copied().unwrap_or_else(|| categorical::argmax(p.into())));
        let step = &draw.steps[k];
        for (chosen, &p) in step.probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            if step.sort != Sort::Edge {
                out[(draw.open[step.gate].0, chosen)] += probability * p;
            }
            if k + 1 < end {
                before.push(chosen);
                self.spread(parameters, before, end, probability * p, out);
                before.pop();
            }
        }
    }
}

impl ControllerDraw {
    /// $p(\cdot\mid s_{<e})$, $E\times O$: the probabilities of each decision, given the earlier ones of this draw, where each row has one
    /// ([`Choices::is_one_each`]).
    pub fn conditionals(&self) -> Array2<f64> {
        let mut out = Array2::zeros(self.gates.dim());
        for (mut row, step) in out.rows_mut().into_iter().zip(&self.steps) {
            row.iter_mut().zip(&step.probabilities).for_each(|(out, p)| *out = *p);
        }
        out
    }

    /// $\sum_kw_k\nabla\log p(s_k\mid s_{<k})$, $1\times N$.
    fn weighted_score(&self, weights: &[f64]) -> Array2<f64> {
        let gradient = self.controller.backward(&self.parameters, &self.steps, weights);
        let mut out = Array2::zeros((1, gradient.len()));
        out.slice_mut(s![0, ..]).iter_mut().zip(gradient).for_each(|(out, g)| *out = g);
        out
    }
}

impl Draw for ControllerDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        let credits: Vec<f64> = self.steps.iter().map(|step| cost[self.open[step.gate]]).collect();
        self.weighted_score(&credits)
    }
}

impl Score for ControllerDraw {
    fn log_probability(&self) -> f64 {
        self.steps.iter().map(|step| step.probabilities[step.chosen].ln()).sum()
    }

    fn score(&self) -> Array2<f64> {
        self.weighted_score(&vec![1.0; self.chosen.len()])
    }
}
