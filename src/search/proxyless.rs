//! ProxylessNAS: binary gates on two levels, weights trained on a single path.

use ndarray::Array2;

use super::{Error, Landscape, Number, Pair, Run, Settings, System, hardened};
use crate::{
    optimiser::{AdamSettings, Schedule, SgdSettings},
    problem::Supernet,
    relaxation::{BinaryGate, Draw, OneHot, Paths, Relaxation, softmax},
};

/// ProxylessNAS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxylessNas {
    /// How many paths an $\alpha$-step evaluates.
    pub paths: Paths,
    /// Training steps to an $\alpha$-step; 5 as published.
    pub every: usize,
}

impl Default for ProxylessNas {
    fn default() -> Self {
        Self { paths: Paths::Two, every: 5 }
    }
}

impl<P: Supernet> System<P> for ProxylessNas {
    fn name(&self) -> &'static str {
        match self.paths {
            Paths::Two => "proxylessnas",
            Paths::Full => "proxylessnas-full",
        }
    }

    /// The published search script (`mit-han-lab/proxylessnas`, `search/imagenet_arch_search.py`): batch 256; weights for 40 epochs first, then 120 of both;
    /// SGD 0.025 → 0, Nesterov 0.9, decay 4e-5; Adam 1e-3, betas (0, 0.999), without decay, a step of it every 5. Its default evaluates all paths
    /// (`full_v2`), which is `proxylessnas-full` here, and smooths labels by 0.1, which nothing here does.
    fn settings(&self) -> Settings {
        Settings {
            epochs: 160,
            batch: 256,
            warm_up: 40,
            weights: SgdSettings {
                rate: Schedule::Cosine(0.025, 0.0),
                momentum: 0.9,
                nesterov: true,
                decay: 4e-5,
                clip: None,
            },
            alpha: AdamSettings { rate: 1e-3, betas: (0.0, 0.999), epsilon: 1e-8, decay: 0.0 },
            ..Settings::darts()
        }
    }

    fn numbers(&mut self) -> Vec<Number<'_>> {
        vec![Number::count("every", &mut self.every, 1_000_000)]
    }

    /// The loss expected of the paths it samples.
    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        Some(Landscape::independent(softmax::gates(alpha)))
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        if run.alpha_moves() && run.step.is_multiple_of(self.every.max(1)) {
            let draw = BinaryGate { paths: self.paths }.sample(&run.alpha, &mut run.rng);
            let cost = run.cost(&draw, pair.validation)?;
            let before = run.alpha.clone();
            run.step_alpha(draw.pull_back(&cost))?;
            draw.preserve_mass(&before, &mut run.alpha);
        }
        run.train(&OneHot, pair.training)
    }

    fn gates(&self, alpha: &Array2<f64>) -> Array2<f64> {
        hardened(&softmax::gates(alpha))
    }
}
