//! SETN: weights on random cells, $\alpha$ on the mixture.

use ndarray::Array2;

use super::{Error, Landscape, Number, Pair, Run, Settings, System, candidates};
use crate::{
    problem::Supernet,
    relaxation::{Draw, Softmax, UniformPath, log_probabilities},
};

/// SETN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setn {
    /// Architectures tried in the end, those of the largest $\sum\log p$ over the operations and parents that they open; 100.
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

    fn numbers(&mut self) -> Vec<Number<'_>> {
        vec![Number::count("candidates", &mut self.candidates, 10_000)]
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
        run.train(&UniformPath::new(&run.layout.choices), pair.training)
    }

    fn tries_candidates(&self) -> bool {
        true
    }

    /// The best of the 100 most likely cells, each on one validation batch.
    fn architecture(&mut self, run: &mut Run<'_, P>, judges: &[&P::Batch]) -> Result<Array2<f64>, Error> {
        let scores = log_probabilities(&run.alpha);
        let tried = candidates::likeliest(&run.layout.choices, &scores, self.candidates.max(1));
        candidates::best_of(run, tried, judges)
    }
}
