//! The systems by name. Adding one is a file with an `impl System`, and a line here.

use super::{
    CrossProduct, Darts, DrNas, Dsnas, Enas, Error, Gdas, PcDarts, ProxylessNas, RandomNas, Sdarts, Setn, Snas, System,
    Threat,
};
use crate::{
    problem::Supernet,
    relaxation::{Anchor, Paths, Unsampled},
};

macro_rules! registry {
    ($($name:literal => $system:expr),* $(,)?) => {
        /// Every system's name.
        pub const NAMES: &[&str] = &[$($name),*];

        /// The system of that name, as published.
        ///
        /// # Errors
        /// [`Error::UnknownSystem`].
        pub fn by_name<P: Supernet>(name: &str) -> Result<Box<dyn System<P>>, Error> {
            match name {
                $($name => Ok(Box::new($system)),)*
                _ => Err(unknown(name)),
            }
        }
    };
}

registry! {
    "darts-1st" => Darts { second: None },
    "darts-2nd" => Darts { second: Some(CrossProduct::FiniteDifference) },
    "darts-2nd-exact" => Darts { second: Some(CrossProduct::Compared) },
    "snas" => Snas::default(),
    "dsnas" => Dsnas::default(),
    "proxylessnas" => ProxylessNas::default(),
    "proxylessnas-full" => ProxylessNas { paths: Paths::Full, ..ProxylessNas::default() },
    "pc-darts" => PcDarts::default(),
    "gdas" => Gdas::new(Unsampled::Zero),
    "gdas-code" => Gdas::new(Unsampled::Constant),
    "drnas" => DrNas::new(Anchor::Distance),
    "drnas-kl" => DrNas::new(Anchor::Divergence),
    "sdarts-rs" => Sdarts::new(Threat::Random),
    "sdarts-adv" => Sdarts::new(Threat::Adversarial),
    "enas" => Enas::default(),
    "random-nas" => RandomNas::default(),
    "setn" => Setn::default(),
}

/// The name, if it is a system's.
///
/// # Errors
/// [`Error::UnknownSystem`].
pub fn known(name: &str) -> Result<&'static str, Error> {
    NAMES.iter().copied().find(|known| *known == name).ok_or_else(|| unknown(name))
}

fn unknown(given: &str) -> Error {
    Error::UnknownSystem { given: given.to_owned(), known: NAMES }
}
