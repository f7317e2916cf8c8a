//! First-order DARTS on the gated softmax regression: the gates that everything else is judged at.
//!
//! $Z = \mathrm{softmax}(\alpha)$ edge by edge. Mini-batches of the two halves alternate: $\alpha$ takes an Adam step on $\partial
//! L_{\text{val}}/\partial\alpha$ at the current weights (Eq. 1 of `influence` with $\theta^\ast(\alpha)$ replaced by $\theta$, what DARTS calls first
//! order), then $W$ takes an SGD step with momentum on $\partial L_{\text{train}}/\partial W$. Last, $\theta^\ast$ is found by Newton's method.

use ndarray::{Array1, Array2, Zip};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Examples, SoftmaxRegression};
use crate::{
    problem::{Bilevel, SolveError, Supernet},
    relaxation::softmax,
};

/// The schedule; [`Default`] has DARTS's own settings, but a larger step on $\alpha$ since the gates of so small a model move slowly.
#[derive(Debug, Clone, PartialEq)]
pub struct DartsTraining {
    /// Passes over the training half.
    pub epochs: usize,
    /// Examples a mini-batch.
    pub batch: usize,
    /// The SGD step on $W$.
    pub weight_rate: f64,
    /// The momentum of that SGD.
    pub momentum: f64,
    /// The Adam step on $\alpha$.
    pub gate_rate: f64,
    /// Adam's $\beta_1, \beta_2$.
    pub betas: (f64, f64),
    /// The weight decay on $\alpha$, added to its gradient.
    pub gate_decay: f64,
    /// What the initial $\alpha$ and the order of the examples are drawn from.
    pub seed: u64,
}

impl Default for DartsTraining {
    fn default() -> Self {
        Self {
            epochs: 50,
            batch: 64,
            weight_rate: 0.1,
            momentum: 0.9,
            gate_rate: 1e-2,
            betas: (0.5, 0.999),
            gate_decay: 1e-3,
            seed: 0,
        }
    }
}

/// A trained supernet.
#[derive(Debug, Clone)]
pub struct Trained {
    /// $\alpha$, $E\times O$.
    pub logits: Array2<f64>,
    /// $Z=\mathrm{softmax}(\alpha)$.
    pub gates: Array2<f64>,
    /// $\theta^\ast(Z)$, to rounding.
    pub weights: Array1<f64>,
}

impl SoftmaxRegression {
    /// Trains $\alpha$ and $W$ by first-order DARTS, then $W$ to its optimum.
    ///
    /// # Errors
    /// [`SolveError`] when the last solve fails, as it does when the rates made the weights overflow.
    pub fn train(&self, schedule: &DartsTraining) -> Result<Trained, SolveError> {
        let mut rng = ChaCha8Rng::seed_from_u64(schedule.seed);
        let mut logits = Array2::from_shape_simple_fn(self.shape, || {
            1e-3 * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut rng)
        });
        let mut weights = Array1::<f64>::zeros(self.weight_count());
        let mut velocity = weights.clone();
        let mut adam = Adam { first: Array2::zeros(self.shape), second: Array2::zeros(self.shape), steps: 0 };
        let (mut training, mut validation) = (self.training.rows.clone(), self.validation.rows.clone());
        for _ in 0..schedule.epochs {
            training.shuffle(&mut rng);
            validation.shuffle(&mut rng);
            let size = schedule.batch.max(1);
            for (train, val) in training.chunks(size).zip(validation.chunks(size)) {
                let gates = softmax::gates(&logits);
                let batch = Examples { rows: val.to_vec(), regularised: false };
                let mut gradient = softmax::pull(&gates, &self.cost(&weights, &gates, &batch));
                gradient.scaled_add(schedule.gate_decay, &logits);
                adam.step(&mut logits, &gradient, schedule);

                let gates = softmax::gates(&logits);
                let batch = Examples { rows: train.to_vec(), regularised: true };
                velocity = schedule.momentum * velocity + self.gradient(&weights, &gates, &batch);
                weights.scaled_add(-schedule.weight_rate, &velocity);
            }
        }
        let gates = softmax::gates(&logits);
        let weights = self.solve(&gates, &weights)?;
        Ok(Trained { logits, gates, weights })
    }
}

struct Adam {
    first: Array2<f64>,
    second: Array2<f64>,
    steps: i32,
}

impl Adam {
    fn step(&mut self, x: &mut Array2<f64>, gradient: &Array2<f64>, schedule: &DartsTraining) {
        let (b1, b2) = schedule.betas;
        self.steps += 1;
        let (c1, c2) = (1.0 - b1.powi(self.steps), 1.0 - b2.powi(self.steps));
        Zip::from(x).and(&mut self.first).and(&mut self.second).and(gradient).for_each(|x, m, v, &g| {
            *m = b1 * *m + (1.0 - b1) * g;
            *v = b2 * *v + (1.0 - b2) * g * g;
            *x -= schedule.gate_rate * (*m / c1) / ((*v / c2).sqrt() + 1e-8);
        });
    }
}
