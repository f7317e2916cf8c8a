//! The factorised reduction.

use tch::{TchError, Tensor};

use super::{
    assembly::Assembly,
    layers::{Conv, Norm},
    pass::Pass,
    state::State,
};
use crate::{space::Convolution, torch::Error};

/// ReLU; two 1×1 convolutions of stride 2, the second on the image without its first row and column; concatenated; BN.
pub(super) struct Factorised {
    convolutions: [Conv; 2],
    norm: Norm,
}

impl Factorised {
    pub(super) fn new(assembly: &mut Assembly<'_>, path: &str, both: &[Convolution; 2]) -> Result<Self, Error> {
        let first = assembly.convolution(&format!("{path}.conv_1"), &both[0]);
        let second = assembly.convolution(&format!("{path}.conv_2"), &both[1]);
        let (channels, affine) = (both[0].outputs + both[1].outputs, assembly.settings.affine);
        let norm = assembly.norm(&format!("{path}.bn"), channels, affine, 0.1)?;
        Ok(Self { convolutions: [first, second], norm })
    }

    pub(super) fn apply(&self, x: &State, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let x = x.relu()?;
        let shifted = x.f_slice(2, 1, None, 1)?.f_slice(3, 1, None, 1)?;
        let [first, second] = &self.convolutions;
        let halves = [first.apply(x, pass)?, second.apply(&shifted, pass)?];
        self.norm.apply(&Tensor::f_cat(&halves, 1)?, pass)
    }
}
