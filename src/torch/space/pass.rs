//! What every layer reads on a forward pass.

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
}

impl<'a> Pass<'a> {
    pub(super) fn new(parameters: &[Parameter], theta: &Tensor, input: &Input<'a>) -> Result<Self, TchError> {
        let lengths: Vec<i64> = parameters.iter().map(|p| p.len() as i64).collect();
        let pieces = theta.f_split_with_sizes(&lengths[..], 0)?;
        let shaped = pieces.iter().zip(parameters).map(|(piece, parameter)| piece.f_view(&parameter.shape[..]));
        let gates = input.gates.f_reshape([-1])?.f_split(1, 0)?;
        Ok(Self {
            weights: shaped.collect::<Result<_, _>>()?,
            gates,
            active: input.active,
            normalisation: input.normalisation,
            seed: input.seed,
        })
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
