//! What stands on an edge, in front of a cell or at the stem: a map with weights, its tape and its pull-back.

use super::{
    operation::Operation,
    plane::{Times, Window},
    pool::{Pool, PoolTape},
    stage::{Stage, StageTape},
};
use crate::linalg::Real;

/// A map between feature maps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layer {
    Skip,
    Pool(Pool),
    Stages(Vec<Stage>),
}

/// What a pull-back remembers.
#[derive(Debug, Clone)]
pub(super) enum Tape<X> {
    Skip(Vec<X>),
    Pool(PoolTape<X>),
    Stages(Vec<StageTape<X>>),
}

impl<X> Tape<X> {
    /// The output of the layer.
    pub(super) fn output(&self) -> &[X] {
        match self {
            Self::Skip(output) => output,
            Self::Pool(tape) => &tape.output,
            Self::Stages(tapes) => tapes.last().map_or(&[], |tape| &tape.output),
        }
    }
}

impl Layer {
    /// Convolution 3×3 of the image and batch normalisation.
    pub(super) fn stem(channels: usize) -> Self {
        let mix = Window { size: 3, dilation: 1 };
        Self::Stages(vec![Stage { relu: false, depthwise: None, mix, inputs: 1, outputs: channels }])
    }

    /// ReLU, convolution 1×1 to the width of the cell, batch normalisation.
    pub(super) fn preprocessing(inputs: usize, channels: usize) -> Self {
        Self::Stages(vec![Stage { relu: true, depthwise: None, mix: Window::POINT, inputs, outputs: channels }])
    }

    /// The operation; `None` for the zero map, which needs no layer.
    pub(super) fn operation(operation: Operation, channels: usize) -> Option<Self> {
        let stages = |repeats, size, dilation| {
            let depthwise = Some(Window { size, dilation });
            let stage = Stage { relu: true, depthwise, mix: Window::POINT, inputs: channels, outputs: channels };
            Some(Self::Stages(vec![stage; repeats]))
        };
        match operation {
            Operation::None => None,
            Operation::SkipConnect => Some(Self::Skip),
            Operation::MaxPool3x3 => Some(Self::Pool(Pool::Max)),
            Operation::AvgPool3x3 => Some(Self::Pool(Pool::Average)),
            Operation::SepConv3x3 => stages(2, 3, 1),
            Operation::DilConv3x3 => stages(1, 3, 2),
            Operation::DilConv5x5 => stages(1, 5, 2),
            Operation::SepConv5x5 => stages(2, 5, 1),
        }
    }

    pub(super) fn weight_count(&self) -> usize {
        match self {
            Self::Stages(stages) => stages.iter().map(|stage| stage.weight_count()).sum(),
            _ => 0,
        }
    }

    /// Runs of weights with their fan-in, in the order of the weights.
    pub(super) fn fan_in(&self) -> Vec<(usize, usize)> {
        match self {
            Self::Stages(stages) => stages.iter().flat_map(|stage| stage.fan_in()).collect(),
            _ => Vec::new(),
        }
    }

    /// `channels` is the number of channels of `x`.
    pub(super) fn forward<W: Real, X: Times<W>>(
        &self,
        weights: &[W],
        x: &[X],
        channels: usize,
        epsilon: f64,
    ) -> Tape<X> {
        match self {
            Self::Skip => Tape::Skip(x.to_vec()),
            Self::Pool(pool) => Tape::Pool(pool.forward(x, channels, epsilon)),
            Self::Stages(stages) => {
                let (mut tapes, mut rest) = (Vec::<StageTape<X>>::with_capacity(stages.len()), weights);
                for stage in stages {
                    let (weights, after) = rest.split_at(stage.weight_count());
                    let tape = stage.forward(weights, tapes.last().map_or(x, |tape| &tape.output), epsilon);
                    tapes.push(tape);
                    rest = after;
                }
                Tape::Stages(tapes)
            }
        }
    }

    /// Adds the pull-back of `g` to the weights to `gradient`; returns the one to the input when `wanted`.
    ///
    /// # Panics
    /// When `tape` is another layer's.
    pub(super) fn backward<W: Real, X: Real, G: Times<W> + Times<X>>(
        &self,
        weights: &[W],
        x: &[X],
        tape: &Tape<X>,
        g: &[G],
        gradient: &mut [G],
        wanted: bool,
    ) -> Option<Vec<G>> {
        match (self, tape) {
            (Self::Skip, Tape::Skip(_)) => wanted.then(|| g.to_vec()),
            (Self::Pool(pool), Tape::Pool(tape)) => wanted.then(|| pool.backward(tape, g)),
            (Self::Stages(stages), Tape::Stages(tapes)) => {
                let (mut g, mut end) = (g.to_vec(), self.weight_count());
                for (i, (stage, tape)) in stages.iter().zip(tapes).enumerate().rev() {
                    let range = end - stage.weight_count()..end;
                    end = range.start;
                    let x = if i == 0 { x } else { &tapes[i - 1].output };
                    let gradient = &mut gradient[range.clone()];
                    g = stage.backward(&weights[range], x, tape, &g, gradient, wanted || i > 0)?;
                }
                Some(g)
            }
            _ => unreachable!("a tape is only ever handed back to the layer that wrote it"),
        }
    }
}
