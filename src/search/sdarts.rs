//! SDARTS: DARTS whose weights are trained at perturbed gates.

use ndarray::Array2;

use super::{Error, Landscape, Number, Pair, Range, Run, Settings, System};
use crate::{
    optimiser::Schedule,
    problem::Supernet,
    relaxation::{Adversarial, Draw, Perturbed, PerturbedDraw, Relaxation, Softmax},
};

/// Where a perturbation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threat {
    /// Uniform: SDARTS-RS.
    Random,
    /// Sign steps up the training loss: SDARTS-ADV.
    Adversarial,
}

/// SDARTS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sdarts {
    /// Where perturbations come from.
    pub threat: Threat,
    /// $\epsilon$ over the search; 0.03 → 0.3 linearly as published.
    pub radius: Schedule,
}

impl Sdarts {
    /// With the published radii.
    pub fn new(threat: Threat) -> Self {
        Self { threat, radius: Schedule::Linear(0.03, 0.3) }
    }

    fn perturbed<P: Supernet>(&self, run: &mut Run<'_, P>, batch: &P::Batch) -> Result<PerturbedDraw, Error> {
        let radius = self.radius.at(run.progress());
        match self.threat {
            Threat::Random => Ok(Perturbed::new(radius)?.sample(&run.alpha, &mut run.rng)),
            Threat::Adversarial => {
                // The attack draws its start while it looks at the losses of the run.
                let mut rng = run.rng.clone();
                let (loss, cost) = (|gates: &_| run.loss_at(gates, batch), |gates: &_| run.cost_at(gates, batch));
                let draw = Adversarial::new(radius)?.attack(&run.alpha, &mut rng, loss, cost)?;
                run.rng = rng;
                Ok(draw)
            }
        }
    }
}

impl<P: Supernet> System<P> for Sdarts {
    fn name(&self) -> &'static str {
        match self.threat {
            Threat::Random => "sdarts-rs",
            Threat::Adversarial => "sdarts-adv",
        }
    }

    fn settings(&self) -> Settings {
        Settings::darts()
    }

    fn numbers(&mut self) -> Vec<Number<'_>> {
        Number::ends(["radius-start", "radius-end"], &mut self.radius, Range::Share)
    }

    /// As DARTS: $\alpha$ moves along the unperturbed loss.
    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        Some(Landscape::mixture(alpha))
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        if run.alpha_moves() {
            let draw = Softmax.at(&run.alpha);
            let cost = run.cost(&draw, pair.validation)?;
            run.step_alpha(draw.pull_back(&cost))?;
        }
        let draw = self.perturbed(run, pair.training)?;
        let at = run.evaluate(&draw, pair.training)?;
        run.step_weights(&at.gradient)
    }
}
