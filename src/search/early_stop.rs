//! RobustDARTS: stop before the curvature in $\alpha$ runs away.
//!
//! Eigenvalues, with the decay of $\alpha$ added ([`stopped`]), come one an epoch. From the third on there is a local average, over the last `window` of them or all while there are fewer, which belongs
//! to the epoch $\lfloor\text{window}/2\rfloor$ earlier, where its window is centred. When the average has grown by more than `factor` over the one `lag` epochs
//! before, and that one belongs to epoch `start` or later, the search stops, and the architecture of that earlier epoch is kept.

use serde::{Deserialize, Serialize};

use super::{Epoch, Settings};

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

impl EarlyStopSettings {
    /// The epoch to return to, counted from 0, when these eigenvalues, one an epoch and the last one's just in, stop the search.
    pub fn kept(&self, eigenvalues: &[f64]) -> Option<usize> {
        let Self { window, lag, factor, start } = *self;
        // The local average whose window ends with epoch number `end`, counted from 1.
        let average = |end: usize| {
            let recent = &eigenvalues[end.saturating_sub(window.max(1))..end];
            recent.iter().sum::<f64>() / recent.len() as f64
        };
        let epochs = eigenvalues.len();
        let kept = epochs.checked_sub(1 + window / 2 + lag)?;
        let (current, previous) = (average(epochs), average(epochs - lag));
        (kept >= start && current / previous > factor).then_some(kept)
    }
}

/// Why a search ended before its last epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The epoch at whose end it stopped, counted from 1.
    pub at: usize,
    /// The epoch whose architecture is kept, counted from 1.
    pub kept: usize,
}

/// Whether the curvature stops a search that has come through these epochs, by a rule that looks at all of them. RobustDARTS's Hessian has the decay of $\alpha$ on
/// its diagonal, which counts when eigenvalues are compared by their ratio.
pub fn stopped<'a>(settings: &Settings, epochs: impl IntoIterator<Item = &'a Epoch>) -> Option<Stopped> {
    let decay = settings.alpha.decay;
    let eigenvalues: Vec<f64> = epochs.into_iter().filter_map(Epoch::eigenvalue).map(|lambda| lambda + decay).collect();
    let kept = settings.early_stop?.kept(&eigenvalues)?;
    Some(Stopped { at: eigenvalues.len(), kept: kept + 1 })
}
