//! The recorded backward pass of a mini-batch, and what a second one through it gives.

use std::rc::Rc;

use tch::{Tensor, with_grad};

use crate::torch::{Error, error::Doing};

/// The first backward pass of a mini-batch at a point, recorded.
#[derive(Debug)]
pub(super) struct Graph {
    /// What the weights are differentiated by.
    pub(super) leaves: Rc<Vec<Tensor>>,
    /// The gates, where they are differentiated by too.
    pub(super) gates: Option<Tensor>,
    /// $g$, flat.
    pub(super) gradient: Tensor,
    /// $C$, where the gates are differentiated by.
    pub(super) cost: Option<Tensor>,
}

impl Graph {
    /// Differentiates a loss, recording how.
    pub(super) fn record(leaves: Rc<Vec<Tensor>>, gates: Option<Tensor>, loss: &Tensor) -> Result<Self, Error> {
        let inputs: Vec<&Tensor> = leaves.iter().chain(&gates).collect();
        let mut parts = backward(loss, &inputs, true, true, "the backward pass")?;
        let cost = gates.as_ref().and_then(|_| parts.pop());
        // One concatenation, so that a product is one inner product and not one a parameter.
        let gradient = with_grad(|| flat(&parts))?;
        Ok(Self { leaves, gates, gradient, cost })
    }

    /// $Hv+M^\top u$ where `weights` are wanted and $Mv+L_{ZZ}u$ where `gates` are. A graph is spent by this unless it is to be `kept`.
    pub(super) fn second(
        &self,
        v: Option<&Tensor>,
        u: Option<&Tensor>,
        weights: bool,
        gates: bool,
        kept: bool,
    ) -> Result<(Option<Tensor>, Option<Tensor>), Error> {
        let gate_input = self.gates.as_ref().filter(|_| gates);
        let leaves: &[Tensor] = if weights { &self.leaves } else { &[] };
        let inputs: Vec<&Tensor> = leaves.iter().chain(gate_input).collect();
        let along = with_grad(|| -> Result<Option<Tensor>, tch::TchError> {
            // A derivative that does not depend on the point has nothing to differentiate.
            let terms = [(Some(&self.gradient), v), (self.cost.as_ref(), u)];
            let terms = terms.into_iter().filter_map(|(slope, along)| Some((slope?, along?)));
            let mut sum: Option<Tensor> = None;
            for (slope, along) in terms.filter(|(slope, _)| slope.requires_grad()) {
                let term = slope.f_reshape([-1])?.f_dot(&along.f_reshape([-1])?)?;
                sum = Some(match sum {
                    Some(sum) => sum.f_add(&term)?,
                    None => term,
                });
            }
            Ok(sum)
        });
        let mut parts = match along.doing("the second backward pass")? {
            Some(along) => backward(&along, &inputs, kept, false, "the second backward pass")?,
            None => zeros(&inputs)?,
        };
        let gate_part = gate_input.and_then(|_| parts.pop());
        let weight_part = if weights { Some(flat(&parts)?) } else { None };
        Ok((weight_part, gate_part))
    }
}

/// The derivatives of a scalar; zeros where it does not depend on an input.
pub(super) fn backward(
    scalar: &Tensor,
    inputs: &[&Tensor],
    keep: bool,
    record: bool,
    doing: &str,
) -> Result<Vec<Tensor>, Error> {
    if !scalar.requires_grad() {
        return zeros(inputs);
    }
    let parts = with_grad(|| Tensor::f_run_backward(&[scalar], inputs, keep, record)).doing(doing)?;
    let filled = parts.into_iter().zip(inputs);
    filled.map(|(part, input)| if part.defined() { Ok(part) } else { zero(input) }).collect()
}

fn zero(like: &Tensor) -> Result<Tensor, Error> {
    like.f_detach().and_then(|like| like.f_zeros_like()).doing("making zeros")
}

fn zeros(inputs: &[&Tensor]) -> Result<Vec<Tensor>, Error> {
    inputs.iter().map(|input| zero(input)).collect()
}

/// Tensors one after another as one of one dimension; a single one as it is.
pub(super) fn flat(parts: &[Tensor]) -> Result<Tensor, Error> {
    let flattened: Result<Vec<Tensor>, _> = parts.iter().map(|part| part.f_reshape([-1])).collect();
    let joined = flattened.and_then(|mut parts| match parts.len() {
        1 => Ok(parts.swap_remove(0)),
        _ => Tensor::f_cat(&parts, 0),
    });
    joined.doing("joining a gradient")
}
