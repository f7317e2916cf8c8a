//! RandomNAS: weights on random cells, then the best of some more of them.

use ndarray::Array2;
use rand_chacha::ChaCha8Rng;

use super::{Error, Layout, Number, Pair, Run, Settings, System, candidates, initial_logits};
use crate::{
    problem::Supernet,
    relaxation::{Draw, Relaxation, UniformPath, present},
    space::Choices,
};

/// RandomNAS. Its $\alpha$ never moves. In spaces that keep two edges a node it draws cells as the published code does (`liamcli/randomNAS_release`,
/// `darts_wrapper_discrete.py`), but never the operation none, which the space derives in no cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomNas {
    /// Architectures tried in the end; 100.
    pub candidates: usize,
    relaxation: Option<UniformPath>,
}

impl Default for RandomNas {
    fn default() -> Self {
        Self::new(100)
    }
}

impl RandomNas {
    /// Trying so many architectures in the end.
    pub fn new(candidates: usize) -> Self {
        Self { candidates, relaxation: None }
    }

    /// Before a start it knows no space: one operation on every edge.
    fn relaxation(&self, alpha: &Array2<f64>) -> UniformPath {
        self.relaxation.clone().unwrap_or_else(|| UniformPath::new(&Choices::one_each(present(alpha))))
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

    fn numbers(&mut self) -> Vec<Number<'_>> {
        vec![Number::count("candidates", &mut self.candidates, 10_000)]
    }

    fn start(&mut self, layout: &Layout, rng: &mut ChaCha8Rng) -> Result<Array2<f64>, Error> {
        self.relaxation = Some(UniformPath::new(&layout.choices));
        Ok(initial_logits(layout, rng))
    }

    fn recall(&mut self, layout: &Layout, _: &serde_json::Value) -> Result<(), Error> {
        self.relaxation = Some(UniformPath::new(&layout.choices));
        Ok(())
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        run.train(&self.relaxation(&run.alpha), pair.training)
    }

    /// How often each gate is open.
    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        self.relaxation(alpha).strengths(alpha)
    }

    fn mixes_by_softmax(&self) -> bool {
        false
    }

    fn tries_candidates(&self) -> bool {
        true
    }

    /// The best of 100 cells, each on one validation batch.
    fn architecture(&mut self, run: &mut Run<'_, P>, judges: &[&P::Batch]) -> Result<Array2<f64>, Error> {
        let relaxation = self.relaxation(&run.alpha);
        let draw = |_| relaxation.sample(&run.alpha, &mut run.rng).gates().clone();
        let tried: Vec<Array2<f64>> = (0..self.candidates.max(1)).map(draw).collect();
        candidates::best_of(run, tried, judges)
    }
}
