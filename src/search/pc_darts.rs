//! PC-DARTS: edge normalisation; the partial channels are the supernet's.

use ndarray::{Array1, Array2};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Error, Kind, Landscape, Layout, Pair, Run, Settings, System, initial_logits};
use crate::{
    optimiser::Schedule,
    problem::Supernet,
    relaxation::{EdgeNormalised, Relaxation},
};

/// PC-DARTS. Its $\alpha$ has the logits of the edges in the last column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PcDarts {
    relaxation: Option<EdgeNormalised>,
}

impl PcDarts {
    fn relaxation(&self, rows: usize) -> EdgeNormalised {
        // Before a start it knows no nodes: one for all edges.
        self.relaxation.clone().unwrap_or_else(|| EdgeNormalised::new(vec![0; rows]))
    }
}

impl<P: Supernet> System<P> for PcDarts {
    fn name(&self) -> &'static str {
        "pc-darts"
    }

    /// As published (`yuhuixu1993/PC-DARTS`, `train_search.py`): batch 256, SGD 0.1 → 0.001, Adam 6e-4, $\alpha$ from epoch 15, the rest as DARTS.
    fn settings(&self) -> Settings {
        let mut settings = Settings { batch: 256, warm_up: 15, ..Settings::darts() };
        settings.weights.rate = Schedule::Cosine(0.1, 0.001);
        settings.alpha.rate = 6e-4;
        settings
    }

    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        let draw = self.relaxation(alpha.nrows()).at(alpha);
        Some(Landscape::Gates { kind: Kind::EdgeNormalisedMixture, draws: vec![Box::new(draw)] })
    }

    fn start(&mut self, layout: &Layout, rng: &mut ChaCha8Rng) -> Result<Array2<f64>, Error> {
        let relaxation = self.relaxation.insert(EdgeNormalised::new(layout.nodes.clone()));
        let alpha = initial_logits(layout, rng);
        let beta = Array1::from_shape_simple_fn(alpha.nrows(), || {
            1e-3 * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, rng)
        });
        Ok(relaxation.parameters(&alpha, &beta)?)
    }

    fn recall(&mut self, layout: &Layout, _: &serde_json::Value) -> Result<(), Error> {
        self.relaxation = Some(EdgeNormalised::new(layout.nodes.clone()));
        Ok(())
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        let relaxation = self.relaxation(run.alpha.nrows());
        run.round(&relaxation, None, pair)
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        self.relaxation(alpha.nrows()).strengths(alpha)
    }

    /// $\mathrm{softmax}(\alpha)$, without $\beta$.
    fn operation_strengths(&self, alpha: &Array2<f64>) -> Option<Array2<f64>> {
        Some(self.relaxation(alpha.nrows()).at(alpha).operations)
    }

    /// 4, as published.
    fn partial_channels(&self) -> usize {
        4
    }

    fn mixes_by_softmax(&self) -> bool {
        false
    }
}
