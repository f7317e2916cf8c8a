//! What a node of a cell holds.

use std::cell::OnceCell;

use tch::{TchError, Tensor};

/// The value of a node, and its ReLU, which most operations start with, computed once for all of them.
pub(super) struct State {
    pub(super) value: Tensor,
    relu: OnceCell<Tensor>,
}

impl State {
    pub(super) fn new(value: Tensor) -> Self {
        Self { value, relu: OnceCell::new() }
    }

    pub(super) fn relu(&self) -> Result<&Tensor, TchError> {
        match self.relu.get() {
            Some(relu) => Ok(relu),
            None => {
                let relu = self.value.f_relu()?;
                Ok(self.relu.get_or_init(|| relu))
            }
        }
    }
}
