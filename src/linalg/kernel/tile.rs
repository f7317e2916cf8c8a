//! A matrix of inner products, multiplied a tile at a time.

use ndarray::Array2;
use pulp::Simd;

use super::prefetch::Ahead;

/// Sums in the making: tiles of $T\times T$ inner products, each sum a register wide.
pub(super) struct Tiles<V: Simd, const T: usize> {
    simd: V,
    height: usize,
    width: usize,
    /// Rows with themselves: only what is on and above the diagonal.
    upper: bool,
    /// The tiles by their place in the matrix, in tiles.
    places: Vec<(usize, usize)>,
    sums: Vec<[[V::f64s; T]; T]>,
    /// What the coordinates that fill no register add.
    rest: Array2<f64>,
}

impl<V: Simd, const T: usize> Tiles<V, T> {
    /// A matrix of this shape, all of it or what is on and above the diagonal.
    #[inline(always)]
    pub fn new(simd: V, height: usize, width: usize, upper: bool) -> Self {
        let columns = |i: usize| if upper { i } else { 0 }..width.div_ceil(T);
        let places: Vec<_> = (0..height.div_ceil(T)).flat_map(|i| columns(i).map(move |j| (i, j))).collect();
        let sums = vec![[[simd.splat_f64s(0.0); T]; T]; places.len()];
        Self { simd, height, width, upper, places, sums, rest: Array2::zeros((height, width)) }
    }

    /// Adds the products of a block of the rows `left` with one of the rows `right`. Meanwhile `ahead`, what is read next, is
    /// asked for evenly: a tile takes its share of it.
    #[inline(always)]
    pub fn add<S: Copy>(&mut self, left: &[&[f64]], right: &[&[f64]], ahead: &[Ahead<S>]) {
        let Self { simd, height, width, upper, places, sums, rest } = self;
        let count = places.len();
        for (t, (&(i, j), sums)) in places.iter().zip(sums).enumerate() {
            let (left, right) = (registers(*simd, left, i * T), registers(*simd, right, j * T));
            // More than two a tile, where there are few tiles, and the multiplication hides nothing anyway.
            let share = &ahead[t * ahead.len() / count..(t + 1) * ahead.len() / count];
            match (share, *upper && i == j) {
                (&[one, other, ..], true) => add::<V, S, T, 2, true>(*simd, left, right, sums, [one, other]),
                (&[one, other, ..], false) => add::<V, S, T, 2, false>(*simd, left, right, sums, [one, other]),
                (_, true) => add::<V, S, T, 1, true>(*simd, left, right, sums, [first(share)]),
                (_, false) => add::<V, S, T, 1, false>(*simd, left, right, sums, [first(share)]),
            }
        }
        let length = left.first().map_or(0, |row| row.len());
        let tail = length / V::F64_LANES * V::F64_LANES;
        if tail < length {
            for &(i, j) in places.iter() {
                for a in i * T..(i * T + T).min(*height) {
                    for b in j * T..(j * T + T).min(*width) {
                        let products = left[a][tail..].iter().zip(&right[b][tail..]).map(|(x, y)| x * y);
                        rest[(a, b)] += products.sum::<f64>();
                    }
                }
            }
        }
    }

    /// The matrix; nothing below the diagonal where only the rest was asked for.
    #[inline(always)]
    pub fn finish(self) -> Array2<f64> {
        let Self { simd, height, width, places, sums, rest: mut out, .. } = self;
        for (&(i, j), sums) in places.iter().zip(&sums) {
            for (a, row) in (i * T..height).zip(sums) {
                for (b, &sum) in (j * T..width).zip(row) {
                    out[(a, b)] += simd.reduce_sum_f64s(sum);
                }
            }
        }
        out
    }
}

/// `K` rows from the given one on, as registers. A tile that sticks out repeats the last row; those sums are not read.
#[inline(always)]
fn registers<'s, V: Simd, const K: usize>(_: V, rows: &[&'s [f64]], from: usize) -> [&'s [V::f64s]; K] {
    std::array::from_fn(|k| V::as_simd_f64s(rows[(from + k).min(rows.len() - 1)]).0)
}

/// What a tile asks for, if anything.
#[inline(always)]
fn first<'s, S>(share: &[Ahead<'s, S>]) -> Ahead<'s, S>
where
    Ahead<'s, S>: Copy,
{
    share.first().copied().unwrap_or(Ahead(&[]))
}

/// Adds to a tile of sums, which stays in registers meanwhile: $2T$ loads feed $T^2$ multiplications. Of a tile on the diagonal of a
/// Gram matrix only the upper half is wanted.
#[inline(always)]
fn add<V: Simd, S, const T: usize, const A: usize, const DIAGONAL: bool>(
    simd: V,
    left: [&[V::f64s]; T],
    right: [&[V::f64s]; T],
    sums: &mut [[V::f64s; T]; T],
    ahead: [Ahead<S>; A],
) {
    let n = left[0].len();
    let (left, right) = (left.map(|row| &row[..n]), right.map(|row| &row[..n]));
    let mut local = *sums;
    for k in 0..n {
        for ahead in &ahead {
            ahead.fetch(k);
        }
        let b: [V::f64s; T] = std::array::from_fn(|j| right[j][k]);
        for i in 0..T {
            let a = if DIAGONAL { b[i] } else { left[i][k] };
            for j in if DIAGONAL { i } else { 0 }..T {
                local[i][j] = simd.mul_add_e_f64s(a, b[j], local[i][j]);
            }
        }
    }
    *sums = local;
}
