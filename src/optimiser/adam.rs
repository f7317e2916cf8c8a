//! Adam.

use ndarray::{Array2, Zip};
use serde::{Deserialize, Serialize};

/// What Adam is run with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AdamSettings {
    /// The step.
    pub rate: f64,
    /// $\beta_1,\beta_2$.
    pub betas: (f64, f64),
    /// $\epsilon$.
    pub epsilon: f64,
    /// Weight decay, added to the gradient.
    pub decay: f64,
}

/// What Adam remembers of its steps, in the shape of the parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// $m$.
    pub first: Array2<f64>,
    /// $v$.
    pub second: Array2<f64>,
    /// Steps taken.
    pub steps: i32,
}

impl Moments {
    /// Before the first step.
    pub fn zeros(shape: (usize, usize)) -> Self {
        Self { first: Array2::zeros(shape), second: Array2::zeros(shape), steps: 0 }
    }
}

/// Its state, for parameters of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Adam {
    settings: AdamSettings,
    moments: Moments,
}

impl Adam {
    /// Before the first step.
    pub fn new(settings: AdamSettings, shape: (usize, usize)) -> Self {
        Self::resumed(settings, Moments::zeros(shape))
    }

    /// Going on with what was remembered before.
    pub fn resumed(settings: AdamSettings, moments: Moments) -> Self {
        Self { settings, moments }
    }

    /// What it remembers, to go on with later.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// With $g$ the gradient plus decay, $m\leftarrow\beta_1m+(1-\beta_1)g$, $v\leftarrow\beta_2v+(1-\beta_2)g^2$ and
    /// $x\leftarrow x-\text{rate}\,\frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)}+\epsilon}$. Entries that are not finite, the logits of operations that an edge does not have, stay.
    ///
    /// # Panics
    /// When the shapes differ.
    pub fn step(&mut self, x: &mut Array2<f64>, gradient: &Array2<f64>) {
        let AdamSettings { rate, betas: (b1, b2), epsilon, decay } = self.settings;
        let Moments { first, second, steps } = &mut self.moments;
        *steps = steps.saturating_add(1);
        let (c1, c2) = (1.0 - b1.powi(*steps), 1.0 - b2.powi(*steps));
        Zip::from(x).and(first).and(second).and(gradient).for_each(|x, m, v, &g| {
            if x.is_finite() {
                let g = g + decay * *x;
                *m = b1 * *m + (1.0 - b1) * g;
                *v = b2 * *v + (1.0 - b2) * g * g;
                *x -= rate * (*m / c1) / ((*v / c2).sqrt() + epsilon);
            }
        });
    }
}
