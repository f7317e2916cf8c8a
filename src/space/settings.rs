//! The size of a network, and what may differ from the published one.

use super::{Skeleton, SpaceName};
use crate::cost::normalisation::Grouping;

/// The images a network is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Image {
    /// Channels, 3 for colour.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels.
    pub width: usize,
}

/// The size of a network of cells. [`Settings::published`] says what was published.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// $C$, the channels of the first cells.
    pub channels: usize,
    /// The number of cells; for NAS-Bench-201 that of each of its three stages.
    pub cells: usize,
    /// Classes.
    pub classes: usize,
    /// The images.
    pub image: Image,
    /// Which elements every normalisation standardises together: those of batch normalisation in all published spaces. The others have no
    /// running statistics.
    #[serde(default = "batch")]
    pub grouping: Grouping,
    /// The $\epsilon$ of every batch normalisation, 0 allowed.
    pub epsilon: f64,
    /// Whether batch normalisation in the cells has affine parameters (where it always has them, it has them anyway).
    pub affine: bool,
    /// The stem has this many times $C$ channels; 1 but in the skeleton of DARTS.
    pub stem_multiplier: usize,
    /// Whether batch normalisation in the stem has affine parameters.
    pub stem_affine: bool,
    /// Whether the classifier has a bias.
    pub classifier_bias: bool,
    /// Whether the convolutions of NAS-Bench-201's operations have a bias, as in later versions of its code. Batch normalisation cancels it: it
    /// is a flat direction of the loss.
    pub convolution_bias: bool,
    /// $K$ of partial channels (PC-DARTS, published with 4): only the first $1/K$ of the channels pass the operations of an edge (in NAS-Bench-1Shot1 of a
    /// node), the others bypass them. 1 means all.
    pub partial: usize,
}

/// What files written before there was a choice mean.
fn batch() -> Grouping {
    Grouping::Batch
}

/// Settings that make no network.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// Something that must be at least 1, or 2.
    #[error("{what} = {given} is too small: give at least {least}")]
    TooSmall {
        /// What.
        what: &'static str,
        /// The number given.
        given: usize,
        /// The least number that makes sense.
        least: usize,
    },
    /// $\epsilon<0$, NaN or infinite.
    #[error("ε = {0:e} must be finite and at least 0; 1e-5 is customary")]
    Epsilon(f64),
    /// $K$ does not divide $C$.
    #[error(
        "{channels} channels do not split into K = {partial} equal parts; give a number of channels that K divides, such as {suggestion}"
    )]
    PartialChannels {
        /// $C$.
        channels: usize,
        /// $K$.
        partial: usize,
        /// The next larger number of channels.
        suggestion: usize,
    },
    /// Channels that do not fall into equal groups.
    #[error(
        "group normalisation with {groups} groups takes a number of channels that {groups} divides; operations have {channels} channels"
    )]
    Groups {
        /// The number of groups.
        groups: usize,
        /// The channels of an operation.
        channels: usize,
    },
    /// An image that cannot be halved as often as the network does.
    #[error(
        "the network halves its images {halvings} times, which takes a height and a width that {factor} divides; {height}×{width} was given: \
         pad or crop the images, for example to {better_height}×{better_width}"
    )]
    ImageSize {
        /// How often.
        halvings: u32,
        /// What must divide the sides.
        factor: usize,
        /// The height given.
        height: usize,
        /// The width given.
        width: usize,
        /// The next larger height.
        better_height: usize,
        /// The next larger width.
        better_width: usize,
    },
    /// A setting that the skeleton does not know.
    #[error("{what} has no meaning for the space {name}: {remedy}")]
    Meaningless {
        /// Which setting.
        what: &'static str,
        /// The space.
        name: SpaceName,
        /// What to give.
        remedy: &'static str,
    },
}

impl Settings {
    pub(super) fn check(&self, name: SpaceName, halvings: u32) -> Result<(), SettingsError> {
        let Image { channels, height, width } = self.image;
        let least = [
            ("the number of channels", self.channels, 1),
            ("the number of cells", self.cells, 1),
            ("the number of classes", self.classes, 2),
            ("the number of channels of an image", channels, 1),
            ("the height of an image", height, 1),
            ("the width of an image", width, 1),
            ("the multiplier of the stem", self.stem_multiplier, 1),
            ("K of partial channels", self.partial, 1),
        ];
        if let Some((what, given, least)) = least.into_iter().find(|(_, given, least)| given < least) {
            return Err(SettingsError::TooSmall { what, given, least });
        }
        if !(self.epsilon >= 0.0 && self.epsilon.is_finite()) {
            return Err(SettingsError::Epsilon(self.epsilon));
        }
        let darts = matches!(name.skeleton(), Skeleton::Darts { .. });
        if !self.channels.is_multiple_of(self.partial) {
            let suggestion = self.channels.next_multiple_of(self.partial);
            return Err(SettingsError::PartialChannels { channels: self.channels, partial: self.partial, suggestion });
        }
        let channels = self.channels / self.partial;
        if let Grouping::Group(groups) = self.grouping
            && (groups == 0 || !channels.is_multiple_of(groups))
        {
            return Err(SettingsError::Groups { groups, channels });
        }
        if self.stem_multiplier != 1 && !darts {
            return Err(SettingsError::Meaningless { what: "the multiplier of the stem", name, remedy: "give 1" });
        }
        if self.convolution_bias && name.skeleton() != Skeleton::Nb201 {
            let (what, remedy) = ("a bias in convolutions", "only nb201 was published with one; leave it out");
            return Err(SettingsError::Meaningless { what, name, remedy });
        }
        // NAS-Bench-1Shot1 pads before it halves, so any size will do.
        let factor = 1usize << halvings;
        if name.skeleton() != Skeleton::OneShot && !(height.is_multiple_of(factor) && width.is_multiple_of(factor)) {
            return Err(SettingsError::ImageSize {
                halvings,
                factor,
                height,
                width,
                better_height: height.next_multiple_of(factor),
                better_width: width.next_multiple_of(factor),
            });
        }
        Ok(())
    }
}
