//! What a run was asked to do.

use super::SearchSettings;
use crate::{
    optimiser::{Schedule, SgdSettings},
    search,
    space::{self, SpaceName},
    torch::{Normalisation, Precision, data::Augmentation},
};

/// Which gates the weights are trained under.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateChoice {
    /// $1/|\mathcal O|$ at every operation of an edge, all of them run.
    Uniform,
    /// One operation an edge, drawn uniformly for each step; only it is run, with gate 1: the protocol of `wiring`, Sec. 5.1.
    Sampled,
    /// Those that a search sets; the checkpoints hold the last ones.
    Searched,
    /// Fixed gates from a file; the checkpoints hold a copy.
    File(String),
    /// Those of a genotype, in the notation of the space: the network has its operations alone ([`SpaceNet::child`](crate::torch::SpaceNet::child)).
    Genotype(String),
}

impl std::fmt::Display for GateChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Uniform => "uniform",
            Self::Sampled => "sampled",
            Self::Searched => "searched",
            Self::File(path) => path,
            Self::Genotype(genotype) => genotype,
        })
    }
}

/// How the weights are trained: stochastic gradient descent as DARTS sets it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Epochs; 0 leaves the initial weights.
    pub epochs: u64,
    /// Images a step; the last step of an epoch takes what is left.
    pub batch_size: usize,
    /// The learning rate of the first epoch.
    pub lr: f64,
    /// Whether it falls to `lr_min` along half a cosine, from epoch to epoch.
    pub cosine: bool,
    /// The learning rate that the cosine tends to.
    pub lr_min: f64,
    /// $\mu$.
    pub momentum: f64,
    /// Whether a step looks ahead along the velocity.
    #[serde(default)]
    pub nesterov: bool,
    /// $\lambda$.
    pub weight_decay: f64,
    /// The largest norm of a gradient, before weight decay is added; 0 for no limit.
    pub clip: f64,
    /// The gates.
    pub gates: GateChoice,
    /// What is done to training images.
    pub augmentation: Option<Augmentation>,
}

impl Default for Training {
    /// DARTS's search: 50 epochs, batches of 64, rate 0.025, momentum 0.9, weight decay 3e-4, clipping at 5; gates sampled.
    fn default() -> Self {
        Self {
            epochs: 50,
            batch_size: 64,
            lr: 0.025,
            cosine: false,
            lr_min: 0.001,
            momentum: 0.9,
            nesterov: false,
            weight_decay: 3e-4,
            clip: 5.0,
            gates: GateChoice::Sampled,
            augmentation: None,
        }
    }
}

impl Training {
    /// The learning rate of an epoch, counted from 0.
    pub fn rate(&self, epoch: u64) -> f64 {
        self.sgd().rate.at(epoch as f64 / self.epochs.max(1) as f64)
    }

    /// The optimiser.
    pub fn sgd(&self) -> SgdSettings {
        SgdSettings {
            rate: if self.cosine { Schedule::Cosine(self.lr, self.lr_min) } else { Schedule::Constant(self.lr) },
            momentum: self.momentum,
            nesterov: self.nesterov,
            decay: self.weight_decay,
            clip: (self.clip > 0.0).then_some(self.clip),
        }
    }

    /// As a search system sets it, or `None` for a schedule that a run does not have.
    pub fn of(published: &search::Settings) -> Option<Self> {
        let SgdSettings { rate, momentum, nesterov, decay, clip } = published.weights;
        let (lr, cosine, lr_min) = match rate {
            Schedule::Constant(lr) => (lr, false, lr),
            Schedule::Cosine(lr, lr_min) => (lr, true, lr_min),
            Schedule::Linear(..) | Schedule::Exponential(..) => return None,
        };
        Some(Self {
            epochs: published.epochs as u64,
            batch_size: published.batch,
            lr,
            cosine,
            lr_min,
            momentum,
            nesterov,
            weight_decay: decay,
            clip: clip.unwrap_or(0.0),
            gates: GateChoice::Searched,
            augmentation: None,
        })
    }

    /// What is out of range: the name of the setting, its value, and what it must be.
    pub fn fault(&self) -> Option<(&'static str, f64, &'static str)> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let share = |x: f64| (0.0..1.0).contains(&x);
        let natural = |x: f64| x >= 0.0 && x.is_finite();
        [
            ("batch-size", self.batch_size as f64, "at least 1", self.batch_size > 0),
            ("lr", self.lr, "positive", positive(self.lr)),
            (
                "lr-min",
                self.lr_min,
                "at least 0 and at most --lr",
                natural(self.lr_min) && (!self.cosine || self.lr_min <= self.lr),
            ),
            ("momentum", self.momentum, "at least 0 and below 1", share(self.momentum)),
            ("weight-decay", self.weight_decay, "at least 0", natural(self.weight_decay)),
            ("clip", self.clip, "at least 0 (0 for no limit)", natural(self.clip)),
        ]
        .into_iter()
        .find(|(.., fits)| !fits)
        .map(|(name, value, range, _)| (name, value, range))
    }
}

/// Everything that decides a run, as `run.json` holds it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The version of this crate that made it.
    pub nasproof: String,
    /// The space.
    pub space: SpaceName,
    /// Its size.
    pub size: space::Settings,
    /// The data set, as given.
    pub data: String,
    /// The share of it that is held out.
    pub held_out: f64,
    /// The share of it that is neither trained on nor held out, left for a judgement that nothing has looked at.
    #[serde(default)]
    pub reserved: f64,
    /// How the weights are trained.
    pub training: Training,
    /// The run that the weights of a derived network were inherited from; initial weights where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited: Option<String>,
    /// The seed of the parts of the data, where it is not [`Settings::seed`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
    /// How $\alpha$ is searched for, in a run that does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchSettings>,
    /// The seed of the initial weights, the split, the order, the augmentation and the gates.
    pub seed: u64,
    /// The device it was made on.
    pub device: String,
    /// The precision.
    pub dtype: Precision,
    /// Which statistics batch normalisation takes where nothing is trained.
    pub bn: Normalisation,
}

impl Settings {
    /// The seed of the parts of the data.
    pub fn split_seed(&self) -> u64 {
        self.split_seed.unwrap_or(self.seed)
    }

    /// What a search is run with; `None` where the run searches nothing.
    pub fn searching(&self) -> Option<search::Settings> {
        let search = self.search.as_ref()?;
        Some(search::Settings {
            epochs: self.training.epochs as usize,
            batch: self.training.batch_size,
            level: search.level,
            warm_up: search.warm_up,
            weights: self.training.sgd(),
            alpha: search.alpha,
            early_stop: search.early_stop,
            curvature: search.curvature,
            record_batches: search.record_batches.unwrap_or(usize::MAX),
        })
    }
}
