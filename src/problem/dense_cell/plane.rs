//! One channel of one image: correlation with a window, and its derivatives.
//!
//! Feature maps are stored `[channel][example][pixel]`, so a channel is contiguous (batch normalisation sees one slice) and so is the plane
//! of 8×8 pixels, which a convolution reads many times and which, even with its derivatives, fits the first-level cache.
//!
//! Every kernel is bilinear in its two factors. Each factor has its own scalar type, so that a factor which does not depend on the
//! perturbed weights stays an `f64` while the other carries derivatives.

use std::ops::Mul;

use crate::linalg::Real;

/// Pixels a side.
pub(super) const SIDE: usize = 8;
/// Pixels.
pub(super) const PLANE: usize = SIDE * SIDE;

/// A scalar that may be multiplied by `W`.
pub(super) trait Times<W>: Real + Mul<W, Output = Self> {}
impl<W, T: Real + Mul<W, Output = T>> Times<W> for T {}

/// A square window of odd `size`, its taps `dilation` pixels apart, padded so that the output has the size of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) size: usize,
    pub(super) dilation: usize,
}

impl Window {
    /// The 1×1 window.
    pub(super) const POINT: Self = Self { size: 1, dilation: 1 };

    pub(super) fn taps(self) -> usize {
        self.size * self.size
    }

    /// How far the window reaches from its centre, the width of the padding.
    pub(super) fn reach(self) -> usize {
        self.dilation * (self.size / 2)
    }
}

/// A plane with a border of zeros.
#[derive(Debug, Clone)]
pub(super) struct Padded<T> {
    width: usize,
    reach: usize,
    cells: Vec<T>,
}

impl<T: Real> Padded<T> {
    pub(super) fn new(reach: usize) -> Self {
        let width = SIDE + 2 * reach;
        Self { width, reach, cells: vec![T::zero(); width * width] }
    }

    /// Fills the interior with `f` of the pixels.
    #[inline(always)]
    pub(super) fn fill(&mut self, plane: &[T], f: impl Fn(T) -> T) {
        let interior = self.cells[self.reach * self.width..].chunks_exact_mut(self.width);
        for (cells, row) in interior.zip(plane.chunks_exact(SIDE)) {
            for (cell, &x) in cells[self.reach..self.reach + SIDE].iter_mut().zip(row) {
                *cell = f(x);
            }
        }
    }

    /// The pixels under tap `(v, u)` of the window when it is centred on row `y`.
    #[inline(always)]
    fn under(&self, window: Window, y: usize, v: usize, u: usize) -> &[T; SIDE] {
        let start = (y + v * window.dilation) * self.width + u * window.dilation;
        self.cells[start..].first_chunk().expect("the padding is as wide as the window reaches")
    }
}

/// Adds $a_ib_i$ to each sum. Written out, for a loop over pixels is vectorised across them, gathering numbers that carry derivatives apart;
/// without it each such number stays in one register.
#[inline(always)]
fn add_products<A: Times<B>, B: Copy>(sums: &mut [A; SIDE], a: &[A; SIDE], b: &[B; SIDE]) {
    sums[0] += a[0] * b[0];
    sums[1] += a[1] * b[1];
    sums[2] += a[2] * b[2];
    sums[3] += a[3] * b[3];
    sums[4] += a[4] * b[4];
    sums[5] += a[5] * b[5];
    sums[6] += a[6] * b[6];
    sums[7] += a[7] * b[7];
}

/// `out` becomes the sum over the inputs of their correlation with their taps, `taps[input][v][u]`.
#[inline(always)]
pub(super) fn correlate<W: Copy, X: Times<W>>(window: Window, taps: &[W], inputs: &[Padded<X>], out: &mut [X]) {
    for (y, out) in out.chunks_exact_mut(SIDE).enumerate() {
        let mut row = [X::zero(); SIDE];
        for (taps, input) in taps.chunks_exact(window.taps()).zip(inputs) {
            for (t, &w) in taps.iter().enumerate() {
                let x = input.under(window, y, t / window.size, t % window.size);
                add_products(&mut row, x, &[w; SIDE]);
            }
        }
        out.copy_from_slice(&row);
    }
}

/// Adds to each tap's sum the inner product of `g` with the pixels under that tap: the pull-back of [`correlate`] to its taps.
#[inline(always)]
pub(super) fn tap_products<X: Real, G: Times<X>>(window: Window, input: &Padded<X>, g: &[G], sums: &mut [G]) {
    for (t, sum) in sums.iter_mut().enumerate() {
        let mut row = [G::zero(); SIDE];
        for (y, g) in g.as_chunks().0.iter().enumerate() {
            add_products(&mut row, g, input.under(window, y, t / window.size, t % window.size));
        }
        for &part in &row {
            *sum += part;
        }
    }
}

/// The taps that pull a cotangent back to the inputs: `[output][input][v][u]` becomes `[input][output][-v][-u]`.
pub(super) fn transpose<W: Copy>(window: Window, taps: &[W], inputs: usize) -> Vec<W> {
    let n = window.taps();
    let outputs = taps.len() / (inputs * n).max(1);
    let tap = |i: usize, o: usize, t: usize| taps[(o * inputs + i) * n + (n - 1 - t)];
    (0..inputs).flat_map(|i| (0..outputs).flat_map(move |o| (0..n).map(move |t| tap(i, o, t)))).collect()
}
