//! Why a search stopped before its end.

use crate::{nearest::suggestion, relaxation};

/// A search that could not go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The relaxation refused its parameters.
    #[error(transparent)]
    Relaxation(#[from] relaxation::Error),
    /// A loss, gradient or cost is not finite.
    #[error(
        "the {what} is not finite in epoch {}, step {}: the weights diverged (lower their rate or clip their gradient), or a batch holds NaN",
        epoch + 1,
        step + 1
    )]
    NotFinite {
        /// What it is.
        what: &'static str,
        /// The epoch, from 0.
        epoch: usize,
        /// The step within it, from 0.
        step: usize,
    },
    /// No such system.
    #[error("there is no search system `{given}`; {}the systems are {}", suggestion(.given, .known.iter()), .known.join(", "))]
    UnknownSystem {
        /// What was asked for.
        given: String,
        /// All names.
        known: &'static [&'static str],
    },
    /// A memory that is none of the system's.
    #[error("what {system} is to remember is damaged ({what}): it is as the search left it, or not at all")]
    Memory {
        /// The system.
        system: &'static str,
        /// What is wrong.
        what: String,
    },
    /// A number that the system does not have, or that it cannot take.
    #[error("{name} of {system}: {what}")]
    Number {
        /// The system.
        system: &'static str,
        /// The name given.
        name: String,
        /// What is wrong, and what to give.
        what: String,
    },
    /// A stop on the curvature of what does not depend on $\alpha$.
    #[error(
        "in {0} no loss depends on α, or it does not say how, so there is no Hessian in α whose eigenvalue could be recorded \
         or stopped at: leave --early-stop and --eigenvalue out, or take a system such as darts-1st"
    )]
    NoCurvature(&'static str),
    /// A split without batches.
    #[error("the {0} split has no batch: give it at least one")]
    NoBatches(&'static str),
    /// The layout does not fit the supernet.
    #[error("the layout has {given} rows of gates, the supernet has {expected}: make it from the supernet's own gates")]
    Layout {
        /// Rows of the layout.
        given: usize,
        /// Rows of the gates.
        expected: usize,
    },
    /// The supernet lacks what the system asks for.
    #[error("{system} needs {what}, which this supernet does not provide; {advice}")]
    Missing {
        /// The system.
        system: &'static str,
        /// What it needs.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
}
