//! SETN: weights on uniform paths, $\alpha$ on the mixture.

use ndarray::Array2;

use super::{Error, Landscape, Pair, Run, Settings, System, candidates};
use crate::{
    problem::Supernet,
    relaxation::{Draw, Softmax, UniformPath, log_probabilities},
};

/// SETN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setn {
    /// Architectures tried in the end, those of the largest $\sum\log p$; 100.
    pub candidates: usize,
}

impl Default for Setn {
    fn default() -> Self {
        Self { candidates: 100 }
    }
}

impl<P: Supernet> System<P> for Setn {
    fn name(&self) -> &'static str {
        "setn"
    }

    fn settings(&self) -> Settings {
        Settings::nas_bench_201()
    }

    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        Some(Landscape::mixture(alpha))
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        if run.alpha_moves() {
            let draw = Softmax.at(&run.alpha);
            let cost = run.cost(&draw, pair.validation)?;
            run.step_alpha(draw.pull_back(&cost))?;
        }
        run.train(&UniformPath, pair.training)
    }

    fn tries_candidates(&self) -> bool {
        true
    }

    /// The best of the 100 most likely paths, each on one validation batch.
    fn architecture(&mut self, run: &mut Run<'_, P>, judges: &[&P::Batch]) -> Result<Vec<usize>, Error> {
        let tried = candidates::top_paths(&log_probabilities(&run.alpha), self.candidates.max(1));
        candidates::best_of(run, tried, judges)
    }
}
