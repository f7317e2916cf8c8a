//! RobustDARTS: stop before the curvature in $\alpha$ runs away.
//!
//! Eigenvalues come one an epoch. From the third on there is a local average, over the last `window` of them or all while there are fewer, which belongs
//! to the epoch $\lfloor\text{window}/2\rfloor$ earlier, where its window is centred. When the average has grown by more than `factor` over the one `lag` epochs
//! before, and that one belongs to epoch `start` or later, the search stops, and the architecture of that earlier epoch is kept.

use serde::{Deserialize, Serialize};

/// The rule's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopSettings {
    /// Eigenvalues averaged; 5.
    pub window: usize,
    /// Averages compared across this many epochs; 4.
    pub lag: usize,
    /// Growth that stops the search; 1.3.
    pub factor: f64,
    /// The first epoch that may be kept; 10.
    pub start: usize,
}

impl Default for EarlyStopSettings {
    fn default() -> Self {
        Self { window: 5, lag: 4, factor: 1.3, start: 10 }
    }
}

/// The rule at work.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlyStop {
    settings: EarlyStopSettings,
    eigenvalues: Vec<f64>,
    averages: Vec<f64>,
}

impl EarlyStop {
    /// Before the first epoch.
    pub fn new(settings: EarlyStopSettings) -> Self {
        Self { settings, eigenvalues: Vec::new(), averages: Vec::new() }
    }

    /// Takes the eigenvalue of the next epoch; the epoch to return to when the search should stop, counted from 0.
    pub fn update(&mut self, eigenvalue: f64) -> Option<usize> {
        let EarlyStopSettings { window, lag, factor, start } = self.settings;
        let epoch = self.eigenvalues.len();
        self.eigenvalues.push(eigenvalue);
        if self.eigenvalues.len() < window.div_ceil(2) {
            return None;
        }
        let recent = &self.eigenvalues[self.eigenvalues.len().saturating_sub(window.max(1))..];
        self.averages.push(recent.iter().sum::<f64>() / recent.len() as f64);
        let kept = epoch.checked_sub(window / 2 + lag)?;
        let current = self.averages.last()?;
        let previous = self.averages.get(self.averages.len().checked_sub(1 + lag)?)?;
        (kept >= start && current / previous > factor).then_some(kept)
    }
}
