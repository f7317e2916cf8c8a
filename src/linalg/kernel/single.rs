//! Inner products of many rows with one vector.

use ndarray::{Array1, ArrayView1};
use pulp::{Arch, Simd, WithSimd};

use super::{STREAM, Scratch, block, block_of, blocks, direct, entries, room};
use crate::linalg::vector::Scalar;

/// Rows read at once: as many streams keep the memory bus busy.
const GROUP: usize = 8;
/// A block of the vector where rows are converted first: it stays in the first-level cache, and the rows in the second.
const BYTES: usize = 16 << 10;

/// $\langle g_i, x\rangle$ for each row, in `f64`.
pub(super) fn single<S: Scalar>(rows: &[ArrayView1<S>], x: &ArrayView1<S>, dim: usize) -> Array1<f64> {
    Arch::new().dispatch(Single { rows, x, dim })
}

struct Single<'a, 'r, S> {
    rows: &'a [ArrayView1<'r, S>],
    x: &'a ArrayView1<'r, S>,
    dim: usize,
}

impl<S: Scalar> WithSimd for Single<'_, '_, S> {
    type Output = Array1<f64>;

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) -> Array1<f64> {
        let Self { rows, x, dim } = self;
        let block = if direct(rows) { STREAM } else { block(1, BYTES) };
        let (mut scratch, mut other) = (Scratch::new(room(rows, block)), Scratch::new(block));
        let mut out = vec![0.0; rows.len()];
        for range in blocks(dim, block) {
            let rows = block_of(rows, &range, scratch.numbers(), block);
            add(simd, &rows, entries(x, &range, other.numbers()), &mut out);
        }
        out.into()
    }
}

/// Adds to each entry of `out` the inner product of a row with `x`.
#[inline(always)]
fn add<V: Simd>(simd: V, rows: &[&[f64]], x: &[f64], out: &mut [f64]) {
    let (x, rest) = V::as_simd_f64s(x);
    for from in (0..rows.len()).step_by(GROUP) {
        // A group that sticks out repeats the last row.
        let group: [&[f64]; GROUP] = std::array::from_fn(|k| rows[(from + k).min(rows.len() - 1)]);
        let registers = group.map(|row| &V::as_simd_f64s(row).0[..x.len()]);
        let mut sums = [simd.splat_f64s(0.0); GROUP];
        for (k, &x) in x.iter().enumerate() {
            for (sum, row) in sums.iter_mut().zip(registers) {
                *sum = simd.mul_add_e_f64s(row[k], x, *sum);
            }
        }
        for ((out, sum), row) in out.iter_mut().skip(from).zip(sums).zip(group) {
            let tail = row[row.len() - rest.len()..].iter().zip(rest).map(|(g, x)| g * x).sum::<f64>();
            *out += simd.reduce_sum_f64s(sum) + tail;
        }
    }
}
