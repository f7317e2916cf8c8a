//! What every layer reads on a forward pass.

use std::cell::Cell;

use ndarray::Array2;
use tch::{TchError, Tensor};

use crate::torch::{Input, Normalisation, Parameter};

/// The weights and gates of one forward pass, cut to pieces, and how it is made.
pub(super) struct Pass<'a> {
    /// By number of the parameter, in its shape.
    pub(super) weights: Vec<Tensor>,
    /// Row by row, each of shape \[1\].
    gates: Vec<Tensor>,
    active: &'a Array2<bool>,
    pub(super) normalisation: Normalisation,
    pub(super) seed: i64,
    /// Row by row, each of shape \[1\].
    constants: Option<Vec<Tensor>>,
    /// Operations that were run.
    count: Cell<u64>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(parameters: &[Parameter], theta: &Tensor, input: &Input<'a>) -> Result<Self, TchError> {
        let lengths: Vec<i64> = parameters.iter().map(|p| p.len() as i64).collect();
        let pieces = theta.f_split_with_sizes(&lengths[..], 0)?;
        let shaped = pieces.iter().zip(parameters).map(|(piece, parameter)| piece.f_view(&parameter.shape[..]));
        let gates = input.gates.f_reshape([-1])?.f_split(1, 0)?;
        let constants = input.constants.map(|constants| constants.f_split(1, 0)).transpose()?;
        Ok(Self {
            weights: shaped.collect::<Result<_, _>>()?,
            gates,
            active: input.active,
            normalisation: input.normalisation,
            seed: input.seed,
            constants,
            count: Cell::new(0),
        })
    }

    /// An operation is run.
    pub(super) fn tell(&self) {
        self.count.set(self.count.get() + 1);
    }

    /// Operations run so far.
    pub(super) fn count(&self) -> u64 {
        self.count.get()
    }

    pub(super) fn has_constants(&self) -> bool {
        self.constants.is_some()
    }

    /// The sum of the outputs of a row, `None` for no output, with the row's constant where there are constants: then there is a map, of the shape that
    /// `empty` makes zeros in.
    pub(super) fn lifted(
        &self,
        sum: Option<Tensor>,
        row: usize,
        empty: impl FnOnce() -> Result<Tensor, TchError>,
    ) -> Result<Option<Tensor>, TchError> {
        match &self.constants {
            None => Ok(sum),
            Some(constants) => sum.map_or_else(empty, Ok)?.f_add(&constants[row]).map(Some),
        }
    }

    pub(super) fn is_active(&self, row: usize, column: usize) -> bool {
        self.active[(row, column)]
    }

    pub(super) fn gate(&self, row: usize, column: usize) -> &Tensor {
        &self.gates[row * self.active.ncols() + column]
    }

    /// `sum` + gate · `x`, in one step.
    pub(super) fn add(
        &self,
        sum: Option<Tensor>,
        x: &Tensor,
        (row, column): (usize, usize),
    ) -> Result<Option<Tensor>, TchError> {
        let gate = self.gate(row, column);
        let sum = match sum {
            Some(sum) => sum.f_addcmul(x, gate)?,
            None => x.f_mul(gate)?,
        };
        Ok(Some(sum))
    }
}
