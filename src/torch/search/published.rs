//! The published settings of a system, and which spaces it is for.

use crate::{
    search::{self, Layout, by_name, generator},
    space::{Settings as Size, Skeleton, Space, SpaceName},
    torch::run::{SearchSettings, TorchSystem, Training},
};

/// A system that is unknown, or does not go together with what is asked of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Misfit {
    /// No such system.
    #[error(transparent)]
    Unknown(#[from] search::Error),
    /// Prices for a system that minimises the loss alone.
    #[error("{system} has no resource constraint; leave the prices out, or take snas or dsnas")]
    Constraint {
        /// The system.
        system: &'static str,
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
/// [`Misfit`]: an unknown system, or one whose published settings no run can have.
pub fn published(name: &str, space: SpaceName) -> Result<(Size, Training, SearchSettings), Misfit> {
    let mut system: TorchSystem<'_> = by_name(name)?;
    let (settings, name) = (on(space, system.settings(), system.name()), system.name());
    let partial = system.partial_channels();
    let training = Training::of(&settings).ok_or(Misfit::Schedule { system: name })?;
    let search = SearchSettings {
        system: name.to_owned(),
        level: settings.level,
        warm_up: settings.warm_up,
        alpha: settings.alpha,
        early_stop: settings.early_stop,
        // By itself it is recorded where there is one; asked for where there is none, it is refused.
        curvature: if has_curvature(&mut system, space)? { settings.curvature } else { 0 },
        prices: None,
        record_batches: None,
        genotype: 1,
        numbers: search::numbers(&mut *system),
    };
    Ok((Size { partial, ..Size::published(space) }, training, search))
}

/// Whether the $\alpha$-Hessian that these settings want, to record or to stop at, is defined for their system.
///
/// # Errors
/// [`Misfit`]: an unknown system, or one in which no loss depends on $\alpha$.
pub fn curvature_defined(settings: &SearchSettings, space: SpaceName) -> Result<(), Misfit> {
    let mut system = settings.system()?;
    let wanted = settings.early_stop.is_some() || settings.curvature > 0;
    if wanted && !has_curvature(&mut system, space)? {
        return Err(search::Error::NoCurvature(system.name()).into());
    }
    Ok(())
}

/// Whether the system has a place for the resource constraint that these settings want, if any.
///
/// # Errors
/// [`Misfit`]: an unknown system, or one without it.
pub fn constraint_taken(settings: &SearchSettings, space: &Space) -> Result<(), Misfit> {
    let mut system = settings.system()?;
    let Some(prices) = settings.prices else { return Ok(()) };
    let constraint = Layout::of_space(space)?.constraint(space, prices)?;
    if system.constrain(constraint) { Ok(()) } else { Err(Misfit::Constraint { system: system.name() }) }
}

/// Whether a loss depends on $\alpha$, as far as the system says.
fn has_curvature(system: &mut TorchSystem<'_>, space: SpaceName) -> Result<bool, Misfit> {
    // Some know what they are once they have started.
    let alpha = system.start(&Layout::of_space(&Space::published(space))?, &mut generator(0, 0))?;
    Ok(system.landscape(&alpha, 0.0).is_some())
}

/// What the publications of the spaces have otherwise: DARTS in NAS-Bench-201 (AutoDL-Projects) trains the weights with Nesterov momentum and decay 5e-4, and batches
/// in NAS-Bench-1Shot1 are of 96 images, whatever the system.
fn on(space: SpaceName, settings: search::Settings, system: &str) -> search::Settings {
    match space.skeleton() {
        Skeleton::Nb201 if ["darts-1st", "darts-2nd", "darts-2nd-exact"].contains(&system) => {
            search::Settings { weights: search::Settings::nas_bench_201().weights, ..settings }
        }
        Skeleton::OneShot => search::Settings { batch: 96, ..settings },
        _ => settings,
    }
}
