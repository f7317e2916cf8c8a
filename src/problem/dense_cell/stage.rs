//! ReLU, convolution, batch normalisation: what every convolution of the cell is made of.
//!
//! The convolution is an optional depthwise correlation followed by a full one; a separable or dilated convolution mixes the channels with
//! a 1×1 window, the stem is a full 3×3 without ReLU, the preprocessing of a cell a full 1×1. ReLU'(0) = 0.

use super::{
    plane::{PLANE, Padded, Times, Window, correlate, tap_products, transpose},
    vectorised::vectorised,
};
use crate::{
    cost::normalisation::slice::{Statistics, normalise, pull_back},
    linalg::Real,
};

/// The shape of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stage {
    pub(super) relu: bool,
    pub(super) depthwise: Option<Window>,
    pub(super) mix: Window,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

/// What the pull-back of a stage remembers.
#[derive(Debug, Clone)]
pub(super) struct StageTape<X> {
    /// The input of the full convolution, where it is not the rectified input of the stage itself.
    spatial: Vec<X>,
    pub(super) output: Vec<X>,
    statistics: Vec<Statistics<X>>,
}

#[inline(always)]
fn rectified<X: Real>(relu: bool, x: X) -> X {
    if relu && x.value() <= 0.0 { X::zero() } else { x }
}

impl Stage {
    /// The number of weights: the depthwise taps `[channel][v][u]`, then the full ones `[output][input][v][u]`.
    pub(super) fn weight_count(self) -> usize {
        self.depthwise_weights() + self.outputs * self.inputs * self.mix.taps()
    }

    fn depthwise_weights(self) -> usize {
        self.depthwise.map_or(0, |window| self.inputs * window.taps())
    }

    /// The number of inputs that one output pixel is a sum of, weight by weight.
    pub(super) fn fan_in(self) -> [(usize, usize); 2] {
        let depthwise = self.depthwise.map_or(1, Window::taps);
        [
            (self.depthwise_weights(), depthwise),
            (self.weight_count() - self.depthwise_weights(), self.inputs * self.mix.taps()),
        ]
    }

    pub(super) fn forward<W: Real, X: Times<W>>(self, weights: &[W], x: &[X], epsilon: f64) -> StageTape<X> {
        let examples = x.len() / (self.inputs * PLANE);
        let (taps, mixing) = weights.split_at(self.depthwise_weights());
        let mut spatial = vec![X::zero(); if self.depthwise.is_some() { x.len() } else { 0 }];
        if let Some(window) = self.depthwise {
            vectorised(
                #[inline(always)]
                || {
                    let mut padded = [Padded::new(window.reach())];
                    for (plane, (x, out)) in x.chunks_exact(PLANE).zip(spatial.chunks_exact_mut(PLANE)).enumerate() {
                        let taps = &taps[plane / examples * window.taps()..][..window.taps()];
                        padded[0].fill(x, |x| rectified(self.relu, x));
                        correlate(window, taps, &padded, out);
                    }
                },
            );
        }
        let (relu, input) = if self.depthwise.is_some() { (false, &spatial[..]) } else { (self.relu, x) };
        let mut convolved = vec![X::zero(); self.outputs * examples * PLANE];
        mix(self.mix, self.inputs, mixing, input, |x| rectified(relu, x), &mut convolved);
        let mut output = vec![X::zero(); convolved.len()];
        let channel = examples * PLANE;
        let statistics = vectorised(
            #[inline(always)]
            || {
                convolved
                    .chunks_exact(channel)
                    .zip(output.chunks_exact_mut(channel))
                    .map(|(x, out)| normalise(x, epsilon, out))
                    .collect()
            },
        );
        StageTape { spatial, output, statistics }
    }

    /// Adds the pull-back of `g` to the weights to `gradient`; returns the one to the input when `wanted`.
    pub(super) fn backward<W: Real, X: Real, G: Times<W> + Times<X>>(
        self,
        weights: &[W],
        x: &[X],
        tape: &StageTape<X>,
        g: &[G],
        gradient: &mut [G],
        wanted: bool,
    ) -> Option<Vec<G>> {
        let g = pull_back_channels(&tape.output, &tape.statistics, g);
        let examples = g.len() / (self.outputs * PLANE);
        let (taps, mixing) = weights.split_at(self.depthwise_weights());
        let (taps_gradient, mixing_gradient) = gradient.split_at_mut(self.depthwise_weights());

        let (relu, input) = if self.depthwise.is_some() { (false, &tape.spatial[..]) } else { (self.relu, x) };
        vectorised(
            #[inline(always)]
            || {
                let mut padded = Padded::new(self.mix.reach());
                let n = self.mix.taps();
                for (plane, x) in input.chunks_exact(PLANE).enumerate() {
                    let (i, b) = (plane / examples, plane % examples);
                    padded.fill(x, |x| rectified(relu, x));
                    for o in 0..self.outputs {
                        let g = &g[(o * examples + b) * PLANE..][..PLANE];
                        tap_products(self.mix, &padded, g, &mut mixing_gradient[(o * self.inputs + i) * n..][..n]);
                    }
                }
            },
        );
        if !wanted && self.depthwise.is_none() {
            return None;
        }
        let mut pulled = vec![G::zero(); input.len()];
        mix(self.mix, self.outputs, &transpose(self.mix, mixing, self.inputs), &g, |g| g, &mut pulled);

        if let Some(window) = self.depthwise {
            let (n, flipped) = (window.taps(), taps.iter().rev().copied().collect::<Vec<_>>());
            vectorised(
                #[inline(always)]
                || {
                    let mut padded = Padded::new(window.reach());
                    let mut padded_g = [Padded::new(window.reach())];
                    for (plane, (x, g)) in x.chunks_exact(PLANE).zip(pulled.chunks_exact_mut(PLANE)).enumerate() {
                        let c = plane / examples;
                        padded.fill(x, |x| rectified(self.relu, x));
                        tap_products(window, &padded, g, &mut taps_gradient[c * n..][..n]);
                        if wanted {
                            padded_g[0].fill(g, |g| g);
                            // All taps reversed are the channels reversed, each with its window turned by 180°.
                            correlate(window, &flipped[(self.inputs - 1 - c) * n..][..n], &padded_g, g);
                        }
                    }
                },
            );
        }
        if !wanted {
            return None;
        }
        if self.relu {
            for (g, x) in pulled.iter_mut().zip(x) {
                if x.value() <= 0.0 {
                    *g = G::zero();
                }
            }
        }
        Some(pulled)
    }
}

/// The full convolution: each output channel is the sum of the correlations of all `inputs` channels.
fn mix<W: Real, X: Times<W>>(
    window: Window,
    inputs: usize,
    taps: &[W],
    x: &[X],
    f: impl Fn(X) -> X + Copy,
    out: &mut [X],
) {
    let examples = x.len() / (inputs * PLANE);
    vectorised(
        #[inline(always)]
        || {
            let mut padded = vec![Padded::new(window.reach()); inputs];
            for b in 0..examples {
                for (i, padded) in padded.iter_mut().enumerate() {
                    padded.fill(&x[(i * examples + b) * PLANE..][..PLANE], f);
                }
                for (o, taps) in taps.chunks_exact(inputs * window.taps()).enumerate() {
                    correlate(window, taps, &padded, &mut out[(o * examples + b) * PLANE..][..PLANE]);
                }
            }
        },
    );
}

/// The pull-back of batch normalisation, channel by channel.
pub(super) fn pull_back_channels<X: Real, G: Times<X>>(output: &[X], statistics: &[Statistics<X>], g: &[G]) -> Vec<G> {
    let channel = g.len() / statistics.len();
    let mut pulled = vec![G::zero(); g.len()];
    vectorised(
        #[inline(always)]
        || {
            for (c, statistics) in statistics.iter().enumerate() {
                let range = c * channel..(c + 1) * channel;
                pull_back(&output[range.clone()], statistics, &g[range.clone()], &mut pulled[range]);
            }
        },
    );
    pulled
}
