//! The loops that decide the speed on the host, one pass over memory each, vectorised for the processor found at run time.
//!
//! Every kernel computes in `f64`. Panels are walked in blocks of consecutive coordinates, small enough that what is used again stays
//! in cache: then each entry of the panel crosses the memory bus once. Blocks stored in another precision, or with a stride, are
//! converted into a scratch buffer first.

mod combination;
mod inner;
mod level1;
mod prefetch;
mod single;
mod tile;

use std::ops::Range;

use ndarray::ArrayView1;

pub(crate) use combination::combine;
pub(super) use combination::{combined, transform};
pub(super) use inner::gram_and_products;
pub(crate) use inner::{gram, products};
pub(super) use level1::{axpy, dot, max_abs, scale, scale_add};

use super::vector::Scalar;

/// Coordinates in a block of `rows` rows, so that the block takes `bytes` at most and at least some cache lines.
fn block(rows: usize, bytes: usize) -> usize {
    (bytes / 8 / rows.max(1)).clamp(64, 8192) / 64 * 64
}

/// Coordinates in a block of rows that are read once and as they lie. A row starts slowly, until the processor has seen where the
/// reading goes: at 8192 the start is a few per cent, at 2048 a fifth.
const STREAM: usize = 8192;

/// Whether the entries are `f64` side by side.
fn direct<S: Scalar>(rows: &[ArrayView1<S>]) -> bool {
    S::as_f64_slice(&[]).is_some() && rows.iter().all(|row| row.as_slice().is_some())
}

/// The length of a scratch buffer for a block of `rows` rows: none where the entries are [`direct`].
fn room<S: Scalar>(rows: &[ArrayView1<S>], block: usize) -> usize {
    if direct(rows) { 0 } else { rows.len() * block }
}

/// Room for `length` numbers, which begin with a cache line.
struct Scratch(Vec<f64>, Range<usize>);

impl Scratch {
    fn new(length: usize) -> Self {
        let buffer = vec![0.0; length + LINE / size_of::<f64>()];
        let start = buffer.as_ptr().align_offset(LINE);
        Self(buffer, start..start + length)
    }

    fn numbers(&mut self) -> &mut [f64] {
        &mut self.0[self.1.clone()]
    }
}

/// Bytes that come from memory together.
const LINE: usize = 64;

/// The ranges of `block` coordinates that partition `0..dim`, in order. They do not depend on where the rows lie: the same numbers give
/// the same sums, to the last bit.
fn blocks(dim: usize, block: usize) -> impl Iterator<Item = Range<usize>> {
    (0..dim).step_by(block).map(move |start| start..(start + block).min(dim))
}

/// The entries of `row` in `range`, as they lie where they are `f64` side by side, else converted into `scratch`.
#[inline(always)]
fn entries<'s, S: Scalar>(row: &'s ArrayView1<S>, range: &Range<usize>, scratch: &'s mut [f64]) -> &'s [f64] {
    match row.as_slice() {
        Some(slice) => {
            let slice = &slice[range.clone()];
            if let Some(slice) = S::as_f64_slice(slice) {
                return slice;
            }
            for (to, from) in scratch.iter_mut().zip(slice) {
                *to = from.as_f64();
            }
        }
        None => {
            for (to, i) in scratch.iter_mut().zip(range.clone()) {
                *to = row[i].as_f64();
            }
        }
    }
    &scratch[..range.len()]
}

/// [`entries`] of several rows; `scratch` holds a block of each.
#[inline(always)]
fn block_of<'s, S: Scalar>(
    rows: &'s [ArrayView1<S>],
    range: &Range<usize>,
    scratch: &'s mut [f64],
    block: usize,
) -> Vec<&'s [f64]> {
    if scratch.is_empty() {
        return rows.iter().map(|row| entries(row, range, &mut [])).collect();
    }
    rows.iter().zip(scratch.chunks_exact_mut(block)).map(|(row, scratch)| entries(row, range, scratch)).collect()
}
