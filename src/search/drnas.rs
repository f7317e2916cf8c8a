//! DrNAS: Dirichlet gates and an anchor.

use ndarray::{Array2, Zip};

use super::{Error, Pair, Run, Settings, System};
use crate::{
    problem::Supernet,
    relaxation::{Dirichlet, Draw, Relaxation, concentrations},
};

/// DrNAS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrNas {
    /// $\lambda$ of the anchor $\frac\lambda2\lVert\beta-\mathbf1\rVert^2$, the $\lambda\,d(\beta,\hat\beta)$ of `lecture` with $\hat\beta=\mathbf1$. 1e-3 as published.
    pub anchor: f64,
}

impl Default for DrNas {
    fn default() -> Self {
        Self { anchor: 1e-3 }
    }
}

impl DrNas {
    /// $\lambda(\beta-1)\,d\beta/d\alpha$; $\beta'(\alpha)$ is 1 above 0 and $\beta$ below.
    fn anchor_gradient(&self, alpha: &Array2<f64>) -> Array2<f64> {
        let mut out = concentrations(alpha);
        Zip::from(&mut out).and(alpha).for_each(|b, &a| {
            *b = if a == f64::NEG_INFINITY { 0.0 } else { self.anchor * (*b - 1.0) * if a > 0.0 { 1.0 } else { *b } };
        });
        out
    }
}

impl<P: Supernet> System<P> for DrNas {
    fn name(&self) -> &'static str {
        "drnas"
    }

    /// NAS-Bench-201 (`xiangning-chen/DrNAS`, `201-space/train_search.py`): 100 epochs, the rest as DARTS but without decay on $\alpha$, whose place the
    /// anchor takes. Its code writes the anchor as a decay of $\alpha$ by the same $10^{-3}$: the same where $\alpha>0$, since $\beta-1=\alpha$ there.
    fn settings(&self) -> Settings {
        let mut settings = Settings { epochs: 100, ..Settings::darts() };
        settings.alpha.decay = 0.0;
        settings
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        if run.alpha_moves() {
            let draw = Dirichlet::Beta.sample(&run.alpha, &mut run.rng);
            let cost = run.cost(&draw, pair.validation)?;
            let gradient = draw.pull_back(&cost) + self.anchor_gradient(&run.alpha);
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
