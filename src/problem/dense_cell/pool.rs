//! 3×3 pooling of stride 1, then batch normalisation.
//!
//! The border is not part of the image: a maximum never sees it and a mean divides by the pixels that are there. Of equal pixels the first in
//! scan order is the maximum, as in PyTorch. Ties do happen (digits have empty margins, and equal neighbourhoods give equal features), but
//! only between pixels that are the same function of the weights, so no derivative depends on the rule.

use super::{
    plane::{PLANE, SIDE, Times},
    stage::pull_back_channels,
};
use crate::{
    cost::normalisation::slice::{Statistics, normalise},
    linalg::Real,
};

/// Which pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    Max,
    Average,
}

/// What the pull-back of a pooling remembers.
#[derive(Debug, Clone)]
pub(super) struct PoolTape<X> {
    /// The pixel of the plane that each maximum was found at.
    argmax: Vec<u8>,
    pub(super) output: Vec<X>,
    statistics: Vec<Statistics<X>>,
}

/// The pixels of the image in the window around pixel `p`, in scan order.
fn window(p: usize) -> impl Iterator<Item = usize> {
    let near = |c: usize| c.saturating_sub(1)..(c + 2).min(SIDE);
    near(p / SIDE).flat_map(move |y| near(p % SIDE).map(move |x| y * SIDE + x))
}

impl Pool {
    pub(super) fn forward<X: Real>(self, x: &[X], channels: usize, epsilon: f64) -> PoolTape<X> {
        let mut pooled = Vec::with_capacity(x.len());
        let mut argmax = Vec::new();
        for plane in x.chunks_exact(PLANE) {
            for p in 0..PLANE {
                match self {
                    Self::Max => {
                        let first = window(p).next().unwrap_or(p);
                        let best =
                            window(p).fold(first, |a, q| if plane[q].value() > plane[a].value() { q } else { a });
                        argmax.push(best as u8);
                        pooled.push(plane[best]);
                    }
                    Self::Average => {
                        let mut sum = X::zero();
                        window(p).for_each(|q| sum += plane[q]);
                        pooled.push(sum * (1.0 / window(p).count() as f64));
                    }
                }
            }
        }
        let channel = x.len() / channels;
        let mut output = vec![X::zero(); x.len()];
        let statistics = pooled
            .chunks_exact(channel)
            .zip(output.chunks_exact_mut(channel))
            .map(|(x, out)| normalise(x, epsilon, out))
            .collect();
        PoolTape { argmax, output, statistics }
    }

    pub(super) fn backward<X: Real, G: Times<X>>(self, tape: &PoolTape<X>, g: &[G]) -> Vec<G> {
        let g = pull_back_channels(&tape.output, &tape.statistics, g);
        let mut pulled = vec![G::zero(); g.len()];
        for (start, (g, pulled)) in g.chunks_exact(PLANE).zip(pulled.chunks_exact_mut(PLANE)).enumerate() {
            for (p, &g) in g.iter().enumerate() {
                match self {
                    Self::Max => pulled[usize::from(tape.argmax[start * PLANE + p])] += g,
                    Self::Average => {
                        let share = g * (1.0 / window(p).count() as f64);
                        window(p).for_each(|q| pulled[q] += share);
                    }
                }
            }
        }
        pulled
    }
}
