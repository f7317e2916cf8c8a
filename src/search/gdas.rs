//! GDAS: one operation an edge forward, the concrete gradient backward.

use ndarray::Array2;

use super::{Error, Landscape, Number, Pair, Range, Run, Settings, System, hardened};
use crate::{
    optimiser::Schedule,
    problem::{ConstantCost, Supernet},
    relaxation::{Draw, HardSoft, Relaxation, Unsampled, softmax},
};

/// GDAS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gdas {
    /// $\tau$ over the search; 10 → 0.1 linearly as published.
    pub temperature: Schedule,
    /// What is taken for the cost of what was not sampled.
    pub unsampled: Unsampled,
}

impl Gdas {
    /// With the published temperatures.
    pub fn new(unsampled: Unsampled) -> Self {
        Self { temperature: Schedule::Linear(10.0, 0.1), unsampled }
    }
}

/// The cost with $\langle\partial L/\partial y_e,\mathbf1\rangle$ in the place of the operations that were not evaluated, rows of $\alpha\times O$.
fn with_constant<P: Supernet, D: Draw>(run: &mut Run<'_, P>, draw: &D, batch: &P::Batch) -> Result<Array2<f64>, Error> {
    let ConstantCost { cost: sampled, constant, .. } = run.cost_and_constant(draw, batch)?.ok_or(Error::Missing {
        system: "gdas-code",
        what: "the cost of an operation that returns 1 (Supernet::constant_cost)",
        advice: "implement it, or use gdas, which takes 0 as the paper does",
    })?;
    let sharing = &run.layout.sharing;
    let mut cost = sharing.expand(&run.layout.present).mapv(|there| f64::from(u8::from(there)));
    for (mut row, constant) in cost.rows_mut().into_iter().zip(constant) {
        row *= constant;
    }
    cost.zip_mut_with(&sharing.expand(draw.active()), |c, &on| *c = if on { 0.0 } else { *c });
    Ok(sampled + sharing.collect(&cost))
}

impl<P: Supernet> System<P> for Gdas {
    fn name(&self) -> &'static str {
        match self.unsampled {
            Unsampled::Zero => "gdas",
            Unsampled::Constant => "gdas-code",
        }
    }

    fn settings(&self) -> Settings {
        Settings::nas_bench_201()
    }

    fn numbers(&mut self) -> Vec<Number<'_>> {
        Number::ends(["temperature-start", "temperature-end"], &mut self.temperature, Range::Positive)
    }

    /// The loss expected of the paths it samples.
    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        Some(Landscape::independent(softmax::gates(alpha)))
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        let relaxation = HardSoft::new(self.temperature.at(run.progress()), self.unsampled)?;
        if run.alpha_moves() {
            let draw = relaxation.sample(&run.alpha, &mut run.rng);
            let cost = match self.unsampled {
                Unsampled::Zero => run.cost(&draw, pair.validation)?,
                Unsampled::Constant => with_constant(run, &draw, pair.validation)?,
            };
            run.step_alpha(draw.pull_back(&cost))?;
        }
        run.train(&relaxation, pair.training)
    }

    fn gates(&self, alpha: &Array2<f64>) -> Array2<f64> {
        hardened(&softmax::gates(alpha))
    }
}
