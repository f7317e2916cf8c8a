//! DrNAS: Dirichlet gates and an anchor.

use ndarray::Array2;

use super::{Error, Kind, Landscape, Number, Pair, Range, Run, Settings, System};
use crate::{
    problem::Supernet,
    relaxation::{Anchor, Dirichlet, Draw, Relaxation},
};

/// DrNAS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrNas {
    /// $d$ of the term $\lambda\,d(\beta,\hat\beta)$ of `lecture`, $\hat\beta=\mathbf1$.
    pub anchor: Anchor,
    /// $\lambda$. 1e-3 as published for the distance; for the divergence the publication has the same default and says that it may want another.
    pub scale: f64,
}

impl DrNas {
    /// With the published $\lambda$.
    pub fn new(anchor: Anchor) -> Self {
        Self { anchor, scale: 1e-3 }
    }
}

impl Default for DrNas {
    fn default() -> Self {
        Self::new(Anchor::Distance)
    }
}

impl<P: Supernet> System<P> for DrNas {
    fn name(&self) -> &'static str {
        match self.anchor {
            Anchor::Distance => "drnas",
            Anchor::Divergence => "drnas-kl",
        }
    }

    /// NAS-Bench-201 (`xiangning-chen/DrNAS`, `201-space/train_search.py`): 100 epochs, the rest as DARTS but without decay on $\alpha$, whose place the
    /// anchor takes.
    fn settings(&self) -> Settings {
        let mut settings = Settings { epochs: 100, ..Settings::darts() };
        settings.alpha.decay = 0.0;
        settings
    }

    fn numbers(&mut self) -> Vec<Number<'_>> {
        vec![Number::real("anchor-scale", &mut self.scale, Range::Natural)]
    }

    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        Some(Landscape::Gates { kind: Kind::DirichletMean, draws: vec![Box::new(Dirichlet::Beta.mean(alpha))] })
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        if run.alpha_moves() {
            let draw = Dirichlet::Beta.sample(&run.alpha, &mut run.rng);
            let cost = run.cost(&draw, pair.validation)?;
            let gradient = draw.pull_back(&cost) + self.anchor.gradient(&run.alpha) * self.scale;
            run.step_alpha(gradient)?;
        }
        run.train(&Dirichlet::Beta, pair.training)
    }

    /// The mean of the Dirichlet; its order is that of $\alpha$.
    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        Dirichlet::Beta.strengths(alpha)
    }

    fn mixes_by_softmax(&self) -> bool {
        false
    }
}
