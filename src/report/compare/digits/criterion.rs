//! What is computed for an operation, and by what it is judged.

use std::fmt;

use serde::Serialize;

/// A measure of the importance of an operation, as its paper prints it.
///
/// None needs turning for larger to mean "keep": a predicted loss change is that of removing the operation, and the one whose removal costs
/// most is kept; magnitude and influential magnitude are selected by argmax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// $Z_{eo}$, what DARTS goes by.
    Magnitude,
    /// $-C_{eo}Z_{eo}$: first order in $\Delta Z$.
    FirstOrder,
    /// DARTS-PT: the change of the loss, weights as they are.
    Perturbation,
    /// DARTS-IF, Eq. 5 of `influence`.
    Influence,
    /// The quadratic model at the estimated step.
    SecondOrderInfluence,
    /// The loss at the estimated weights.
    MovedWeights,
    /// The expansion at the trained gates, to second order in $\Delta Z$: one Hessian for all operations.
    Expansion,
    /// Eq. 7 of `influence` as printed: of that expansion, only $-\frac12\Delta Z^\top MH^{-1}M^\top\Delta Z$.
    Equation7,
    /// Influential magnitude on the gates.
    InfluentialMagnitudeGates,
    /// Influential magnitude on the logits: a null direction.
    InfluentialMagnitudeLogits,
}

impl Criterion {
    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Magnitude => "magnitude",
            Self::FirstOrder => "first-order",
            Self::Perturbation => "perturbation",
            Self::Influence => "influence",
            Self::SecondOrderInfluence => "second-order-influence",
            Self::MovedWeights => "moved-weights",
            Self::Expansion => "expansion",
            Self::Equation7 => "equation-7",
            Self::InfluentialMagnitudeGates => "influential-magnitude-gates",
            Self::InfluentialMagnitudeLogits => "influential-magnitude-logits",
        }
    }

    /// The name in tables.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Magnitude => "magnitude",
            Self::FirstOrder => "first order",
            Self::Perturbation => "perturbation (DARTS-PT)",
            Self::Influence => "DARTS-IF",
            Self::SecondOrderInfluence => "second-order DARTS-IF",
            Self::MovedWeights => "loss at moved weights",
            Self::Expansion => "second order, one Hessian",
            Self::Equation7 => "Eq. 7 as printed",
            Self::InfluentialMagnitudeGates => "influential magnitude, gates",
            Self::InfluentialMagnitudeLogits => "influential magnitude, logits",
        }
    }

    /// Whether it predicts the change of a loss, so that it has an error, or only ranks.
    pub const fn predicts(self) -> bool {
        !matches!(self, Self::Magnitude | Self::InfluentialMagnitudeGates | Self::InfluentialMagnitudeLogits)
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The loss that a prediction is about and is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judge {
    /// The regularised training loss.
    Training,
    /// The bare validation loss.
    Validation,
}

impl Judge {
    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Validation => "validation",
        }
    }
}
