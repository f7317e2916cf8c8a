//! The criteria by their names.

use crate::{criterion::Estimator, ihvp::Stop, spectrum::Step, torch::Precision};

/// How operations are ranked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Criterion {
    /// What the system mixes by.
    Magnitude,
    /// The loss on held-out images without an operation, weights as they are.
    Perturbation,
    /// DARTS-PT, with tuning between edges; with $\alpha$ moving, or not.
    DartsPt {
        /// Whether $\alpha$ stays.
        fixed: bool,
    },
    /// DARTS-IF with an inverse.
    Influence(Estimator),
    /// Influential magnitude with an inverse.
    InfluentialMagnitude(Estimator),
}

/// The names of the estimators.
pub const ESTIMATORS: [&str; 6] = ["exact", "cg", "neumann", "sherman-morrison", "woodbury", "identity"];

/// An estimator by name, as the criteria run it: tolerances as `nasproof estimate` has them, 20 terms of Neumann with $\gamma=1/U$, a gradient for each `group` of
/// examples of a mini-batch for the Fisher estimators (1 for each by itself, `usize::MAX` for all together), $\gamma=1$ for the identity, which ranks the same for any.
pub fn estimator(name: &str, damping: f64, group: usize, precision: Precision) -> Option<Estimator> {
    let tolerance = Estimator::tolerance(match precision {
        Precision::F32 => f64::from(f32::EPSILON),
        Precision::F64 => f64::EPSILON,
    });
    Some(match name {
        "exact" => Estimator::Exact { damping },
        "cg" => Estimator::ConjugateGradient { damping, stop: Stop::tolerance(tolerance) },
        "neumann" => Estimator::Neumann { damping, terms: 20, step: Step::Auto },
        "sherman-morrison" => Estimator::ShermanMorrison { damping, group },
        "woodbury" => Estimator::Woodbury { damping, group },
        "identity" => Estimator::Identity { step: 1.0 },
        _ => return None,
    })
}

impl std::fmt::Display for Criterion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Magnitude => f.write_str("magnitude"),
            Self::Perturbation => f.write_str("perturbation"),
            Self::DartsPt { fixed: false } => f.write_str("darts-pt"),
            Self::DartsPt { fixed: true } => f.write_str("darts-pt-fixed"),
            Self::Influence(estimator) => write!(f, "darts-if-{}", estimator.name()),
            Self::InfluentialMagnitude(estimator) => write!(f, "darts-im-{}", estimator.name()),
        }
    }
}
