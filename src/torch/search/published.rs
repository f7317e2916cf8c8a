//! The published settings of a system, and which spaces it is for.

use crate::{
    search::{self, Layout, by_name, generator},
    space::{Decision, Settings as Size, Skeleton, Space, SpaceName},
    torch::run::{SearchSettings, TorchSystem, Training},
};

/// A system that is unknown or does not fit a space.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Misfit {
    /// No such system.
    #[error(transparent)]
    Unknown(#[from] search::Error),
    /// Partial channels elsewhere than in the skeleton of DARTS.
    #[error(
        "{system} searches with partial channels, which belong to the skeleton of DARTS; {space} has another: take one of the spaces darts, s1, …, s4, \
         minimal, simplified, modified, or the system darts-1st"
    )]
    Partial {
        /// The system.
        system: &'static str,
        /// The space.
        space: SpaceName,
    },
    /// Candidates that are no cells of the space.
    #[error(
        "{system} tries cells with one operation on every edge, and a cell of {space} keeps only some of its edges: take one of the spaces nb201, minimal, \
         simplified, modified, or a system that ranks operations, such as darts-1st, gdas or dsnas"
    )]
    Candidates {
        /// The system.
        system: &'static str,
        /// The space.
        space: SpaceName,
    },
    /// A schedule that a run does not have.
    #[error("{system} changes its learning rate in a way that a run does not know; only constant and cosine rates are")]
    Schedule {
        /// The system.
        system: &'static str,
    },
}

/// What a system was published with, for a space: the size of the network, how the weights are trained, how $\alpha$ is searched for.
///
/// # Errors
/// [`Misfit`]: an unknown system, or one that the space does not allow.
pub fn published(name: &str, space: SpaceName) -> Result<(Size, Training, SearchSettings), Misfit> {
    let system: TorchSystem<'_> = by_name(name)?;
    let (settings, name) = (system.settings(), system.name());
    let derivation = Space::published(space).derivation();
    if system.tries_candidates()
        && !derivation.decisions.iter().all(|decision| matches!(decision, Decision::Operation { .. }))
    {
        return Err(Misfit::Candidates { system: name, space });
    }
    let partial = system.partial_channels();
    if partial > 1 && !matches!(space.skeleton(), Skeleton::Darts { .. }) {
        return Err(Misfit::Partial { system: name, space });
    }
    let training = Training::of(&settings).ok_or(Misfit::Schedule { system: name })?;
    let search = SearchSettings {
        system: name.to_owned(),
        level: settings.level,
        warm_up: settings.warm_up,
        alpha: settings.alpha,
        early_stop: settings.early_stop,
        curvature: settings.curvature,
        record_batches: None,
    };
    Ok((Size { partial, ..Size::published(space) }, training, search))
}

/// Whether the $\alpha$-Hessian that these settings want, to record or to stop at, is defined for their system.
///
/// # Errors
/// [`Misfit`]: an unknown system, or one in which no loss depends on $\alpha$.
pub fn curvature_defined(settings: &SearchSettings, space: SpaceName) -> Result<(), Misfit> {
    let mut system: TorchSystem<'_> = by_name(&settings.system)?;
    let wanted = settings.early_stop.is_some() || settings.curvature > 0;
    // Some know what they are once they have started.
    let alpha = system.start(&Layout::of_space(&Space::published(space))?, &mut generator(0, 0))?;
    if wanted && system.landscape(&alpha, 0.0).is_none() {
        return Err(search::Error::NoCurvature(system.name()).into());
    }
    Ok(())
}
