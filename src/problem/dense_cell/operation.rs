//! The eight operations, in the order of the wiring paper.

/// An operation on an edge, named and ordered as in `wiring` (Fig. 16), not as in DARTS.
///
/// "Convolution" always means ReLU, convolution without bias, batch normalisation without affine parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// The zero map.
    None,
    /// The identity.
    SkipConnect,
    /// The maximum of a 3×3 window, then batch normalisation.
    MaxPool3x3,
    /// The mean of those pixels of a 3×3 window that lie in the image, then batch normalisation.
    AvgPool3x3,
    /// Twice: ReLU, depthwise 3×3, pointwise, batch normalisation.
    SepConv3x3,
    /// ReLU, depthwise 3×3 of dilation 2, pointwise, batch normalisation.
    DilConv3x3,
    /// ReLU, depthwise 5×5 of dilation 2, pointwise, batch normalisation.
    DilConv5x5,
    /// Twice: ReLU, depthwise 5×5, pointwise, batch normalisation.
    SepConv5x5,
}

impl Operation {
    /// All eight, in the order of the columns of the gates.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::SkipConnect,
        Self::MaxPool3x3,
        Self::AvgPool3x3,
        Self::SepConv3x3,
        Self::DilConv3x3,
        Self::DilConv5x5,
        Self::SepConv5x5,
    ];

    /// The column of the gates.
    pub fn column(self) -> usize {
        self as usize
    }

    /// The published name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SkipConnect => "skip_connect",
            Self::MaxPool3x3 => "max_pool_3x3",
            Self::AvgPool3x3 => "avg_pool_3x3",
            Self::SepConv3x3 => "sep_conv_3x3",
            Self::DilConv3x3 => "dil_conv_3x3",
            Self::DilConv5x5 => "dil_conv_5x5",
            Self::SepConv5x5 => "sep_conv_5x5",
        }
    }

    /// Whether the output is normalised, so that the operation is homogeneous of degree 0 when $\epsilon=0$.
    pub fn is_normalised(self) -> bool {
        !matches!(self, Self::None | Self::SkipConnect)
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
