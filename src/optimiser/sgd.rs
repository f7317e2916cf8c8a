//! Stochastic gradient descent with momentum.

use serde::Serialize;

use super::Schedule;
use crate::linalg::Vector;

/// What SGD is run with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SgdSettings {
    /// The step over the search.
    pub rate: Schedule,
    /// $\mu$.
    pub momentum: f64,
    /// Whether the step looks ahead along the velocity.
    pub nesterov: bool,
    /// Weight decay, added to the gradient after clipping.
    pub decay: f64,
    /// The largest Euclidean norm of a gradient; longer ones are shortened to it.
    pub clip: Option<f64>,
}

/// Its state.
#[derive(Debug, Clone)]
pub struct Sgd<V> {
    settings: SgdSettings,
    velocity: V,
}

impl<V: Vector> Sgd<V> {
    /// At rest, for weights like `like`.
    pub fn new(settings: SgdSettings, like: &V) -> Self {
        Self { settings, velocity: like.zeros_like() }
    }

    /// Going on with a velocity that was reached before.
    pub fn resumed(settings: SgdSettings, velocity: V) -> Self {
        Self { settings, velocity }
    }

    /// $v$, to go on with later.
    pub fn into_velocity(self) -> V {
        self.velocity
    }

    /// What it is run with.
    pub fn settings(&self) -> &SgdSettings {
        &self.settings
    }

    /// $v$.
    pub fn velocity(&self) -> &V {
        &self.velocity
    }

    /// With $g$ the clipped gradient plus decay: $v\leftarrow\mu v+g$, then $w\leftarrow w-\text{rate}\,v$, or $w-\text{rate}\,(g+\mu v)$ after Nesterov.
    pub fn step(&mut self, weights: &mut V, gradient: &V, rate: f64) {
        let SgdSettings { momentum, nesterov, decay, .. } = self.settings;
        let scale = self.shrink(gradient);
        self.velocity.scale(momentum);
        self.velocity.axpy(scale, gradient);
        if decay != 0.0 {
            self.velocity.axpy(decay, weights);
        }
        if nesterov {
            weights.scale(1.0 - rate * decay);
            weights.axpy(-rate * scale, gradient);
            weights.axpy(-rate * momentum, &self.velocity);
        } else {
            weights.axpy(-rate, &self.velocity);
        }
    }

    /// What clipping multiplies a gradient by. PyTorch divides by the norm plus $10^{-6}$; here the norm becomes the bound itself.
    fn shrink(&self, gradient: &V) -> f64 {
        match self.settings.clip {
            Some(bound) => {
                let norm = gradient.norm();
                if norm > bound { bound / norm } else { 1.0 }
            }
            None => 1.0,
        }
    }
}
