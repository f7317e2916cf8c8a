//! Inner products of many rows with many vectors, and of rows with each other.

use ndarray::{Array2, ArrayView1};
use pulp::{Arch, Simd, WithSimd};

use super::{
    block, block_of, blocks, room,
    single::single,
    tile::{add_tile, registers},
};
use crate::linalg::vector::Scalar;

/// A block of both factors: it stays in the second-level cache while every tile reads it.
const BYTES: usize = 512 << 10;

/// $GG^\top$ for the rows $g_i$, in `f64`; only the tiles on and above the diagonal are computed.
pub(in crate::linalg) fn gram<S: Scalar>(rows: &[ArrayView1<S>], dim: usize) -> Array2<f64> {
    let mut out = Array2::zeros((rows.len(), rows.len()));
    Arch::new().dispatch(Products { left: rows, right: None, dim, out: &mut out });
    for i in 0..rows.len() {
        for j in 0..i {
            out[(i, j)] = out[(j, i)];
        }
    }
    out
}

/// $\langle g_i, x_j\rangle$ as an $N\times k$ matrix, in `f64`.
pub(in crate::linalg) fn products<S: Scalar>(rows: &[ArrayView1<S>], xs: &[ArrayView1<S>], dim: usize) -> Array2<f64> {
    if let [x] = xs {
        return single(rows, x, dim).insert_axis(ndarray::Axis(1));
    }
    let mut out = Array2::zeros((rows.len(), xs.len()));
    Arch::new().dispatch(Products { left: rows, right: Some(xs), dim, out: &mut out });
    out
}

struct Products<'a, 'r, S> {
    left: &'a [ArrayView1<'r, S>],
    /// `None` for the rows themselves.
    right: Option<&'a [ArrayView1<'r, S>]>,
    dim: usize,
    out: &'a mut Array2<f64>,
}

impl<S: Scalar> WithSimd for Products<'_, '_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        // As many sums as the registers hold: 32 of them where they are 8 lanes wide, 16 otherwise.
        if V::F64_LANES >= 8 { self.run::<V, 4>(simd) } else { self.run::<V, 3>(simd) }
    }
}

impl<S: Scalar> Products<'_, '_, S> {
    #[inline(always)]
    fn run<V: Simd, const T: usize>(self, simd: V) {
        let Self { left: rows, right: columns, dim, out } = self;
        let (height, width) = out.dim();
        let groups = |count: usize| 0..count.div_ceil(T);
        let first = |i: usize| if columns.is_some() { 0 } else { i };
        let tiles: Vec<(usize, usize)> =
            groups(height).flat_map(|i| groups(width).skip(first(i)).map(move |j| (i, j))).collect();
        let mut sums = vec![[[simd.splat_f64s(0.0); T]; T]; tiles.len()];
        let block = block(rows.len() + columns.map_or(0, <[_]>::len), BYTES);
        let (mut scratch, mut other) = (vec![0.0; room(rows, block)], vec![0.0; room(columns.unwrap_or(&[]), block)]);
        for range in blocks(dim, block) {
            let left = block_of(rows, &range, &mut scratch, block);
            let columns = columns.map(|columns| block_of(columns, &range, &mut other, block));
            let right = columns.as_ref().unwrap_or(&left);
            for (&(i, j), sums) in tiles.iter().zip(&mut sums) {
                add_tile(simd, registers(simd, &left, i * T), registers(simd, right, j * T), sums);
            }
            let tail = range.len() / V::F64_LANES * V::F64_LANES;
            if tail < range.len() {
                for &(i, j) in &tiles {
                    for (a, row) in (i * T..height).zip(&left[i * T..]).take(T) {
                        for (b, other) in (j * T..width).zip(&right[j * T..]).take(T) {
                            out[(a, b)] += row[tail..].iter().zip(&other[tail..]).map(|(x, y)| x * y).sum::<f64>();
                        }
                    }
                }
            }
        }
        for (&(i, j), sums) in tiles.iter().zip(&sums) {
            for (a, row) in (i * T..height).zip(sums) {
                for (b, &sum) in (j * T..width).zip(row) {
                    out[(a, b)] += simd.reduce_sum_f64s(sum);
                }
            }
        }
    }
}
