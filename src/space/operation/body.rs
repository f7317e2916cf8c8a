//! What each operation consists of.

use super::{Convolution, Layer, Operation, Pool, Window};

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing comes out.
    Zero,
    /// What comes in.
    Identity,
    /// Standard normal numbers.
    Noise,
    /// One layer after another.
    Layers(Vec<Layer>),
    /// ReLU, both convolutions (the second on the image without its first row and column), concatenated, then normalised.
    Factorised([Convolution; 2]),
}

/// ReLU, convolution, BN: the preprocessing of a cell's input, too.
pub fn relu_conv_norm(convolution: Convolution) -> Vec<Layer> {
    vec![Layer::Relu, Layer::Convolution(convolution), norm(convolution.outputs)]
}

/// The factorised reduction to `outputs` channels (an even number) and half the resolution.
pub fn factorised(inputs: usize, outputs: usize) -> Body {
    let convolution = Convolution::full(inputs, outputs / 2, 1, 2);
    Body::Factorised([convolution, convolution])
}

/// A normalisation in a cell.
fn norm(channels: usize) -> Layer {
    Layer::Norm { channels, affine: false, quick: false }
}

impl Operation {
    /// The operation as derived networks have it. DARTS normalises a pooling in its search network alone (`MixedOp` in `cnn/model_search.py`;
    /// `cnn/model.py` takes the bare one).
    pub fn derived(self) -> Self {
        match self {
            Self::MaxPool3x3 => Self::BareMaxPool3x3,
            Self::AvgPool3x3 => Self::BareAvgPool3x3,
            _ => self,
        }
    }

    /// The operation on `channels` channels, with biases in convolutions when `bias`.
    pub fn body(self, channels: usize, stride: usize, bias: bool) -> Body {
        let pool = |kind| Layer::Pool(kind, Window::centred(3, stride, 1));
        let separable = |size, stride, dilation| {
            [
                Layer::Relu,
                Layer::Convolution(Convolution::depthwise(channels, size, stride, dilation)),
                Layer::Convolution(Convolution::full(channels, channels, 1, 1)),
                norm(channels),
            ]
        };
        let twice = |size| Body::Layers([separable(size, stride, 1), separable(size, 1, 1)].concat());
        let once = |size| Body::Layers(separable(size, stride, 2).to_vec());
        let full = |size| Convolution { bias, ..Convolution::full(channels, channels, size, stride) };
        let conv_norm_relu = |size| {
            let norm = Layer::Norm { channels, affine: true, quick: true };
            Body::Layers(vec![Layer::Convolution(full(size)), norm, Layer::Relu])
        };
        match self {
            Self::None => Body::Zero,
            Self::Skip if stride == 1 => Body::Identity,
            Self::Skip => factorised(channels, channels),
            Self::MaxPool3x3 => Body::Layers(vec![pool(Pool::Max), norm(channels)]),
            Self::AvgPool3x3 => Body::Layers(vec![pool(Pool::Average), norm(channels)]),
            Self::SepConv3x3 => twice(3),
            Self::SepConv5x5 => twice(5),
            Self::DilConv3x3 => once(3),
            Self::DilConv5x5 => once(5),
            Self::Noise => Body::Noise,
            Self::NorConv1x1 => Body::Layers(relu_conv_norm(full(1))),
            Self::NorConv3x3 => Body::Layers(relu_conv_norm(full(3))),
            Self::BareAvgPool3x3 => Body::Layers(vec![pool(Pool::Average)]),
            Self::BareMaxPool3x3 => Body::Layers(vec![pool(Pool::Max)]),
            Self::Conv3x3BnRelu => conv_norm_relu(3),
            Self::Conv1x1BnRelu => conv_norm_relu(1),
        }
    }
}
