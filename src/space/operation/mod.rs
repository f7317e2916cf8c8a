//! The operations of all spaces, by their published names and definitions.

mod body;
mod layer;

pub use body::{Body, factorised, relu_conv_norm};
pub use layer::{Convolution, Layer, Pool, Window};

/// An operation on an edge or at a node. $C$ channels in and out, stride 1 or 2.
///
/// Convolutions have no bias (but see [`Settings::convolution_bias`](super::Settings)); "BN" is batch normalisation, with the affine parameters
/// and the $\epsilon$ of the [`Settings`](super::Settings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Operation {
    /// The zero map.
    None,
    /// The identity; with stride 2 the factorised reduction: ReLU, two 1×1 convolutions of stride 2 to $C/2$ channels each, the second on the
    /// image shifted by one pixel, concatenated, BN.
    Skip,
    /// The maximum of a 3×3 window, BN.
    MaxPool3x3,
    /// The mean of those pixels of a 3×3 window that lie in the image, BN.
    AvgPool3x3,
    /// Twice: ReLU, depthwise 3×3, pointwise, BN.
    SepConv3x3,
    /// Twice: ReLU, depthwise 5×5, pointwise, BN.
    SepConv5x5,
    /// ReLU, depthwise 3×3 of dilation 2, pointwise, BN.
    DilConv3x3,
    /// ReLU, depthwise 5×5 of dilation 2, pointwise, BN.
    DilConv5x5,
    /// Standard normal numbers, independent of the input (RobustDARTS, S4).
    Noise,
    /// ReLU, convolution 1×1, BN (NAS-Bench-201).
    NorConv1x1,
    /// ReLU, convolution 3×3, BN (NAS-Bench-201).
    NorConv3x3,
    /// As [`Operation::AvgPool3x3`], without BN (NAS-Bench-201).
    BareAvgPool3x3,
    /// As [`Operation::MaxPool3x3`], without BN (NAS-Bench-1Shot1).
    BareMaxPool3x3,
    /// Convolution 3×3, BN with affine parameters, ReLU (NAS-Bench-1Shot1).
    Conv3x3BnRelu,
    /// Convolution 1×1, BN with affine parameters, ReLU (NAS-Bench-1Shot1).
    Conv1x1BnRelu,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::None,
        Self::Skip,
        Self::MaxPool3x3,
        Self::AvgPool3x3,
        Self::SepConv3x3,
        Self::SepConv5x5,
        Self::DilConv3x3,
        Self::DilConv5x5,
        Self::Noise,
        Self::NorConv1x1,
        Self::NorConv3x3,
        Self::BareAvgPool3x3,
        Self::BareMaxPool3x3,
        Self::Conv3x3BnRelu,
        Self::Conv1x1BnRelu,
    ];

    /// The published name, unique within a space.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Skip => "skip_connect",
            Self::MaxPool3x3 => "max_pool_3x3",
            Self::AvgPool3x3 | Self::BareAvgPool3x3 => "avg_pool_3x3",
            Self::SepConv3x3 => "sep_conv_3x3",
            Self::SepConv5x5 => "sep_conv_5x5",
            Self::DilConv3x3 => "dil_conv_3x3",
            Self::DilConv5x5 => "dil_conv_5x5",
            Self::Noise => "noise",
            Self::NorConv1x1 => "nor_conv_1x1",
            Self::NorConv3x3 => "nor_conv_3x3",
            Self::BareMaxPool3x3 => "maxpool3x3",
            Self::Conv3x3BnRelu => "conv3x3-bn-relu",
            Self::Conv1x1BnRelu => "conv1x1-bn-relu",
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
