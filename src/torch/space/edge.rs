//! The gated sum of operations on an edge.

use tch::{TchError, Tensor};

use super::{assembly::Assembly, layers::largest, operation::Op, pass::Pass, state::State};
use crate::{
    space::{Body, Operation, Window},
    torch::Error,
};

/// $\sum_oZ_{eo}\,O_o(x)$.
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    row: usize,
    channels: usize,
    stride: usize,
    operations: Vec<Op>,
    /// $K$ of partial channels.
    partial: i64,
}

/// Where an edge is.
pub(super) struct Location {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The row of its gates.
    pub(super) row: usize,
    pub(super) channels: usize,
    pub(super) stride: usize,
}

impl Edge {
    /// `path` of an operation in a column, and the path of its layers where it has a plain sequence of them.
    pub(super) fn new(
        assembly: &mut Assembly<'_>,
        location: Location,
        operations: &[Operation],
        path: impl Fn(usize, Operation) -> (String, String),
    ) -> Result<Self, Error> {
        let Location { from, to, row, channels, stride } = location;
        let partial = assembly.settings.partial;
        let columns = assembly.columns;
        let mut ops = Vec::with_capacity(operations.len());
        for (column, &operation) in operations.iter().enumerate() {
            let start = assembly.weights;
            let body = match assembly.made(row, column, operation) {
                Some(operation) => operation.body(channels / partial, stride, assembly.settings.convolution_bias),
                None => Body::Zero,
            };
            let (path, layers) = path(column, operation);
            ops.push(Op::new(assembly, &path, &layers, &body)?);
            assembly.operations[row * columns + column] = start..assembly.weights;
        }
        Ok(Self { from, to, row, channels, stride, operations: ops, partial: partial as i64 })
    }

    /// `sum` with the output of this edge, if anything comes out.
    pub(super) fn add(&self, sum: Option<Tensor>, x: &State, pass: &Pass<'_>) -> Result<Option<Tensor>, TchError> {
        if self.partial == 1 { self.mixed(sum, x, pass) } else { self.add_partial(sum, x, pass) }
    }

    fn mixed(&self, mut sum: Option<Tensor>, x: &State, pass: &Pass<'_>) -> Result<Option<Tensor>, TchError> {
        for (column, operation) in self.operations.iter().enumerate() {
            if pass.is_active(self.row, column)
                && let Some(y) = operation.apply(x, self.stride, self.row, pass)?
            {
                sum = pass.add(sum, &y, (self.row, column))?;
            }
        }
        pass.lifted(sum, self.row, || self.zeros(&x.value))
    }

    /// Zeros of the shape of what the operations return.
    fn zeros(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let shape = x.size();
        let halved = |length: i64| (length as usize).div_ceil(self.stride) as i64;
        let channels = self.channels as i64 / self.partial;
        x.f_new_zeros([shape[0], channels, halved(shape[2]), halved(shape[3])], (x.kind(), x.device()))
    }

    /// The first $1/K$ of the channels pass the operations; the others, pooled 2×2 at stride 2, are multiplied by the sum of the edge's gates:
    /// gates $\beta_e\alpha_{eo}$ with $\sum_o\alpha_{eo}=1$ weigh them by $\beta_e$, as PC-DARTS does. Then the channels are shuffled.
    fn add_partial(&self, sum: Option<Tensor>, x: &State, pass: &Pass<'_>) -> Result<Option<Tensor>, TchError> {
        let active: Vec<&Tensor> = (0..self.operations.len())
            .filter(|&column| pass.is_active(self.row, column))
            .map(|column| pass.gate(self.row, column))
            .collect();
        if active.is_empty() && !pass.has_constants() {
            return Ok(sum);
        }
        let parts = x.value.f_chunk(self.partial, 1)?;
        let part = State::new(parts[0].shallow_clone());
        let channels = part.value.size()[1];
        let rest = x.value.f_narrow(1, channels, channels * (self.partial - 1))?;
        let halving = Window { size: 2, stride: 2, padding: 0, dilation: 1 };
        let rest = if self.stride == 2 { largest(halving, &rest)? } else { rest };
        let rest = match active.as_slice() {
            [] => rest.f_zeros_like()?,
            gates => rest.f_mul(&Tensor::f_cat(gates, 0)?.f_sum(None)?)?,
        };
        let shape = rest.size();
        let mixed = self.mixed(None, &part, pass)?.map_or_else(|| self.zeros(&part.value), Ok)?;
        // Channel c of block b goes to channel b of block c.
        let blocks =
            Tensor::f_cat(&[mixed, rest], 1)?.f_view([shape[0], self.partial, channels, shape[2], shape[3]])?;
        let shuffled = blocks.f_transpose(1, 2)?.f_reshape([shape[0], self.partial * channels, shape[2], shape[3]])?;
        Ok(Some(match sum {
            Some(sum) => sum.f_add(&shuffled)?,
            None => shuffled,
        }))
    }
}
