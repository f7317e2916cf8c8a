//! What cells are put into, and what that makes of each of them.

use super::{Cell, CellKind, Settings, operation::Window};

/// What surrounds the cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skeleton {
    /// Stem (convolution 3×3, BN); cells that read the two cells before them (one with a single input the last), each input preprocessed to the
    /// cell's channels (ReLU, convolution 1×1, BN; behind a reduction, which the older input does not share, the factorised reduction); the mean
    /// over the image; a linear classifier. Reduction cells double the channels and stand at $\lfloor L/3\rfloor$ and $\lfloor2L/3\rfloor$
    /// of $L$.
    Darts {
        /// Whether there are reduction cells.
        reductions: bool,
    },
    /// Stem (convolution 3×3, BN); three stages of cells, between them residual blocks that halve the resolution and double the channels; BN,
    /// ReLU, the mean over the image, a linear classifier.
    Nb201,
    /// Stem (convolution 3×3, BN, ReLU); cells, of which those at $\lfloor L/3\rfloor$ and $\lfloor2L/3\rfloor$ double the channels and read
    /// through a 2×2 max pooling of stride 2 and padding 1; ReLU, convolution 1×1, BN; the mean over the image; a linear classifier.
    OneShot,
}

/// A cell in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its kind.
    pub kind: CellKind,
    /// The channels of its nodes.
    pub channels: usize,
    /// The channels of what each of its input nodes reads, before preprocessing.
    pub inputs: Vec<usize>,
    /// Whether what each input node reads has twice the resolution of the cell, so that preprocessing halves it.
    pub halved: Vec<bool>,
    /// Height and width at its input nodes, after preprocessing.
    pub size: (usize, usize),
    /// Whether the cell is preceded by what halves the resolution: a residual block of NAS-Bench-201, a max pooling of NAS-Bench-1Shot1.
    pub after_halving: bool,
}

impl Instance {
    /// The stride on an edge from that node.
    pub fn stride(&self, cell: &Cell, from: usize) -> usize {
        if self.kind == CellKind::Reduction && from < cell.inputs { 2 } else { 1 }
    }

    /// Height and width at a node.
    pub fn size_at(&self, cell: &Cell, node: usize) -> (usize, usize) {
        if self.kind == CellKind::Reduction && node >= cell.inputs {
            (self.size.0.div_ceil(2), self.size.1.div_ceil(2))
        } else {
            self.size
        }
    }
}

/// 2×2 windows of stride 2 with padding 1, as NAS-Bench-1Shot1 halves.
pub const ONE_SHOT_HALVING: Window = Window { size: 2, stride: 2, padding: 1, dilation: 1 };

impl Skeleton {
    /// How often the resolution is halved on the way through.
    pub(super) fn halvings(self, settings: &Settings) -> u32 {
        match self {
            Self::Darts { reductions: false } => 0,
            Self::Nb201 => 2,
            _ => (0..settings.cells).filter(|&i| at_a_third(i, settings.cells)).count() as u32,
        }
    }

    /// The cells in the order of the data flow.
    pub(super) fn instances(self, settings: &Settings, cell: &Cell) -> Vec<Instance> {
        match self {
            Self::Darts { reductions } => darts(settings, cell, reductions),
            Self::Nb201 => nb201(settings),
            Self::OneShot => one_shot(settings, cell),
        }
    }
}

/// The published places of the reductions.
fn at_a_third(i: usize, cells: usize) -> bool {
    i == cells / 3 || i == 2 * cells / 3
}

fn darts(settings: &Settings, cell: &Cell, reductions: bool) -> Vec<Instance> {
    let stem = settings.channels * settings.stem_multiplier;
    let mut size = (settings.image.height, settings.image.width);
    let (mut before, mut last, mut channels, mut behind_reduction) = (stem, stem, settings.channels, false);
    let mut out = Vec::with_capacity(settings.cells);
    for i in 0..settings.cells {
        let reduction = reductions && at_a_third(i, settings.cells);
        if reduction {
            channels *= 2;
        }
        let kind = if reduction { CellKind::Reduction } else { CellKind::Normal };
        let (inputs, halved) = match cell.inputs {
            1 => (vec![last], vec![false]),
            _ => (vec![before, last], vec![behind_reduction, false]),
        };
        let instance = Instance { kind, channels, inputs, halved, size, after_halving: false };
        size = instance.size_at(cell, cell.nodes - 1);
        (before, last, behind_reduction) = (last, cell.output.len() * channels, reduction);
        out.push(instance);
    }
    out
}

fn nb201(settings: &Settings) -> Vec<Instance> {
    let mut size = (settings.image.height, settings.image.width);
    let mut out = Vec::with_capacity(3 * settings.cells);
    for stage in 0..3 {
        let channels = settings.channels << stage;
        if stage > 0 {
            size = (size.0 / 2, size.1 / 2);
        }
        for i in 0..settings.cells {
            let after_halving = stage > 0 && i == 0;
            let (inputs, halved) = (vec![channels], vec![false]);
            out.push(Instance { kind: CellKind::Normal, channels, inputs, halved, size, after_halving });
        }
    }
    out
}

fn one_shot(settings: &Settings, cell: &Cell) -> Vec<Instance> {
    let mut size = (settings.image.height, settings.image.width);
    let (mut last, mut channels) = (settings.channels, settings.channels);
    let mut out = Vec::with_capacity(settings.cells);
    for i in 0..settings.cells {
        let after_halving = at_a_third(i, settings.cells);
        if after_halving {
            size = (ONE_SHOT_HALVING.output(size.0), ONE_SHOT_HALVING.output(size.1));
            channels *= 2;
        }
        let (inputs, halved) = (vec![last], vec![false]);
        out.push(Instance { kind: CellKind::Normal, channels, inputs, halved, size, after_halving });
        last = cell.output.len() * channels;
    }
    out
}
