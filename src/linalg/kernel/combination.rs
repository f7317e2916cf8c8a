//! Linear combinations of many rows into a few vectors.

use std::ops::Range;

use ndarray::{Array2, ArrayView1};
use pulp::{Arch, Simd, WithSimd};

use super::{STREAM, Scratch, block, block_of, blocks, direct, room};
use crate::linalg::vector::Scalar;

/// Rows added to an accumulator in one sweep: the accumulator is then loaded and stored once for that many rows.
const GROUP: usize = 8;
/// A block of the rows, reread from cache for every vector but the first.
const BYTES: usize = 512 << 10;
/// The accumulator of a block that is reread stays in the first-level cache.
const LONGEST: usize = 2048;

/// Each $y_j$ becomes $a\,y_j + \sum_i c_{ij}\,g_i$, summed in `f64` and rounded once to the precision of $y_j$, which may be another than that of the rows.
/// What $y_j$ held does not matter when $a = 0$.
pub(crate) fn combine<S: Scalar, T: Scalar>(rows: &[ArrayView1<S>], c: &Array2<f64>, a: f64, ys: &mut [&mut [T]]) {
    let dim = ys.first().map_or(0, |y| y.len());
    each(rows, c, a, dim, ys);
}

/// $a\,v_j + \sum_i c_{ij}\,g_i$, as [`combine`] makes it, in new memory that is written once.
pub(in crate::linalg) fn combined<S: Scalar>(
    rows: &[ArrayView1<S>],
    c: &Array2<f64>,
    a: f64,
    vs: &[&[S]],
) -> Vec<Vec<S>> {
    let dim = vs.first().map_or(0, |v| v.len());
    let mut sums: Vec<_> = vs.iter().map(|from| Fresh { from, into: Vec::with_capacity(dim) }).collect();
    each(rows, c, a, dim, &mut sums);
    sums.into_iter().map(|sum| sum.into).collect()
}

/// Where a combination starts from and where it goes, in the order of the coordinates.
trait Sum<S> {
    fn start(&self, range: &Range<usize>) -> &[S];
    fn set(&mut self, range: Range<usize>, sum: impl Iterator<Item = S>);
}

impl<S> Sum<S> for &mut [S] {
    fn start(&self, range: &Range<usize>) -> &[S] {
        &self[range.clone()]
    }

    fn set(&mut self, range: Range<usize>, sum: impl Iterator<Item = S>) {
        self[range].iter_mut().zip(sum).for_each(|(y, sum)| *y = sum);
    }
}

struct Fresh<'a, S> {
    from: &'a [S],
    into: Vec<S>,
}

impl<S> Sum<S> for Fresh<'_, S> {
    fn start(&self, range: &Range<usize>) -> &[S] {
        &self.from[range.clone()]
    }

    fn set(&mut self, _: Range<usize>, sum: impl Iterator<Item = S>) {
        self.into.extend(sum);
    }
}

/// Both: block after block, each summed into a scratch buffer and handed over.
fn each<S: Scalar, T: Scalar>(rows: &[ArrayView1<S>], c: &Array2<f64>, a: f64, dim: usize, ys: &mut [impl Sum<T>]) {
    let block = if ys.len() == 1 && direct(rows) { STREAM } else { block(rows.len(), BYTES).min(LONGEST) };
    let (mut scratch, mut sum) = (Scratch::new(room(rows, block)), Scratch::new(block));
    for range in blocks(dim, block) {
        let rows = block_of(rows, &range, scratch.numbers(), block);
        let sum = &mut sum.numbers()[..range.len()];
        for (j, y) in ys.iter_mut().enumerate() {
            let c = c.column(j);
            Arch::new().dispatch(Block { rows: &rows, c, a, sum, start: y.start(&range) });
            y.set(range.clone(), sum.iter().map(|&sum| T::of(sum)));
        }
    }
}

/// Each of the first $l$ $y_j$ becomes $\sum_i c_{ij}\,y_i$, $c$ being $k\times l$: one block of all at a time is copied, and then written over.
pub(in crate::linalg) fn transform<S: Scalar>(ys: &mut [&mut [S]], c: &Array2<f64>) {
    let Some(dim) = ys.first().map(|y| y.len()) else { return };
    let block = block(ys.len(), BYTES).min(LONGEST);
    let mut old = vec![0.0; ys.len() * block];
    let mut sum = vec![0.0; block];
    for range in blocks(dim, block) {
        for (old, y) in old.chunks_exact_mut(block).zip(ys.iter()) {
            old.iter_mut().zip(&y[range.clone()]).for_each(|(old, y)| *old = y.as_f64());
        }
        let rows: Vec<&[f64]> = old.chunks_exact(block).map(|row| &row[..range.len()]).collect();
        let sum = &mut sum[..range.len()];
        for (c, y) in c.columns().into_iter().zip(ys.iter_mut()) {
            Arch::new().dispatch(Block { rows: &rows, c, a: 0.0, sum, start: &y[range.clone()] });
            y.set(range.clone(), sum.iter().map(|&sum| S::of(sum)));
        }
    }
}

struct Block<'a, S> {
    rows: &'a [&'a [f64]],
    c: ArrayView1<'a, f64>,
    a: f64,
    sum: &'a mut [f64],
    start: &'a [S],
}

impl<S: Scalar> WithSimd for Block<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let Self { rows, c, a, sum, start } = self;
        if a == 0.0 {
            sum.fill(0.0);
        } else {
            for (sum, start) in sum.iter_mut().zip(start) {
                *sum = a * start.as_f64();
            }
        }
        for from in (0..rows.len()).step_by(GROUP) {
            // A group that sticks out repeats the last row, as often as it likes, with nothing.
            let last = rows.len() - 1;
            let group = std::array::from_fn(|k| rows[(from + k).min(last)]);
            add(simd, std::array::from_fn(|k| if from + k <= last { c[from + k] } else { 0.0 }), group, sum);
        }
    }
}

/// `sum` becomes $\text{sum} + \sum_k c_k\,\text{row}_k$.
#[inline(always)]
fn add<V: Simd>(simd: V, c: [f64; GROUP], rows: [&[f64]; GROUP], sum: &mut [f64]) {
    let splat = c.map(|c| simd.splat_f64s(c));
    let (sum, rest) = V::as_mut_simd_f64s(sum);
    let whole = sum.len() * V::F64_LANES;
    let registers = rows.map(|row| &V::as_simd_f64s(row).0[..sum.len()]);
    for (k, sum) in sum.iter_mut().enumerate() {
        for (c, row) in splat.into_iter().zip(registers) {
            *sum = simd.mul_add_e_f64s(c, row[k], *sum);
        }
    }
    for (k, sum) in rest.iter_mut().enumerate() {
        for (c, row) in c.into_iter().zip(rows) {
            *sum = c.mul_add(row[whole + k], *sum);
        }
    }
}
