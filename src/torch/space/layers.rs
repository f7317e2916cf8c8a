//! Layers on tensors.

use tch::{TchError, Tensor};

use super::{average::Average, pass::Pass, state::State};
use crate::{space::Window, torch::Normalisation};

/// A convolution.
pub(super) struct Conv {
    pub(super) weight: usize,
    pub(super) bias: Option<usize>,
    pub(super) window: Window,
    pub(super) groups: i64,
}

/// A normalisation.
pub(super) struct Norm {
    /// The numbers of scale and shift.
    pub(super) affine: Option<(usize, usize)>,
    pub(super) statistics: Statistics,
    pub(super) epsilon: f64,
}

/// Where a normalisation takes its statistics from.
pub(super) enum Statistics {
    /// The batch, or what is stored: mean, variance, momentum.
    Batch { mean: Tensor, variance: Tensor, momentum: f64 },
    /// Each example by itself, over this many groups of channels: 1 for layer normalisation, all for instance normalisation.
    Example { groups: i64 },
}

/// One layer.
pub(super) enum Step {
    Relu,
    Conv(Conv),
    Norm(Norm),
    Average(Average),
    Largest(Window),
}

/// One layer after another.
pub(super) struct Sequence(pub(super) Vec<Step>);

fn pair(n: usize) -> [i64; 2] {
    [n as i64; 2]
}

impl Conv {
    pub(super) fn apply(&self, x: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let Window { stride, padding, dilation, .. } = self.window;
        let bias = self.bias.map(|i| &pass.weights[i]);
        x.f_conv2d(&pass.weights[self.weight], bias, pair(stride), pair(padding), pair(dilation), self.groups)
    }
}

impl Norm {
    pub(super) fn apply(&self, x: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let weight = self.affine.map(|(weight, _)| &pass.weights[weight]);
        let bias = self.affine.map(|(_, bias)| &pass.weights[bias]);
        let (mean, variance, momentum) = match &self.statistics {
            Statistics::Example { groups } => return x.f_group_norm(*groups, weight, bias, self.epsilon, true),
            Statistics::Batch { mean, variance, momentum } => (mean, variance, *momentum),
        };
        let ((mean, variance), training) = match pass.normalisation {
            Normalisation::Batch => ((None, None), true),
            Normalisation::Train => ((Some(mean), Some(variance)), true),
            Normalisation::Eval => ((Some(mean), Some(variance)), false),
        };
        x.f_batch_norm(weight, bias, mean, variance, training, momentum, self.epsilon, true)
    }
}

/// The largest pixels in the windows.
pub(super) fn largest(window: Window, x: &Tensor) -> Result<Tensor, TchError> {
    let Window { size, stride, padding, dilation } = window;
    x.f_max_pool2d(pair(size), pair(stride), pair(padding), pair(dilation), false)
}

impl Step {
    fn apply(&self, x: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        match self {
            Self::Relu => x.f_relu(),
            Self::Conv(conv) => conv.apply(x, pass),
            Self::Norm(norm) => norm.apply(x, pass),
            Self::Average(average) => average.apply(x),
            Self::Largest(window) => largest(*window, x),
        }
    }
}

impl Sequence {
    pub(super) fn apply(&self, x: &State, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let (mut y, rest) = match self.0.split_first() {
            None => return Ok(x.value.shallow_clone()),
            Some((Step::Relu, rest)) => (x.relu()?.shallow_clone(), rest),
            Some((first, rest)) => (first.apply(&x.value, pass)?, rest),
        };
        for step in rest {
            y = step.apply(&y, pass)?;
        }
        Ok(y)
    }

    /// For what no other layer reads.
    pub(super) fn apply_once(&self, x: Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        self.apply(&State::new(x), pass)
    }
}
