//! Inner products of many rows with many vectors, and of rows with each other.

use std::ops::Range;

use ndarray::{Array2, ArrayView1, Axis};
use pulp::{Arch, Simd, WithSimd};

use super::{Scratch, block, block_of, blocks, prefetch::Ahead, room, single::single, tile::Tiles};
use crate::linalg::vector::Scalar;

/// A block of both factors: it stays in the second-level cache, packed and as it came, beside the next one which is on its way there.
const BYTES: usize = 256 << 10;
/// The rows of a block that make one tile: they stay in the first-level cache.
const TILE: usize = 36 << 10;

/// $GG^\top$ for the rows $g_i$, in `f64`; only the tiles on and above the diagonal are computed.
pub(crate) fn gram<S: Scalar>(rows: &[ArrayView1<S>], dim: usize) -> Array2<f64> {
    gram_and_products(rows, &[], dim).0
}

/// $GG^\top$ and $\langle g_i, x_j\rangle$ in one pass over the rows.
pub(in crate::linalg) fn gram_and_products<S: Scalar>(
    rows: &[ArrayView1<S>],
    xs: &[ArrayView1<S>],
    dim: usize,
) -> (Array2<f64>, Array2<f64>) {
    let (mut gram, products) = Arch::new().dispatch(Products { rows, xs, gram: true, dim });
    for i in 0..rows.len() {
        for j in 0..i {
            gram[(i, j)] = gram[(j, i)];
        }
    }
    (gram, products)
}

/// $\langle g_i, x_j\rangle$ as an $N\times k$ matrix, in `f64`.
pub(crate) fn products<S: Scalar>(rows: &[ArrayView1<S>], xs: &[ArrayView1<S>], dim: usize) -> Array2<f64> {
    match xs {
        [x] => single(rows, x, dim).insert_axis(Axis(1)),
        _ => Arch::new().dispatch(Products { rows, xs, gram: false, dim }).1,
    }
}

struct Products<'a, 'r, S> {
    rows: &'a [ArrayView1<'r, S>],
    xs: &'a [ArrayView1<'r, S>],
    /// Whether the rows are multiplied with each other too.
    gram: bool,
    dim: usize,
}

impl<S: Scalar> WithSimd for Products<'_, '_, S> {
    type Output = (Array2<f64>, Array2<f64>);

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) -> Self::Output {
        // As many sums as the registers hold beside T + 1 factors: 32 of them where they are 8 lanes wide, 16 otherwise.
        if V::F64_LANES >= 8 { self.run::<V, 5>(simd) } else { self.run::<V, 3>(simd) }
    }
}

impl<S: Scalar> Products<'_, '_, S> {
    #[inline(always)]
    fn run<V: Simd, const T: usize>(self, simd: V) -> (Array2<f64>, Array2<f64>) {
        let Self { rows, xs, gram, dim } = self;
        let (height, width) = (rows.len(), xs.len());
        let block = block(height + width, BYTES).min(block(2 * T, TILE));
        let mut own = Tiles::<V, T>::new(simd, height, if gram { height } else { 0 }, true, block);
        // A tile for one vector would multiply mostly nothing: it goes through those on the diagonal.
        let narrow = gram && width == 1;
        let mut others = Tiles::<V, T>::new(simd, height, if narrow { 0 } else { width }, false, block);
        let (mut scratch, mut other) = (Scratch::new(room(rows, block)), Scratch::new(room(xs, block)));
        for range in blocks(dim, block) {
            let ahead = ahead(rows, range.end..(range.end + block).min(dim));
            let left = block_of(rows, &range, scratch.numbers(), block);
            let right = block_of(xs, &range, other.numbers(), block);
            if gram {
                own.add(&left, &left, right.first().copied().filter(|_| narrow), &ahead);
            }
            if !narrow {
                others.add(&left, &right, None, if gram { &[] } else { &ahead });
            }
        }
        let ((gram, column), (products, _)) = (own.finish(), others.finish());
        (gram, if narrow { Array2::from_shape_fn((height, 1), |(i, _)| column[i]) } else { products })
    }
}

/// The rows in `range`, to be read soon. A row with a stride is left alone.
#[inline(always)]
fn ahead<'s, S: Scalar>(rows: &'s [ArrayView1<S>], range: Range<usize>) -> Vec<Ahead<'s, S>> {
    rows.iter().map(|row| Ahead(row.as_slice().map_or(&[][..], |row| &row[range.clone()]))).collect()
}
