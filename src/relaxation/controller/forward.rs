//! The forward pass, over any [`Real`].

use std::ops::Range;

use super::Controller;
use crate::linalg::Real;

/// $l=2.5\tanh(\cdot/5)$: the bound on the logits.
pub(super) const BOUND: f64 = 2.5;
/// The temperature inside.
pub(super) const TEMPERATURE: f64 = 5.0;

/// Where the weights lie.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub first: Range<usize>,
    pub from_input: Range<usize>,
    pub from_state: Range<usize>,
    pub bias: Range<usize>,
    pub embeddings: Range<usize>,
    pub head: Range<usize>,
    pub head_bias: Range<usize>,
    pub end: usize,
}

/// What one decision leaves for the pass back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step<T> {
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
    /// 0 for what the edge does not have.
    pub probabilities: Vec<T>,
    pub chosen: usize,
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
        let (n, operations) = (self.units, self.present.ncols());
        let mut end = 0;
        let mut next = |length: usize| {
            end += length;
            end - length..end
        };
        let (first, from_input, from_state, bias) = (next(n), next(4 * n * n), next(4 * n * n), next(4 * n));
        let (embeddings, head, head_bias) = (next(operations * n), next(operations * n), next(operations));
        Layout { first, from_input, from_state, bias, embeddings, head, head_bias, end }
    }

    /// All decisions; `choose` sees the values of the probabilities.
    pub(super) fn forward<T: Real>(&self, w: &[T], mut choose: impl FnMut(usize, &[f64]) -> usize) -> Vec<Step<T>> {
        let n = self.units;
        let at = self.layout();
        let mut input = at.first.clone();
        let (mut h, mut c) = (vec![T::zero(); n], vec![T::zero(); n]);
        let mut steps = Vec::with_capacity(self.present.nrows());
        for (edge, present) in self.present.rows().into_iter().enumerate() {
            let x = &w[input.clone()];
            let activations: Vec<T> = product(&w[at.from_input.clone()], x)
                .zip(product(&w[at.from_state.clone()], &h))
                .zip(&w[at.bias.clone()])
                .enumerate()
                .map(|(k, ((x, h), &b))| if k / n == 2 { tanh(x + h + b) } else { sigmoid(x + h + b) })
                .collect();
            let c_next: Vec<T> =
                (0..n).map(|k| activations[n + k] * c[k] + activations[k] * activations[2 * n + k]).collect();
            let squashed_c: Vec<T> = c_next.iter().map(|&c| tanh(c)).collect();
            let h_next: Vec<T> = (0..n).map(|k| activations[3 * n + k] * squashed_c[k]).collect();
            let squashed: Vec<T> = product(&w[at.head.clone()], &h_next)
                .zip(&w[at.head_bias.clone()])
                .map(|(l, &q)| tanh((l + q) * (1.0 / TEMPERATURE)))
                .collect();
            let exponentials: Vec<T> =
                squashed.iter().zip(present).map(|(&l, &on)| if on { (l * BOUND).exp() } else { T::zero() }).collect();
            let sum = exponentials.iter().fold(T::zero(), |sum, &e| sum + e);
            let probabilities: Vec<T> = exponentials.into_iter().map(|e| e / sum).collect();
            let values: Vec<f64> = probabilities.iter().map(|p| p.value()).collect();
            let chosen = choose(edge, &values);
            steps.push(Step {
                input,
                state: (h, c),
                activations,
                after: (squashed_c, h_next.clone()),
                squashed,
                probabilities,
                chosen,
            });
            input = at.embeddings.start + chosen * n..at.embeddings.start + (chosen + 1) * n;
            (h, c) = (h_next, c_next);
        }
        steps
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
        let steps = controller.forward(&w, |edge, _| chosen[edge]);
        steps.iter().zip(credits).map(|(s, &credit)| s.probabilities[s.chosen].ln() * credit).sum()
    }

    #[test]
    fn the_gradient_is_that_of_dual_numbers_at_the_published_size() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let controller = Controller::new(32, Array2::from_elem((6, 5), true)).unwrap();
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

    /// Every single weight of a small controller, so that no block is left out.
    #[test]
    fn every_weight_has_its_derivative() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
        let mut present = Array2::from_elem((3, 3), true);
        present[(1, 0)] = false;
        let controller = Controller::new(3, present).unwrap();
        let w = controller.initial(&mut rng) * 10.0;
        let chosen = [1, 2, 0];
        let score = controller.at(&w, &chosen).score();
        let scale = score.iter().map(|g| g * g).sum::<f64>().sqrt();
        for k in 0..w.len() {
            let mut unit = Array2::zeros(w.dim());
            unit[(0, k)] = 1.0;
            let exact = along(&controller, &w, &unit, &chosen, &[1.0; 3]).eps;
            assert!(TestRatio::identity(score[(0, k)], exact, scale, 30).passes(), "{k}: {} {exact}", score[(0, k)]);
        }
    }
}
