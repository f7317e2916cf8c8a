//! What a network is put together with: its parameters and statistics, numbered as they are asked for.

use std::ops::Range;

use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::{
    average::Average,
    layers::{Conv, Norm, Sequence, Statistics, Step},
};
use crate::{
    cost::normalisation::Grouping,
    space::{Convolution, Layer, Operation, Pool, Settings},
    torch::{Error, Parameter, Place, error::Doing},
};

/// How a parameter starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Initial {
    /// Uniform in $\pm$ this.
    Uniform(f64),
    /// This, every entry.
    Constant(f64),
}

/// Collects parameters and statistics in order.
pub(super) struct Assembly<'a> {
    pub(super) place: Place,
    pub(super) settings: &'a Settings,
    pub(super) parameters: Vec<Parameter>,
    pub(super) initial: Vec<Initial>,
    pub(super) statistics: Vec<(String, Tensor)>,
    /// The columns of the gates.
    pub(super) columns: usize,
    /// The number of weights so far.
    pub(super) weights: usize,
    /// Where the weights of each operation lie, in the order of the gates row by row.
    pub(super) operations: Vec<Range<usize>>,
    /// The operations that a derived network has, of the shape of the gates: the others are not made. `None` in a supernet.
    pub(super) kept: Option<&'a Array2<bool>>,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(place: Place, settings: &'a Settings, (rows, columns): (usize, usize)) -> Self {
        Self {
            place,
            settings,
            parameters: Vec::new(),
            initial: Vec::new(),
            statistics: Vec::new(),
            columns,
            weights: 0,
            operations: vec![0..0; rows * columns],
            kept: None,
        }
    }

    /// Of a network that has the operations of `kept` alone.
    pub(super) fn keeping(self, kept: Option<&'a Array2<bool>>) -> Self {
        Self { kept, ..self }
    }

    /// Whether there is anything at that gate.
    pub(super) fn keeps(&self, row: usize, column: usize) -> bool {
        self.kept.is_none_or(|kept| kept[(row, column)])
    }

    /// What becomes of an operation at that gate: as it is in a supernet; in a derived network, as derived networks have it, or nothing.
    pub(super) fn made(&self, row: usize, column: usize, operation: Operation) -> Option<Operation> {
        let derived = if self.kept.is_some() { operation.derived() } else { operation };
        self.keeps(row, column).then_some(derived)
    }

    /// A parameter of that name; returns its number.
    pub(super) fn parameter(&mut self, name: String, shape: &[usize], initial: Initial) -> usize {
        let parameter = Parameter { name, shape: shape.iter().map(|&n| n as i64).collect() };
        self.weights += parameter.len();
        self.parameters.push(parameter);
        self.initial.push(initial);
        self.parameters.len() - 1
    }

    pub(super) fn convolution(&mut self, path: &str, convolution: &Convolution) -> Conv {
        let Convolution { inputs, outputs, window, groups, bias } = *convolution;
        // PyTorch's default: kaiming_uniform with a = √5, that is ±√(6/((1+5)·fan in)).
        let initial = Initial::Uniform((convolution.fan_in() as f64).sqrt().recip());
        let shape = [outputs, inputs / groups, window.size, window.size];
        let weight = self.parameter(format!("{path}.weight"), &shape, initial);
        let bias = bias.then(|| self.parameter(format!("{path}.bias"), &[outputs], initial));
        Conv { weight, bias, window, groups: groups as i64 }
    }

    pub(super) fn norm(&mut self, path: &str, channels: usize, affine: bool, momentum: f64) -> Result<Norm, Error> {
        let affine = affine.then(|| {
            let weight = self.parameter(format!("{path}.weight"), &[channels], Initial::Constant(1.0));
            (weight, self.parameter(format!("{path}.bias"), &[channels], Initial::Constant(0.0)))
        });
        let groups = match self.settings.grouping {
            Grouping::Batch => None,
            Grouping::Layer => Some(1),
            Grouping::Instance => Some(channels),
            Grouping::Group(groups) => Some(groups),
        };
        let statistics = match groups {
            Some(groups) => Statistics::Example { groups: groups as i64 },
            None => Statistics::Batch {
                mean: self.statistic(format!("{path}.running_mean"), channels, 0.0)?,
                variance: self.statistic(format!("{path}.running_var"), channels, 1.0)?,
                momentum,
            },
        };
        Ok(Norm { affine, statistics, epsilon: self.settings.epsilon })
    }

    fn statistic(&mut self, name: String, channels: usize, value: f64) -> Result<Tensor, Error> {
        let (size, options) = ([channels as i64], (self.place.kind(), self.place.device()));
        let tensor = Tensor::f_full(size, value, options).doing("making room for running statistics")?;
        self.statistics.push((name, tensor.shallow_clone()));
        Ok(tensor)
    }

    /// Layers named `path.0`, `path.1`, ….
    pub(super) fn layers(&mut self, path: &str, layers: &[Layer]) -> Result<Sequence, Error> {
        let mut steps = Vec::with_capacity(layers.len());
        for (i, layer) in layers.iter().enumerate() {
            let path = format!("{path}.{i}");
            steps.push(match *layer {
                Layer::Relu => Step::Relu,
                Layer::Convolution(convolution) => Step::Conv(self.convolution(&path, &convolution)),
                Layer::Norm { channels, affine, quick } => {
                    let (affine, momentum) = (affine || self.settings.affine, if quick { 0.997 } else { 0.1 });
                    Step::Norm(self.norm(&path, channels, affine, momentum)?)
                }
                Layer::Pool(Pool::Average, window) => Step::Average(Average::new(window)),
                Layer::Pool(Pool::Max, window) => Step::Largest(window),
            });
        }
        Ok(Sequence(steps))
    }
}

/// The parameters as they start, one after another.
pub(super) fn initial_weights(
    parameters: &[Parameter],
    initial: &[Initial],
    seed: u64,
    place: &Place,
) -> Result<Tensor, Error> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let count: usize = parameters.iter().map(Parameter::len).sum();
    let mut weights: Vec<f64> = Vec::with_capacity(count);
    for (parameter, initial) in parameters.iter().zip(initial) {
        match *initial {
            Initial::Constant(value) => weights.extend(std::iter::repeat_n(value, parameter.len())),
            Initial::Uniform(bound) => weights.extend((0..parameter.len()).map(|_| rng.random_range(-bound..bound))),
        }
    }
    place.tensor(&weights, &[count as i64])
}
