//! What operations cost, counted one by one, with no formula.

use proptest::prelude::*;
use serde::Serialize;

/// A layer that looks at windows of its input: a convolution or a pooling, zero-padded so that stride 1 keeps the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// $H$, rows of the output.
    pub height: usize,
    /// $W$, columns of the output.
    pub width: usize,
    /// $f$, rows of the filter, odd.
    pub filter_height: usize,
    /// $k$, columns of the filter, odd.
    pub filter_width: usize,
    /// $I$, channels of the input.
    pub inputs: usize,
    /// $O$, channels of the output.
    pub outputs: usize,
    /// $g$, which divides both.
    pub groups: usize,
    /// Rows and columns from one window to the next; the input is this many times as large as the output.
    pub stride: usize,
}

/// What a layer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Count {
    /// Trained numbers.
    pub parameters: u64,
    /// Multiplications, those by padded zeros among them.
    pub multiplications: u64,
    /// Additions of products.
    pub additions: u64,
    /// Elements that pooling looks at, padded ones among them.
    pub pooled: u64,
    /// Different numbers read or written, each once: cache for all of them.
    pub accesses: u64,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.parameters += other.parameters;
        self.multiplications += other.multiplications;
        self.additions += other.additions;
        self.pooled += other.pooled;
        self.accesses += other.accesses;
    }
}

impl Layer {
    /// Runs the loops: `visit(output channel, input channel, row, column, input row and column if not padding, filter row and column)`.
    fn windows(&self, mut visit: impl FnMut(usize, usize, Option<(usize, usize)>, (usize, usize))) {
        let (rows, columns) = (self.height * self.stride, self.width * self.stride);
        let per_group = (self.inputs / self.groups, self.outputs / self.groups);
        for out in 0..self.outputs {
            let group = out / per_group.1;
            for y in 0..self.height {
                for x in 0..self.width {
                    for input in group * per_group.0..(group + 1) * per_group.0 {
                        for dy in 0..self.filter_height {
                            for dx in 0..self.filter_width {
                                let row = (y * self.stride + dy).checked_sub(self.filter_height / 2);
                                let column = (x * self.stride + dx).checked_sub(self.filter_width / 2);
                                let place = row.zip(column).filter(|&(r, c)| r < rows && c < columns);
                                visit(out, input, place, (dy, dx));
                            }
                        }
                    }
                }
            }
        }
    }

    fn input_places(&self, seen: impl IntoIterator<Item = (usize, usize, usize)>) -> u64 {
        let columns = self.width * self.stride;
        let mut read = vec![false; self.inputs * self.height * self.stride * columns];
        for (channel, r, c) in seen {
            read[(channel * self.height * self.stride + r) * columns + c] = true;
        }
        read.iter().filter(|&&r| r).count() as u64
    }

    fn output_places(&self) -> u64 {
        (self.outputs * self.height * self.width) as u64
    }

    /// As a convolution without bias.
    pub fn convolution(&self) -> Count {
        let mut weights = vec![false; self.outputs * self.inputs * self.filter_height * self.filter_width];
        let (mut seen, mut multiplications) = (Vec::new(), 0);
        self.windows(|out, input, place, (dy, dx)| {
            weights[((out * self.inputs + input) * self.filter_height + dy) * self.filter_width + dx] = true;
            multiplications += 1;
            seen.extend(place.map(|(r, c)| (input, r, c)));
        });
        let parameters = weights.iter().filter(|&&used| used).count() as u64;
        Count {
            parameters,
            multiplications,
            // The first product of a sum is added to nothing.
            additions: multiplications - self.output_places(),
            pooled: 0,
            accesses: self.input_places(seen) + self.output_places() + parameters,
        }
    }

    /// As a pooling, of each channel on its own: `groups = inputs = outputs`.
    pub fn pooling(&self) -> Count {
        let (mut seen, mut pooled) = (Vec::new(), 0);
        self.windows(|_, input, place, _| {
            pooled += 1;
            seen.extend(place.map(|(r, c)| (input, r, c)));
        });
        Count { pooled, accesses: self.input_places(seen) + self.output_places(), ..Count::default() }
    }

    /// As a skip connection, a copy: one read and one write for each element.
    pub fn skip(&self) -> Count {
        let reads = (self.inputs * self.height * self.width * self.stride * self.stride) as u64;
        Count { accesses: reads + self.output_places(), ..Count::default() }
    }

    /// A pooling of the same shape.
    #[must_use]
    pub fn by_channel(self) -> Self {
        Self { inputs: self.outputs, groups: self.outputs, ..self }
    }
}

/// Layers with filters no smaller than the stride, so that all of the input is looked at.
pub fn layers(strides: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Layer> {
    let odd = || (0usize..=2).prop_map(|n| 2 * n + 1);
    (1usize..=4, 1usize..=4, odd(), odd(), 1usize..=3, 1usize..=3, 1usize..=2, strides).prop_map(
        |(height, width, filter_height, filter_width, inputs, outputs, groups, stride)| {
            let grow = |f: usize| if f < stride { 3 } else { f };
            Layer {
                height,
                width,
                filter_height: grow(filter_height),
                filter_width: grow(filter_width),
                inputs: inputs * groups,
                outputs: outputs * groups,
                groups,
                stride,
            }
        },
    )
}

/// The operations of the search space (appendix G.1) on `channels` channels and maps of this size, stride 1, as the layers they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// Nothing.
    None,
    /// A copy.
    Skip,
    /// 3×3 pooling.
    Pool,
    /// Dilated separable convolution, of this size.
    Dilated(usize),
    /// Separable convolution, of this size, applied twice.
    Separable(usize),
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Skip,
        Self::Pool,
        Self::Dilated(3),
        Self::Dilated(5),
        Self::Separable(3),
        Self::Separable(5),
    ];

    /// Those with parameters.
    pub const CONVOLUTIONS: [Self; 4] = [Self::Dilated(3), Self::Separable(3), Self::Dilated(5), Self::Separable(5)];

    /// What it does. Dilation moves the places a filter looks at and changes no count; a padded place is counted as one looked at.
    pub fn count(self, channels: usize, size: usize) -> Count {
        let layer = |filter: usize, groups: usize| Layer {
            height: size,
            width: size,
            filter_height: filter,
            filter_width: filter,
            inputs: channels,
            outputs: channels,
            groups,
            stride: 1,
        };
        let mut total = Count::default();
        let mut separable = |filter: usize, times: usize| {
            for _ in 0..times {
                total += layer(filter, channels).convolution();
                total += layer(1, 1).convolution();
            }
        };
        match self {
            Self::None => {}
            Self::Skip => total += layer(1, 1).skip(),
            Self::Pool => total += layer(3, channels).pooling(),
            Self::Dilated(filter) => separable(filter, 1),
            Self::Separable(filter) => separable(filter, 2),
        }
        total
    }
}
