//! DARTS: the mixture of all operations, on two levels, first or second order.

use ndarray::Array2;

use super::{Error, Landscape, Pair, Run, Settings, System, unrolled};
use crate::{problem::Supernet, relaxation::Softmax};

/// How the product with $\nabla^2_{\alpha w}L_{\text{tr}}$ is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrossProduct {
    /// By central differences, as published.
    FiniteDifference,
    /// Exactly.
    Exact,
    /// Both, stepping along the exact one and recording how far the other is from it.
    Compared,
}

impl CrossProduct {
    pub(super) fn by_difference(self) -> bool {
        self != Self::Exact
    }

    pub(super) fn exactly(self) -> bool {
        self != Self::FiniteDifference
    }
}

/// DARTS; see [`unrolled`] for its second order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Darts {
    /// `None` for the first order.
    pub second: Option<CrossProduct>,
}

impl<P: Supernet> System<P> for Darts {
    fn name(&self) -> &'static str {
        match self.second {
            None => "darts-1st",
            Some(CrossProduct::FiniteDifference) => "darts-2nd",
            Some(CrossProduct::Exact | CrossProduct::Compared) => "darts-2nd-exact",
        }
    }

    fn settings(&self) -> Settings {
        Settings::darts()
    }

    fn landscape(&self, alpha: &Array2<f64>, _: f64) -> Option<Landscape> {
        Some(Landscape::mixture(alpha))
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        let Some(product) = self.second else {
            return run.round(&Softmax, None, pair);
        };
        if run.alpha_moves() {
            let unrolled = unrolled(run, pair, product);
            let largest = |now: f64| run.discrepancy.map_or(now, |before| before.max(now));
            run.discrepancy = unrolled.discrepancy().map(largest);
            run.step_alpha(unrolled.gradient())?;
        }
        run.train(&Softmax, pair.training)
    }
}
