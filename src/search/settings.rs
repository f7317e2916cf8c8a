//! Hyperparameters.

use serde::{Deserialize, Serialize};

use super::EarlyStopSettings;
use crate::optimiser::{AdamSettings, Schedule, SgdSettings};

/// Which data $\alpha$ is learnt on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The training batches that also move the weights: in the same pass in the systems that step by [`Run::round`](super::Run::round), in one of its own in the others.
    Single,
    /// Validation batches.
    Bilevel,
}

/// A search's hyperparameters; each system has its published ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// Passes over the training split.
    pub epochs: usize,
    /// Examples a batch in the publication. Whoever makes the batches decides.
    pub batch: usize,
    /// Which data $\alpha$ is learnt on.
    pub level: Level,
    /// Epochs before $\alpha$ moves.
    pub warm_up: usize,
    /// For the weights.
    pub weights: SgdSettings,
    /// For $\alpha$.
    pub alpha: AdamSettings,
    /// When to stop early; `None` never.
    pub early_stop: Option<EarlyStopSettings>,
    /// The record has the largest eigenvalue of the $\alpha$-Hessian after every so many epochs, 0 for never: some tens of second-order passes over one
    /// validation batch. An early stop asks for it after every epoch.
    pub curvature: usize,
    /// The most batches of each split that the record is taken over.
    pub record_batches: usize,
}

impl Settings {
    /// Those of first-order DARTS (`cnn/train_search.py`): 50 epochs of batches of 64; SGD 0.025 → 0.001 by cosine, momentum 0.9, decay 3e-4, clip 5;
    /// Adam 3e-4, betas (0.5, 0.999), decay 1e-3.
    pub fn darts() -> Self {
        Self {
            epochs: 50,
            batch: 64,
            level: Level::Bilevel,
            warm_up: 0,
            weights: SgdSettings {
                rate: Schedule::Cosine(0.025, 0.001),
                momentum: 0.9,
                nesterov: false,
                decay: 3e-4,
                clip: Some(5.0),
            },
            alpha: AdamSettings { rate: 3e-4, betas: (0.5, 0.999), epsilon: 1e-8, decay: 1e-3 },
            early_stop: None,
            curvature: 1,
            record_batches: usize::MAX,
        }
    }

    /// Those of the sampling systems on NAS-Bench-201 (AutoDL-Projects): 250 epochs, Nesterov, decay 5e-4.
    pub fn nas_bench_201() -> Self {
        let darts = Self::darts();
        Self { epochs: 250, weights: SgdSettings { nesterov: true, decay: 5e-4, ..darts.weights }, ..darts }
    }
}
