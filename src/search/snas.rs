//! SNAS: the concrete relaxation, on one level, the temperature annealed.

use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{Error, Kind, Landscape, Level, Number, Pair, Range, Run, Settings, System, hardened};
use crate::{
    optimiser::Schedule,
    problem::Supernet,
    relaxation::{Concrete, Relaxation, Smooth, resource::Constraint, softmax},
};

/// Draws of the noise behind the curvature in the record.
const DRAWS: usize = 4;

/// SNAS.
#[derive(Debug, Clone, PartialEq)]
pub struct Snas {
    /// $\lambda$ over the search. `snas` says "steadily annealed to be close to zero" and no more: 1 → 0.03, exponentially.
    pub temperature: Schedule,
    /// $\eta\,C$ of Eq. 9, its expectation taken exactly; rows of $\alpha\times O$.
    pub constraint: Option<Constraint>,
}

impl Default for Snas {
    fn default() -> Self {
        Self { temperature: Schedule::Exponential(1.0, 0.03), constraint: None }
    }
}

/// The settings of `snas`, Section 3.1 and Appendix G.1: 150 epochs on one level, SGD 0.025 → 0, the rest as DARTS.
pub(super) fn settings() -> Settings {
    let mut settings = Settings { epochs: 150, level: Level::Single, ..Settings::darts() };
    settings.weights.rate = Schedule::Cosine(0.025, 0.0);
    settings
}

impl<P: Supernet> System<P> for Snas {
    fn name(&self) -> &'static str {
        "snas"
    }

    fn settings(&self) -> Settings {
        settings()
    }

    fn numbers(&mut self) -> Vec<Number<'_>> {
        Number::ends(["temperature-start", "temperature-end"], &mut self.temperature, Range::Positive)
    }

    /// The mean over four draws at the present temperature, the same noise whenever it is asked for.
    fn landscape(&self, alpha: &Array2<f64>, progress: f64) -> Option<Landscape> {
        let concrete = Concrete::new(self.temperature.at(progress)).ok()?;
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let draw = |_| Box::new(concrete.sample(alpha, &mut rng)) as Box<dyn Smooth>;
        let kind = Kind::Concrete { temperature: concrete.temperature(), draws: DRAWS };
        Some(Landscape::Gates { kind, draws: (0..DRAWS).map(draw).collect() })
    }

    fn constrain(&mut self, constraint: Constraint) -> bool {
        self.constraint = Some(constraint);
        true
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        let concrete = Concrete::new(self.temperature.at(run.progress()))?;
        run.round(&concrete, self.constraint.as_ref(), pair)
    }

    fn gates(&self, alpha: &Array2<f64>) -> Array2<f64> {
        hardened(&softmax::gates(alpha))
    }
}
