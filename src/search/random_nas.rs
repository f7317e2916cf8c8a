//! RandomNAS: weights on uniform paths, then the best of some random paths.

use ndarray::Array2;

use super::{Error, Pair, Run, Settings, System, candidates};
use crate::{
    problem::Supernet,
    relaxation::{Relaxation, UniformPath},
};

/// RandomNAS. Its $\alpha$ never moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomNas {
    /// Architectures tried in the end; 100.
    pub candidates: usize,
}

impl Default for RandomNas {
    fn default() -> Self {
        Self { candidates: 100 }
    }
}

impl<P: Supernet> System<P> for RandomNas {
    fn name(&self) -> &'static str {
        "random-nas"
    }

    /// Those of NAS-Bench-201, without a curvature: there is none.
    fn settings(&self) -> Settings {
        Settings { curvature: 0, ..Settings::nas_bench_201() }
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        run.train(&UniformPath, pair.training)
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        UniformPath.strengths(alpha)
    }

    fn mixes_by_softmax(&self) -> bool {
        false
    }

    fn tries_candidates(&self) -> bool {
        true
    }

    /// The best of 100 uniform paths, each on one validation batch.
    fn architecture(&mut self, run: &mut Run<'_, P>, judges: &[&P::Batch]) -> Result<Vec<usize>, Error> {
        let tried: Vec<Vec<usize>> =
            (0..self.candidates.max(1)).map(|_| UniformPath.sample(&run.alpha, &mut run.rng).chosen).collect();
        candidates::best_of(run, tried, judges)
    }
}
