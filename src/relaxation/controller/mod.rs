//! The controller of ENAS: an LSTM decides edge after edge, and learns by the score function.
//!
//! With a cell of $n$ units, state $(h,c)$ from 0 and the learned first input $x_0$, edge by edge
//! $$\begin{aligned}(i,f,g,o)&=W_x x+W_h h+b,& c&\leftarrow\sigma(f)\circ c+\sigma(i)\circ\tanh g,& h&\leftarrow\sigma(o)\circ\tanh c,\\
//! l&=2.5\tanh\big((Ph+q)/5\big),& s_e&\sim\mathrm{softmax}(l),& x&\leftarrow\text{the embedding of }s_e .\end{aligned}$$
//! $\alpha$ is the $1\times N$ array of all of these weights, in the order $x_0, W_x, W_h, b, \text{embeddings}, P, q$, matrices row by row, the four gates of the LSTM
//! one after another. (PyTorch's LSTM has two biases of which only the sum matters; here there is one.)
//!
//! The reward of ENAS is $R=\text{accuracy}+10^{-4}\,\text{entropy}$, less a baseline $b$ that is an exponential average of it, and it descends
//! $-(R-b)\nabla\log p$: unbiased for any reward, since $\mathbb E\,\nabla\log p=0$. [`Draw::pull_back`] gives the decisions their own costs instead,
//! $\sum_eC_{es_e}\nabla\log p(s_e\mid s_{<e})$, the credit assignment of `snas`, Eq. 7; here it leaves out what a decision does to the later ones.

mod backward;
mod forward;

use ndarray::{Array2, s};
use rand::{Rng, RngExt};

use super::{Draw, Error, Relaxation, Score, categorical, one_hot};
use forward::Step;

/// The controller's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controller {
    units: usize,
    /// The operations that each edge has.
    present: Array2<bool>,
}

/// A sequence of decisions and the gradient behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct ControllerDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    controller: Controller,
    parameters: Vec<f64>,
    steps: Vec<Step<f64>>,
    /// $s_e$.
    pub chosen: Vec<usize>,
    /// $\sum_e$ of the entropies of the decisions, in nats.
    pub entropy: f64,
}

impl Controller {
    /// An LSTM of `units` units (32 in ENAS's port to NAS-Bench-201) that chooses among the operations marked in `present`, edge by edge.
    ///
    /// # Errors
    /// [`Error::Controller`] when there is nothing to decide, [`Error::NoOperation`] when an edge has no operation.
    pub fn new(units: usize, present: Array2<bool>) -> Result<Self, Error> {
        let (edges, operations) = present.dim();
        if units == 0 || edges == 0 || operations == 0 {
            return Err(Error::Controller { units, edges, operations });
        }
        match present.rows().into_iter().position(|row| !row.iter().any(|&on| on)) {
            Some(edge) => Err(Error::NoOperation(edge)),
            None => Ok(Self { units, present }),
        }
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
        self.run(parameters, |edge, _| chosen[edge])
    }

    /// The most likely decision at each edge, given the earlier ones.
    pub fn greedy(&self, parameters: &Array2<f64>) -> ControllerDraw {
        self.run(parameters, |_, p| categorical::argmax(p.into()))
    }

    fn run(&self, parameters: &Array2<f64>, choose: impl FnMut(usize, &[f64]) -> usize) -> ControllerDraw {
        let parameters: Vec<f64> = parameters.iter().copied().collect();
        let steps = self.forward(&parameters, choose);
        let chosen: Vec<usize> = steps.iter().map(|step| step.chosen).collect();
        let gates = one_hot(self.present.ncols(), &chosen);
        let entropy =
            steps.iter().flat_map(|step| &step.probabilities).filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
        ControllerDraw {
            active: gates.mapv(|z| z > 0.0),
            gates,
            controller: self.clone(),
            parameters,
            steps,
            chosen,
            entropy,
        }
    }
}

impl Relaxation for Controller {
    type Draw = ControllerDraw;

    fn sample<R: Rng + ?Sized>(&self, parameters: &Array2<f64>, rng: &mut R) -> ControllerDraw {
        self.run(parameters, |_, p| categorical::draw(p.into(), rng))
    }

    /// The probabilities of each decision when the earlier ones are the most likely: not the marginal ones, which would take all sequences.
    fn strengths(&self, parameters: &Array2<f64>) -> Array2<f64> {
        self.greedy(parameters).conditionals()
    }
}

impl ControllerDraw {
    /// $p(\cdot\mid s_{<e})$, $E\times O$: the probabilities of each decision, given the earlier ones of this draw.
    pub fn conditionals(&self) -> Array2<f64> {
        let mut out = Array2::zeros(self.gates.dim());
        for (mut row, step) in out.rows_mut().into_iter().zip(&self.steps) {
            row.iter_mut().zip(&step.probabilities).for_each(|(out, p)| *out = *p);
        }
        out
    }

    /// $\sum_ew_e\nabla\log p(s_e\mid s_{<e})$, $1\times N$.
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
        let credits: Vec<f64> = self.chosen.iter().enumerate().map(|(e, &s)| cost[(e, s)]).collect();
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
