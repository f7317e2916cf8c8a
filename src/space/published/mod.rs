//! The published spaces: which operations on which edges, in which cell, at which size.

mod darts;
mod nb201;
mod one_shot;
mod robust;
mod wiring;

use super::{Cell, Image, Settings, Skeleton, SpaceName};
use crate::cost::normalisation::Grouping;

impl SpaceName {
    /// The cell.
    pub(super) fn cell(self) -> Cell {
        match self {
            Self::Darts => darts::cell(),
            Self::Nb201 => nb201::cell(),
            Self::OneShot1 => one_shot::cell(&one_shot::SPACE_1),
            Self::OneShot2 => one_shot::cell(&one_shot::SPACE_2),
            Self::OneShot3 => one_shot::cell(&one_shot::SPACE_3),
            Self::S1 => robust::s1(),
            Self::S2 => robust::s2(),
            Self::S3 => robust::s3(),
            Self::S4 => robust::s4(),
            Self::Minimal => wiring::minimal(),
            Self::Simplified => wiring::simplified(),
            Self::Modified => wiring::modified(),
        }
    }

    /// What the cells are put into.
    pub fn skeleton(self) -> Skeleton {
        match self {
            Self::Darts | Self::S1 | Self::S2 | Self::S3 | Self::S4 => Skeleton::Darts { reductions: true },
            Self::Minimal | Self::Simplified | Self::Modified => Skeleton::Darts { reductions: false },
            Self::Nb201 => Skeleton::Nb201,
            Self::OneShot1 | Self::OneShot2 | Self::OneShot3 => Skeleton::OneShot,
        }
    }
}

impl Settings {
    /// The published size: CIFAR-10 images, 16 channels.
    pub fn published(name: SpaceName) -> Self {
        let cells = match name.skeleton() {
            Skeleton::Darts { reductions: true } => 8,
            Skeleton::Darts { reductions: false } => 1,
            Skeleton::Nb201 => 5,
            Skeleton::OneShot => 9,
        };
        Self {
            channels: 16,
            cells,
            classes: 10,
            image: Image { channels: 3, height: 32, width: 32 },
            grouping: Grouping::Batch,
            epsilon: 1e-5,
            affine: false,
            stem_multiplier: if matches!(name.skeleton(), Skeleton::Darts { .. }) { 3 } else { 1 },
            stem_affine: true,
            classifier_bias: name.skeleton() != Skeleton::Darts { reductions: false },
            convolution_bias: false,
            partial: 1,
        }
    }
}
