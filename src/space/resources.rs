//! What each operation needs, for resource constraints.

use ndarray::Array2;

use super::{Body, Convolution, Instance, Layer, Row, Space};

/// What the operation of each gate needs for one image, $E\times O$ like the gates: the terms of SNAS's resource constraint (`snas`, Section 2.4),
/// counted as its published code does. BN and ReLU count nothing but the parameters of an affine BN.
#[derive(Debug, Clone, PartialEq)]
pub struct Resources {
    /// Weights.
    pub parameters: Array2<f64>,
    /// Multiplications and additions in pairs: for each output of a convolution its fan-in, for each output of a pooling its window.
    pub flops: Array2<f64>,
    /// Numbers read and written: each convolution and pooling reads its whole input and its weights and writes its output; a skip connection
    /// reads and writes.
    pub accesses: Array2<f64>,
}

/// What a stretch of layers needs.
#[derive(Debug, Clone, Copy, Default)]
struct Need {
    parameters: usize,
    flops: usize,
    accesses: usize,
}

impl Need {
    fn add_convolution(&mut self, convolution: &Convolution, from: usize, to: usize) {
        let weights = convolution.weights();
        self.parameters += weights + if convolution.bias { convolution.outputs } else { 0 };
        self.flops += to * weights;
        self.accesses += from * convolution.inputs + to * convolution.outputs + weights;
    }
}

impl Space {
    /// Parameters, FLOPs and memory accesses of every operation.
    pub fn resources(&self) -> Resources {
        let empty = || Array2::zeros(self.gates().shape());
        let mut out = Resources { parameters: empty(), flops: empty(), accesses: empty() };
        let rows = self.cell().rows.len();
        for (number, instance) in self.instances().iter().enumerate() {
            for (e, row) in self.cell().rows.iter().enumerate() {
                let (from, stride) = match row {
                    Row::Edge { from, .. } => (*from, instance.stride(self.cell(), *from)),
                    Row::Node { node, .. } => (*node, 1),
                    Row::Parents { .. } => continue,
                };
                for (column, operation) in row.operations(instance.kind).iter().enumerate() {
                    let channels = instance.channels / self.settings().partial;
                    let body = operation.body(channels, stride, self.settings().convolution_bias);
                    let need = self.need(&body, channels, stride, instance, from);
                    let at = (number * rows + e, column);
                    out.parameters[at] = need.parameters as f64;
                    out.flops[at] = need.flops as f64;
                    out.accesses[at] = need.accesses as f64;
                }
            }
        }
        out
    }

    fn need(&self, body: &Body, channels: usize, stride: usize, instance: &Instance, node: usize) -> Need {
        let (mut height, mut width) = instance.size_at(self.cell(), node);
        let input = height * width;
        let output = height.div_ceil(stride) * width.div_ceil(stride);
        let affine = |always: bool, channels: usize| if always || self.settings().affine { 2 * channels } else { 0 };
        let mut need = Need::default();
        match body {
            Body::Zero => {}
            Body::Identity => need.accesses = 2 * channels * input,
            Body::Noise => need.accesses = channels * output,
            Body::Factorised(both) => {
                both.iter().for_each(|convolution| need.add_convolution(convolution, input, output));
                need.parameters += affine(false, both[0].outputs + both[1].outputs);
            }
            Body::Layers(layers) => {
                for layer in layers {
                    let from = height * width;
                    if let Layer::Convolution(Convolution { window, .. }) | Layer::Pool(_, window) = layer {
                        (height, width) = (window.output(height), window.output(width));
                    }
                    let to = height * width;
                    match layer {
                        Layer::Relu => {}
                        Layer::Convolution(convolution) => need.add_convolution(convolution, from, to),
                        Layer::Norm { channels, affine: always, .. } => need.parameters += affine(*always, *channels),
                        Layer::Pool(_, window) => {
                            need.flops += window.size * window.size * to * channels;
                            need.accesses += (from + to) * channels;
                        }
                    }
                }
            }
        }
        need
    }
}
