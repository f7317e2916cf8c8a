//! A run that searches: what it was asked to do besides training, and what it has reached.

use std::collections::BTreeMap;

use ndarray::Array2;

use crate::{
    optimiser::{AdamSettings, Moments},
    relaxation::resource::Prices,
    search::{self, EarlyStopSettings, Layout, Level, System, by_name, generator},
    space::Space,
    torch::{SpaceNet, TorchSupernet},
};

/// How $\alpha$ is searched for; what concerns the weights is in [`Training`](super::Training).
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchSettings {
    /// The name of the system.
    pub system: String,
    /// Which data $\alpha$ is learnt on.
    pub level: Level,
    /// Epochs before $\alpha$ moves.
    pub warm_up: usize,
    /// For $\alpha$.
    pub alpha: AdamSettings,
    /// When to stop early.
    pub early_stop: Option<EarlyStopSettings>,
    /// The largest eigenvalue of the $\alpha$-Hessian after every so many epochs; 0 for never.
    pub curvature: usize,
    /// The prices of a resource constraint, in systems that have a place for it.
    pub prices: Option<Prices>,
    /// The most mini-batches of each part that the record of an epoch is taken over; `None` for all.
    pub record_batches: Option<usize>,
    /// In systems that try candidates: after every so many epochs, 0 for the end alone, as in files that do not say it.
    #[serde(default)]
    pub genotype: usize,
    /// The system's own numbers ([`search::numbers`]), those that are not the published ones at least.
    #[serde(default)]
    pub numbers: BTreeMap<String, f64>,
}

impl SearchSettings {
    /// The system with its numbers, before its start.
    ///
    /// # Errors
    /// [`search::Error`]: an unknown system, or a number that it does not have or cannot take.
    pub fn system<'a>(&self) -> Result<TorchSystem<'a>, search::Error> {
        let mut system: TorchSystem<'a> = by_name(&self.system)?;
        self.numbers.iter().try_for_each(|(name, &value)| search::set(&mut *system, name, value))?;
        Ok(system)
    }

    /// What is out of range: the name of the setting, its value, and what it must be.
    pub fn fault(&self) -> Option<(&'static str, f64, &'static str)> {
        let AdamSettings { rate, betas: (first, second), epsilon, decay } = self.alpha;
        let share = |x: f64| (0.0..1.0).contains(&x);
        let natural = |x: f64| x >= 0.0 && x.is_finite();
        let beta = if share(first) { second } else { first };
        let prices = self.prices.unwrap_or_default();
        [
            ("price-parameters", prices.parameters, "at least 0", natural(prices.parameters)),
            ("price-flops", prices.flops, "at least 0", natural(prices.flops)),
            ("price-accesses", prices.memory_access, "at least 0", natural(prices.memory_access)),
            ("alpha-lr", rate, "positive", rate > 0.0 && rate.is_finite()),
            ("alpha-betas", beta, "at least 0 and below 1", share(first) && share(second)),
            ("alpha-weight-decay", decay, "at least 0", natural(decay)),
            ("alpha-epsilon", epsilon, "at least 0", natural(epsilon)),
        ]
        .into_iter()
        .find(|(.., fits)| !fits)
        .map(|(name, value, range, _)| (name, value, range))
    }
}

/// A system at work on a published supernet.
pub type TorchSystem<'a> = Box<dyn System<TorchSupernet<&'a SpaceNet>>>;

/// What a search has reached, besides the weights.
#[derive(Debug, Clone)]
pub struct Searched {
    /// $\alpha$, as the system keeps it.
    pub alpha: Array2<f64>,
    /// Those of its optimiser.
    pub moments: Moments,
    /// What the system itself remembers.
    pub memory: serde_json::Value,
}

impl Searched {
    /// Before the first epoch, with the gates of the supernet there.
    pub(super) fn start(
        space: &Space,
        settings: &SearchSettings,
        seed: u64,
    ) -> Result<(Self, Array2<f64>), search::Error> {
        let layout = Layout::of_space(space)?;
        let mut system = settings.system()?;
        let alpha = system.start(&layout, &mut generator(seed, 0))?;
        let gates = layout.sharing.expand(&system.gates(&alpha));
        let moments = Moments::zeros(alpha.dim());
        Ok((Self { alpha, moments, memory: system.memory() }, gates))
    }
}
