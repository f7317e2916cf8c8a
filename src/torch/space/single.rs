//! One operation by itself.

use ndarray::Array2;
use tch::Tensor;

use super::{
    assembly::{Assembly, Initial, initial_weights},
    operation::Op,
    pass::Pass,
    state::State,
};
use crate::{
    space::{Operation, Settings},
    torch::{Error, Input, Normalisation, Parameter, Place, error::Doing},
};

/// An operation of a space outside any network: the map that its theorems speak of.
pub struct SingleOperation {
    op: Op,
    stride: usize,
    parameters: Vec<Parameter>,
    initial: Vec<Initial>,
    statistics: Vec<(String, Tensor)>,
}

impl SingleOperation {
    /// The operation on `settings.channels` channels, normalised as the settings say.
    ///
    /// # Errors
    /// [`Error`] when memory is short.
    pub fn new(operation: Operation, stride: usize, settings: &Settings, place: &Place) -> Result<Self, Error> {
        let mut assembly = Assembly::new(*place, settings, (1, 1));
        let body = operation.body(settings.channels, stride, settings.convolution_bias);
        let op = Op::new(&mut assembly, operation.name(), &format!("{operation}.op"), &body)?;
        let Assembly { parameters, initial, statistics, .. } = assembly;
        Ok(Self { op, stride, parameters, initial, statistics })
    }

    /// The parameters in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Handles on the running statistics, by name.
    pub fn statistics(&self) -> Vec<(String, Tensor)> {
        self.statistics.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
    }

    /// As [`super::SpaceNet::initial_weights`].
    ///
    /// # Errors
    /// [`Error`] when memory is short.
    pub fn initial_weights(&self, seed: u64, place: &Place) -> Result<Tensor, Error> {
        initial_weights(&self.parameters, &self.initial, seed, place)
    }

    /// $O(x)$ for `x` of N×C×H×W with flat weights; `None` for the zero map.
    ///
    /// # Errors
    /// [`Error`] of libtorch, among them shapes that do not fit.
    pub fn apply(
        &self,
        theta: &Tensor,
        x: &Tensor,
        normalisation: Normalisation,
        seed: i64,
    ) -> Result<Option<Tensor>, Error> {
        let active = Array2::from_elem((1, 1), true);
        let run = || {
            let gates = x.f_new_ones([1], (x.kind(), x.device()))?;
            let input = Input { images: x, gates: &gates, active: &active, normalisation, seed, constants: None };
            let pass = Pass::new(&self.parameters, theta, &input)?;
            self.op.apply(&State::new(x.shallow_clone()), self.stride, 0, &pass)
        };
        run().doing("applying an operation")
    }
}
