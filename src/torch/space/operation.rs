//! Operations on tensors.

use tch::{TchError, Tensor};

use super::{assembly::Assembly, factorised::Factorised, layers::Sequence, noise::noise, pass::Pass, state::State};
use crate::{space::Body, torch::Error};

/// An operation with its weights.
pub(super) enum Op {
    Zero,
    Identity,
    Noise,
    Layers(Sequence),
    Factorised(Factorised),
}

impl Op {
    /// `layers` is where the published code keeps what is a plain sequence.
    pub(super) fn new(assembly: &mut Assembly<'_>, path: &str, layers: &str, body: &Body) -> Result<Self, Error> {
        Ok(match body {
            Body::Zero => Self::Zero,
            Body::Identity => Self::Identity,
            Body::Noise => Self::Noise,
            Body::Layers(list) => Self::Layers(assembly.layers(layers, list)?),
            Body::Factorised(both) => Self::Factorised(Factorised::new(assembly, path, both)?),
        })
    }

    /// `None` for the zero map, which costs nothing and adds nothing. `row` tells the noise of different edges apart.
    pub(super) fn apply(
        &self,
        x: &State,
        stride: usize,
        row: usize,
        pass: &Pass<'_>,
    ) -> Result<Option<Tensor>, TchError> {
        pass.tell();
        match self {
            Self::Zero => Ok(None),
            Self::Identity => Ok(Some(x.value.shallow_clone())),
            Self::Noise => noise(&x.value, stride, pass.seed, row).map(Some),
            Self::Layers(layers) => layers.apply(x, pass).map(Some),
            Self::Factorised(factorised) => factorised.apply(x, pass).map(Some),
        }
    }
}
