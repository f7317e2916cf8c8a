//! First-order DARTS on the gated softmax regression: the gates that everything else is judged at.
//!
//! $Z = \mathrm{softmax}(\alpha)$ edge by edge. Mini-batches of the two halves alternate: $\alpha$ takes an Adam step on $\partial
//! L_{\text{val}}/\partial\alpha$ at the current weights (Eq. 1 of `influence` with $\theta^\ast(\alpha)$ replaced by $\theta$, what DARTS calls first
//! order), then $W$ takes an SGD step with momentum on $\partial L_{\text{train}}/\partial W$. Last, $\theta^\ast$ is found by Newton's method.

use ndarray::{Array1, Array2};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Examples, SoftmaxRegression};
use crate::{
    optimiser::{Adam, AdamSettings, Schedule, Sgd, SgdSettings},
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
        let sgd = SgdSettings {
            rate: Schedule::Constant(schedule.weight_rate),
            momentum: schedule.momentum,
            nesterov: false,
            decay: 0.0,
            clip: None,
        };
        let mut sgd = Sgd::new(sgd, &weights);
        let adam =
            AdamSettings { rate: schedule.gate_rate, betas: schedule.betas, epsilon: 1e-8, decay: schedule.gate_decay };
        let mut adam = Adam::new(adam, self.shape);
        let (mut training, mut validation) = (self.training.rows.clone(), self.validation.rows.clone());
        for _ in 0..schedule.epochs {
            training.shuffle(&mut rng);
            validation.shuffle(&mut rng);
            let size = schedule.batch.max(1);
            for (train, val) in training.chunks(size).zip(validation.chunks(size)) {
                let gates = softmax::gates(&logits);
                let batch = Examples { rows: val.to_vec(), regularised: false };
                adam.step(&mut logits, &softmax::pull(&gates, &self.cost(&weights, &gates, &batch)));

                let gates = softmax::gates(&logits);
                let batch = Examples { rows: train.to_vec(), regularised: true };
                let gradient = self.gradient(&weights, &gates, &batch);
                sgd.step(&mut weights, &gradient, schedule.weight_rate);
            }
        }
        let gates = softmax::gates(&logits);
        let weights = self.solve(&gates, &weights)?;
        Ok(Trained { logits, gates, weights })
    }
}
