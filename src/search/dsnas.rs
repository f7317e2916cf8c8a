//! DSNAS: one operation an edge, the score function, on one level.

use ndarray::Array2;

use super::{Error, Landscape, Pair, Run, Settings, System, hardened, snas};
use crate::{
    problem::Supernet,
    relaxation::{OneHot, resource::Constraint, softmax},
};

/// DSNAS. Settings are those of SNAS, as `wiring` runs both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dsnas {
    /// The resource constraint of SNAS; rows of $\alpha\times O$.
    pub constraint: Option<Constraint>,
}

impl<P: Supernet> System<P> for Dsnas {
    fn name(&self) -> &'static str {
        "dsnas"
    }

    fn settings(&self) -> Settings {
        snas::settings()
    }

    /// The loss expected of the paths it samples.
    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        Some(Landscape::independent(softmax::gates(alpha)))
    }

    fn constrain(&mut self, constraint: Constraint) -> bool {
        self.constraint = Some(constraint);
        true
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        run.round(&OneHot, self.constraint.as_ref(), pair)
    }

    fn gates(&self, alpha: &Array2<f64>) -> Array2<f64> {
        hardened(&softmax::gates(alpha))
    }
}
