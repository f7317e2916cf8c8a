//! The layers that operations, stems and classifiers are made of.

/// A convolution of square windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution {
    /// Input channels.
    pub inputs: usize,
    /// Output channels.
    pub outputs: usize,
    /// Where it looks.
    pub window: Window,
    /// The number of blocks the channels fall into: 1, or `inputs` for a depthwise convolution.
    pub groups: usize,
    /// Whether it has a bias.
    pub bias: bool,
}

/// A square window that moves over an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its side, in taps.
    pub size: usize,
    /// The step between its places.
    pub stride: usize,
    /// The border around the image.
    pub padding: usize,
    /// The step between its taps.
    pub dilation: usize,
}

/// Which pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// The largest pixel in the image.
    Max,
    /// The mean of the pixels in the image: the border does not count.
    Average,
}

/// A layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// $\max(x,0)$.
    Relu,
    /// A convolution.
    Convolution(Convolution),
    /// Batch normalisation.
    Norm {
        /// Its channels.
        channels: usize,
        /// Whether it always has affine parameters, whatever the settings say of cells.
        affine: bool,
        /// Whether its statistics move with the momentum 0.997 of NAS-Bench-1Shot1 instead of PyTorch's 0.1.
        quick: bool,
    },
    /// A pooling.
    Pool(Pool, Window),
}

impl Window {
    /// A window that leaves the size of the image as it is, apart from the stride: padding = dilation · (size − 1) / 2, for odd sizes.
    pub fn centred(size: usize, stride: usize, dilation: usize) -> Self {
        Self { size, stride, padding: dilation * (size / 2), dilation }
    }

    /// The side of the output for the side of the input.
    pub fn output(&self, side: usize) -> usize {
        (side + 2 * self.padding).saturating_sub(self.dilation * (self.size - 1) + 1) / self.stride + 1
    }
}

impl Convolution {
    /// A convolution of all channels, without bias.
    pub fn full(inputs: usize, outputs: usize, size: usize, stride: usize) -> Self {
        Self { inputs, outputs, window: Window::centred(size, stride, 1), groups: 1, bias: false }
    }

    /// A convolution of each channel by itself, without bias.
    pub fn depthwise(channels: usize, size: usize, stride: usize, dilation: usize) -> Self {
        let window = Window::centred(size, stride, dilation);
        Self { inputs: channels, outputs: channels, window, groups: channels, bias: false }
    }

    /// The number of inputs of each output.
    pub fn fan_in(&self) -> usize {
        self.inputs / self.groups * self.window.size * self.window.size
    }

    /// The number of weights, without the bias.
    pub fn weights(&self) -> usize {
        self.outputs * self.fan_in()
    }
}
