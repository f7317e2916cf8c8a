//! The forward pass, over any [`Real`].

use std::ops::Range;

use super::Controller;
use crate::{linalg::Real, space::Decision};

/// $l=2.5\tanh(\cdot/5)$: the bound on the logits.
pub(super) const BOUND: f64 = 2.5;
/// The temperature inside.
pub(super) const TEMPERATURE: f64 = 5.0;

/// Where the weights of one sort of decision lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Head {
    /// One for each thing that can be decided.
    pub embeddings: Range<usize>,
    /// $P$.
    pub matrix: Range<usize>,
    /// $q$.
    pub bias: Range<usize>,
}

/// Where the weights lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub first: Range<usize>,
    pub from_input: Range<usize>,
    pub from_state: Range<usize>,
    pub bias: Range<usize>,
    pub operations: Head,
    /// For edges and parents; empty where there is no choice of them.
    pub places: Head,
    pub end: usize,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// One of the operations of a row.
    Operation,
    /// One of the edges into a node.
    Edge,
    /// One of the parents of a node.
    Parent,
}

/// What one decision leaves for the pass back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step<T> {
    pub sort: Sort,
    /// The open gate that it belongs to, counted in the order in which they are opened.
    pub gate: usize,
    /// Where in the weights the input lies.
    pub input: Range<usize>,
    /// $h, c$ before the step.
    pub state: (Vec<T>, Vec<T>),
    /// $\sigma(i),\sigma(f),\tanh g,\sigma(o)$, one after another.
    pub activations: Vec<T>,
    /// $\tanh c$ and $h$ after the step.
    pub after: (Vec<T>, Vec<T>),
    /// $\tanh((Ph+q)/5)$.
    pub squashed: Vec<T>,
    /// 0 for what there is not, or is taken already.
    pub probabilities: Vec<T>,
    pub chosen: usize,
}

/// A pass under way.
struct Pass<'a, T, F> {
    controller: &'a Controller,
    at: Layout,
    w: &'a [T],
    choose: F,
    input: Range<usize>,
    state: (Vec<T>, Vec<T>),
    steps: Vec<Step<T>>,
    open: Vec<(usize, usize)>,
}

fn sigmoid<T: Real>(x: T) -> T {
    T::constant(1.0) / (T::constant(1.0) + (-x).exp())
}

fn tanh<T: Real>(x: T) -> T {
    T::constant(1.0) - T::constant(2.0) / (T::constant(1.0) + (x * 2.0).exp())
}

/// $Wx$ for a matrix stored row by row.
fn product<'a, T: Real>(matrix: &'a [T], x: &'a [T]) -> impl Iterator<Item = T> + 'a {
    matrix.chunks(x.len()).map(move |row| row.iter().zip(x).fold(T::zero(), |sum, (&w, &x)| sum + w * x))
}

impl Controller {
    pub(super) fn layout(&self) -> Layout {
        let (n, operations, places) = (self.units, self.choices.allowed().ncols(), self.places);
        let mut end = 0;
        let mut next = |length: usize| {
            end += length;
            end - length..end
        };
        let (first, from_input, from_state, bias) = (next(n), next(4 * n * n), next(4 * n * n), next(4 * n));
        let mut head = |count: usize| Head { embeddings: next(count * n), matrix: next(count * n), bias: next(count) };
        let (operations, places) = (head(operations), head(places));
        Layout { first, from_input, from_state, bias, operations, places, end }
    }

    /// All decisions, and the gates that they open; `choose` sees the number of the decision and the values of its probabilities.
    pub(super) fn forward<T: Real>(
        &self,
        w: &[T],
        choose: impl FnMut(usize, &[f64]) -> usize,
    ) -> (Vec<Step<T>>, Vec<(usize, usize)>) {
        let (at, zeros) = (self.layout(), vec![T::zero(); self.units]);
        let (input, state) = (at.first.clone(), (zeros.clone(), zeros));
        let mut pass = Pass { controller: self, at, w, choose, input, state, steps: Vec::new(), open: Vec::new() };
        let allowed = |row: usize| self.choices.allowed().row(row).to_vec();
        for decision in self.choices.decisions() {
            match decision {
                Decision::Operation { row } => {
                    let operation = pass.decide(Sort::Operation, &allowed(*row));
                    pass.open.push((*row, operation));
                }
                Decision::Edges { rows, keep } => {
                    let mut left: Vec<bool> = rows.iter().map(|&row| allowed(row).contains(&true)).collect();
                    for _ in 0..*keep {
                        let edge = pass.decide(Sort::Edge, &left);
                        left[edge] = false;
                        let operation = pass.decide(Sort::Operation, &allowed(rows[edge]));
                        pass.open.push((rows[edge], operation));
                    }
                }
                Decision::Parents { row, keep } => {
                    let mut left = allowed(*row);
                    for _ in 0..*keep {
                        let parent = pass.decide(Sort::Parent, &left);
                        left[parent] = false;
                        pass.open.push((*row, parent));
                    }
                }
            }
        }
        (pass.steps, pass.open)
    }
}

impl<T: Real, F: FnMut(usize, &[f64]) -> usize> Pass<'_, T, F> {
    /// One of those that `may` be decided.
    fn decide(&mut self, sort: Sort, may: &[bool]) -> usize {
        let (n, at, w) = (self.controller.units, &self.at, self.w);
        let head = if sort == Sort::Operation { &at.operations } else { &at.places };
        let (h, c) = &self.state;
        let x = &w[self.input.clone()];
        let activations: Vec<T> = product(&w[at.from_input.clone()], x)
            .zip(product(&w[at.from_state.clone()], h))
            .zip(&w[at.bias.clone()])
            .enumerate()
            .map(|(k, ((x, h), &b))| if k / n == 2 { tanh(x + h + b) } else { sigmoid(x + h + b) })
            .collect();
        let c_next: Vec<T> =
            (0..n).map(|k| activations[n + k] * c[k] + activations[k] * activations[2 * n + k]).collect();
        let squashed_c: Vec<T> = c_next.iter().map(|&c| tanh(c)).collect();
        let h_next: Vec<T> = (0..n).map(|k| activations[3 * n + k] * squashed_c[k]).collect();
        let squashed: Vec<T> = product(&w[head.matrix.clone()], &h_next)
            .zip(&w[head.bias.clone()])
            .map(|(l, &q)| tanh((l + q) * (1.0 / TEMPERATURE)))
            .collect();
        let exponential = |(o, &l): (usize, &T)| match may.get(o) {
            Some(true) => (l * BOUND).exp(),
            _ => T::zero(),
        };
        let exponentials: Vec<T> = squashed.iter().enumerate().map(exponential).collect();
        let sum = exponentials.iter().fold(T::zero(), |sum, &e| sum + e);
        let probabilities: Vec<T> = exponentials.into_iter().map(|e| e / sum).collect();
        let values: Vec<f64> = probabilities.iter().map(|p| p.value()).collect();
        let chosen = (self.choose)(self.steps.len(), &values);
        let embedding = head.embeddings.start + chosen * n..head.embeddings.start + (chosen + 1) * n;
        self.steps.push(Step {
            sort,
            gate: self.open.len(),
            input: std::mem::replace(&mut self.input, embedding),
            state: std::mem::replace(&mut self.state, (h_next.clone(), c_next)),
            activations,
            after: (squashed_c, h_next),
            squashed,
            probabilities,
            chosen,
        });
        chosen
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use num_dual::Dual64;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::{
        linalg::TestRatio,
        relaxation::{Draw, Score},
        space::Choices,
    };

    /// $\log p$ along a direction, over dual numbers.
    fn along(
        controller: &Controller,
        w: &Array2<f64>,
        direction: &Array2<f64>,
        chosen: &[usize],
        credits: &[f64],
    ) -> Dual64 {
        let w: Vec<Dual64> = w.iter().zip(direction).map(|(&w, &d)| Dual64::new(w, d)).collect();
        let (steps, _) = controller.forward(&w, |step, _| chosen[step]);
        steps.iter().zip(credits).map(|(s, &credit)| s.probabilities[s.chosen].ln() * credit).sum()
    }

    #[test]
    fn the_gradient_is_that_of_dual_numbers_at_the_published_size() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let controller = Controller::new(32, Choices::one_each(Array2::from_elem((6, 5), true))).unwrap();
        let w = controller.initial(&mut rng) * 10.0;
        let chosen = [0, 4, 2, 2, 1, 3];
        let credits = [0.5, -1.0, 2.0, 0.25, 1.5, -0.75];
        let draw = controller.at(&w, &chosen);
        let cost = Array2::from_shape_fn((6, 5), |(e, o)| if o == chosen[e] { credits[e] } else { f64::NAN });
        let (score, pulled) = (draw.score(), draw.pull_back(&cost));
        for _ in 0..8 {
            let direction = Array2::from_shape_simple_fn(w.dim(), || rng.random_range(-1.0..1.0f64));
            for (gradient, credits) in [(&score, &[1.0; 6]), (&pulled, &credits)] {
                let exact = along(&controller, &w, &direction, &chosen, credits);
                let terms: f64 = gradient.iter().zip(&direction).map(|(g, d)| (g * d).abs()).sum();
                let got: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
                assert!(TestRatio::identity(got, exact.eps, terms, w.len()).passes(), "{got} {}", exact.eps);
                assert!(!TestRatio::identity(got * 1.001, exact.eps, terms, w.len()).passes());
            }
            let value = along(&controller, &w, &direction, &chosen, &[1.0; 6]).re;
            assert!(TestRatio::identity(draw.log_probability(), value, value.abs(), 6).passes());
        }
    }

    /// Every single weight of small controllers, so that no block is left out: one that chooses operations alone, one that also chooses edges and
    /// parents.
    #[test]
    fn every_weight_has_its_derivative() {
        let mut allowed = Array2::from_elem((5, 3), true);
        allowed[(1, 0)] = false;
        let edges = Decision::Edges { rows: vec![1, 2, 3], keep: 2 };
        let all = vec![Decision::Operation { row: 0 }, edges, Decision::Parents { row: 4, keep: 2 }];
        let cases = [
            (Choices::one_each(allowed.slice(ndarray::s![..3, ..]).to_owned()), vec![1, 2, 0]),
            (Choices::new(allowed, all).unwrap(), vec![1, 0, 2, 2, 0, 2, 1]),
        ];
        for (choices, chosen) in cases {
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
            let controller = Controller::new(3, choices).unwrap();
            let w = controller.initial(&mut rng) * 10.0;
            let score = controller.at(&w, &chosen).score();
            let scale = score.iter().map(|g| g * g).sum::<f64>().sqrt();
            let credits = vec![1.0; chosen.len()];
            for k in 0..w.len() {
                let mut unit = Array2::zeros(w.dim());
                unit[(0, k)] = 1.0;
                let exact = along(&controller, &w, &unit, &chosen, &credits).eps;
                assert!(
                    TestRatio::identity(score[(0, k)], exact, scale, 30).passes(),
                    "{k}: {} {exact}",
                    score[(0, k)]
                );
            }
        }
    }
}
