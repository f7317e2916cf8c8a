//! What each operation should be, said a second time: linear stages on tensors, normalisations in plain Rust.
//!
//! A model is a composition of [`Operation`]s whose degrees and remainders the room `cost` derives.

use nasproof::{
    cost::{
        homogeneity::{Compose, Operation},
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape, Stored},
    },
    space::Operation as Name,
};
use tch::Tensor;

use super::common::entries;
use crate::device;

/// A map that is homogeneous of degree 1 (or constant), pulled back by autograd.
pub struct Linear<F> {
    shape: [i64; 4],
    output: [i64; 4],
    map: F,
    degree: f64,
}

/// A composition.
pub type Model = Box<dyn Operation>;

impl<F: Fn(&Tensor) -> Tensor> Linear<F> {
    pub fn new(shape: [i64; 4], map: F) -> Self {
        let size = map(&device::tensor(&vec![0.0; shape.iter().product::<i64>() as usize], &shape)).size();
        Self { shape, output: size.try_into().unwrap(), map, degree: 1.0 }
    }
}

impl<F: Fn(&Tensor) -> Tensor> Operation for Linear<F> {
    fn input_len(&self) -> usize {
        self.shape.iter().product::<i64>() as usize
    }
    fn output_len(&self) -> usize {
        self.output.iter().product::<i64>() as usize
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        entries(&(self.map)(&device::tensor(x, &self.shape)))
    }
    fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        let x = device::tensor(x, &self.shape).set_requires_grad(true);
        let along = (self.map)(&x).flatten(0, -1).dot(&device::flat(g));
        entries(&Tensor::run_backward(&[along], &[&x], false, false)[0])
    }
    fn degree(&self) -> f64 {
        self.degree
    }
}

/// How everything is normalised.
#[derive(Clone, Copy, Debug)]
pub enum Norm {
    /// From the data.
    Data(Grouping, f64),
    /// Stored: mean 0.3, variance 0.7 in every channel.
    Stored(f64),
}

/// Builds a model stage by stage, cutting the weights as it goes.
pub struct Builder<'a> {
    theta: &'a Tensor,
    at: i64,
    shape: [i64; 4],
    norm: Norm,
    model: Option<Model>,
}

impl<'a> Builder<'a> {
    pub fn new(theta: &'a Tensor, shape: [i64; 4], norm: Norm) -> Self {
        Self { theta, at: 0, shape, norm, model: None }
    }

    pub fn weights(&mut self, shape: &[i64]) -> Tensor {
        let count = shape.iter().product();
        let piece = self.theta.narrow(0, self.at, count).detach().contiguous().view(shape);
        self.at += count;
        piece
    }

    fn then(&mut self, shape: [i64; 4], stage: Model) {
        self.shape = shape;
        self.model = Some(match self.model.take() {
            None => stage,
            Some(before) => Box::new(Compose(stage, before)),
        });
    }

    pub fn map(&mut self, map: impl Fn(&Tensor) -> Tensor + 'static) {
        let stage = Linear::new(self.shape, map);
        self.then(stage.output, Box::new(stage));
    }

    pub fn norm(&mut self, affine: bool) {
        let [batch, channels, height, width] = self.shape.map(|n| n as usize);
        let shape = Shape { batch, channels, height, width };
        let affine = match affine {
            false => Affine::identity(channels),
            true => {
                let (gamma, beta) = (self.weights(&[channels as i64]), self.weights(&[channels as i64]));
                Affine { gamma: entries(&gamma), beta: entries(&beta) }
            }
        };
        let stage: Model = match self.norm {
            Norm::Data(grouping, epsilon) => {
                let normalisation = Normalisation::new(shape, grouping, epsilon).unwrap();
                Box::new(NormalisationLayer::new(normalisation, affine).unwrap())
            }
            Norm::Stored(epsilon) => {
                let (mean, variance) = (vec![0.3; channels], vec![0.7; channels]);
                Box::new(Stored::new(shape, epsilon, mean, variance, affine).unwrap())
            }
        };
        self.then(self.shape, stage);
    }

    /// ReLU, depthwise, pointwise, BN.
    fn separable(&mut self, k: i64, stride: i64, dilation: i64) {
        let c = self.shape[1];
        let (depthwise, pointwise) = (self.weights(&[c, 1, k, k]), self.weights(&[c, c, 1, 1]));
        let padding = dilation * (k - 1) / 2;
        self.map(move |x| {
            let x = x.relu().conv2d(&depthwise, None::<&Tensor>, stride, padding, dilation, c);
            x.conv2d(&pointwise, None::<&Tensor>, 1, 0, 1, 1)
        });
        self.norm(false);
    }

    pub fn conv(&mut self, outputs: i64, k: i64, stride: i64, relu: bool) {
        let weight = self.weights(&[outputs, self.shape[1], k, k]);
        self.map(move |x| {
            let x = if relu { x.relu() } else { x.shallow_clone() };
            x.conv2d(&weight, None::<&Tensor>, stride, k / 2, 1, 1)
        });
    }

    pub fn finish(self) -> Option<Model> {
        self.model
    }
}

/// The model of an operation; `None` for none and for noise, which have no linear stage.
pub fn model(name: Name, theta: &Tensor, shape: [i64; 4], stride: i64, norm: Norm) -> Option<Model> {
    let mut stages = Builder::new(theta, shape, norm);
    let c = shape[1];
    match name {
        Name::None | Name::Noise => {}
        Name::Skip if stride == 1 => stages.map(Tensor::shallow_clone),
        Name::Skip => {
            let halves = [stages.weights(&[c / 2, c, 1, 1]), stages.weights(&[c / 2, c, 1, 1])];
            stages.map(move |x| {
                let x = x.relu();
                let shifted = x.slice(2, 1, None, 1).slice(3, 1, None, 1);
                let [first, second] = &halves;
                let half = |x: &Tensor, w: &Tensor| x.conv2d(w, None::<&Tensor>, 2, 0, 1, 1);
                Tensor::cat(&[half(&x, first), half(&shifted, second)], 1)
            });
            stages.norm(false);
        }
        Name::MaxPool3x3 | Name::BareMaxPool3x3 => stages.map(move |x| x.max_pool2d(3, stride, 1, 1, false)),
        Name::AvgPool3x3 | Name::BareAvgPool3x3 => {
            stages.map(move |x| x.avg_pool2d(3, stride, 1, false, false, None::<i64>));
        }
        Name::SepConv3x3 | Name::SepConv5x5 => {
            let k = if name == Name::SepConv3x3 { 3 } else { 5 };
            stages.separable(k, stride, 1);
            stages.separable(k, 1, 1);
        }
        Name::DilConv3x3 => stages.separable(3, stride, 2),
        Name::DilConv5x5 => stages.separable(5, stride, 2),
        Name::NorConv1x1 | Name::NorConv3x3 => {
            stages.conv(c, if name == Name::NorConv1x1 { 1 } else { 3 }, stride, true);
            stages.norm(false);
        }
        Name::Conv3x3BnRelu | Name::Conv1x1BnRelu => {
            stages.conv(c, if name == Name::Conv1x1BnRelu { 1 } else { 3 }, stride, false);
            stages.norm(true);
            stages.map(Tensor::relu);
        }
    }
    if matches!(name, Name::MaxPool3x3 | Name::AvgPool3x3) {
        stages.norm(false);
    }
    stages.finish()
}
