//! A matrix of inner products, multiplied a tile at a time.

use ndarray::Array2;
use pulp::Simd;

use super::{Scratch, prefetch::Ahead};

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
    /// The products of the rows with one vector, and their rest. The tiles on the diagonal make them: they come by every row once, with
    /// it in registers, and need only half of their sums.
    beside: Vec<[V::f64s; T]>,
    beside_rest: Vec<f64>,
    /// A block of rows that are multiplied with themselves: $T$ of them side by side, register by register, beginning with a cache line.
    /// The tiles on the diagonal, which come by every row once, pack it for the others.
    packed: Scratch,
}

impl<V: Simd, const T: usize> Tiles<V, T> {
    /// A matrix of this shape, all of it or what is on and above the diagonal, for blocks of up to `block` coordinates.
    #[inline(always)]
    pub fn new(simd: V, height: usize, width: usize, upper: bool, block: usize) -> Self {
        let columns = |i: usize| if upper { i } else { 0 }..width.div_ceil(T);
        let mut places: Vec<_> = (0..height.div_ceil(T)).flat_map(|i| columns(i).map(move |j| (i, j))).collect();
        if upper {
            // The diagonal first, which packs; the others stay in order.
            places.sort_by_key(|&(i, j)| i != j);
        }
        let packed = Scratch::new(if upper && width > 0 { height.div_ceil(T) * T * block } else { 0 });
        let sums = vec![[[simd.splat_f64s(0.0); T]; T]; places.len()];
        let beside = vec![[simd.splat_f64s(0.0); T]; if upper { height.div_ceil(T) } else { 0 }];
        let (rest, beside_rest) = (Array2::zeros((height, width)), vec![0.0; height]);
        Self { simd, height, width, upper, places, sums, rest, beside, beside_rest, packed }
    }

    /// Adds the products of a block of the rows `left` with one of the rows `right` and, where these are the same rows, with one of
    /// `x`. Meanwhile `ahead`, what is read next, is asked for evenly: a tile takes its share of it.
    #[inline(always)]
    pub fn add<S: Copy>(&mut self, left: &[&[f64]], right: &[&[f64]], x: Option<&[f64]>, ahead: &[Ahead<S>]) {
        let Self { simd, height, width, upper, places, sums, rest, beside, beside_rest, packed } = self;
        let (simd, count) = (*simd, places.len());
        let n = left.first().map_or(0, |row| row.len()) / V::F64_LANES;
        let packed = V::as_mut_simd_f64s(packed.numbers()).0.as_chunks_mut().0;
        for (t, (&(i, j), sums)) in places.iter().zip(sums).enumerate() {
            // More than two a tile, where there are few tiles, and the multiplication hides nothing anyway.
            let share = &ahead[t * ahead.len() / count..(t + 1) * ahead.len() / count];
            let ahead = [0, 1].map(|k| share.get(k).copied().unwrap_or(Ahead(&[])));
            if *upper && i == j {
                let (rows, packed) = (registers(simd, left, i * T), &mut packed[i * n..(i + 1) * n]);
                match x {
                    Some(x) => diagonal(simd, rows, packed, sums, ahead, Some((V::as_simd_f64s(x).0, &mut beside[i]))),
                    None => diagonal(simd, rows, packed, sums, ahead, None),
                }
            } else if *upper {
                let [left, right] = [i, j].map(|i| &packed[i * n..(i + 1) * n]);
                match ahead {
                    [ahead, Ahead(&[])] => add(simd, n, |k| left[k], |k| right[k], sums, [ahead]),
                    _ => add(simd, n, |k| left[k], |k| right[k], sums, ahead),
                }
            } else {
                let left: [&[V::f64s]; T] = registers(simd, left, i * T).map(|row| &row[..n]);
                let right: [&[V::f64s]; T] = registers(simd, right, j * T).map(|row| &row[..n]);
                let left = |k| std::array::from_fn(|j| left[j][k]);
                let right = |k| std::array::from_fn(|j| right[j][k]);
                match ahead {
                    [ahead, Ahead(&[])] => add(simd, n, left, right, sums, [ahead]),
                    _ => add(simd, n, left, right, sums, ahead),
                }
            }
        }
        let length = left.first().map_or(0, |row| row.len());
        let tail = length / V::F64_LANES * V::F64_LANES;
        if tail < length {
            if let Some(x) = x {
                for (rest, row) in beside_rest.iter_mut().zip(left) {
                    *rest += row[tail..].iter().zip(&x[tail..]).map(|(g, x)| g * x).sum::<f64>();
                }
            }
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

    /// The matrix, with nothing below the diagonal where only the rest was asked for, and the products with `x`.
    #[inline(always)]
    pub fn finish(self) -> (Array2<f64>, Vec<f64>) {
        let Self { simd, height, width, places, sums, rest: mut out, beside, beside_rest: mut column, .. } = self;
        for (column, &sum) in column.iter_mut().zip(beside.iter().flatten()) {
            *column += simd.reduce_sum_f64s(sum);
        }
        for (&(i, j), sums) in places.iter().zip(&sums) {
            for (a, row) in (i * T..height).zip(sums) {
                for (b, &sum) in (j * T..width).zip(row) {
                    out[(a, b)] += simd.reduce_sum_f64s(sum);
                }
            }
        }
        (out, column)
    }
}

/// `K` rows from the given one on, as registers. A tile that sticks out repeats the last row; those sums are not read.
#[inline(always)]
fn registers<'s, V: Simd, const K: usize>(_: V, rows: &[&'s [f64]], from: usize) -> [&'s [V::f64s]; K] {
    std::array::from_fn(|k| V::as_simd_f64s(rows[(from + k).min(rows.len() - 1)]).0)
}

/// Adds to a tile of sums, which stays in registers meanwhile: $2T$ loads feed $T^2$ multiplications.
#[inline(always)]
fn add<V: Simd, S, const T: usize, const A: usize>(
    simd: V,
    n: usize,
    left: impl Fn(usize) -> [V::f64s; T],
    right: impl Fn(usize) -> [V::f64s; T],
    sums: &mut [[V::f64s; T]; T],
    ahead: [Ahead<S>; A],
) {
    let mut local = *sums;
    for k in 0..n {
        for ahead in &ahead {
            ahead.fetch(k);
        }
        let (a, b) = (left(k), right(k));
        for i in 0..T {
            for j in 0..T {
                local[i][j] = simd.mul_add_e_f64s(a[i], b[j], local[i][j]);
            }
        }
    }
    *sums = local;
}

/// A vector, and the sums of its products with the rows of a tile.
type Beside<'a, V, const T: usize> = (&'a [<V as Simd>::f64s], &'a mut [<V as Simd>::f64s; T]);

/// [`add`] for rows with themselves, of which the half on and above the diagonal is wanted, and beside it with `x`, into sums of its own.
#[inline(always)]
fn diagonal<V: Simd, S, const T: usize>(
    simd: V,
    rows: [&[V::f64s]; T],
    packed: &mut [[V::f64s; T]],
    sums: &mut [[V::f64s; T]; T],
    ahead: [Ahead<S>; 2],
    x: Option<Beside<'_, V, T>>,
) {
    let n = rows[0].len();
    let rows = rows.map(|row| &row[..n]);
    let packed = &mut packed[..n];
    let (x, beside) = x.map_or((None, None), |(x, sums)| (Some(&x[..n]), Some(sums)));
    let (mut local, mut column) = (*sums, beside.as_deref().copied().unwrap_or([simd.splat_f64s(0.0); T]));
    for k in 0..n {
        for ahead in &ahead {
            ahead.fetch(k);
        }
        let b: [V::f64s; T] = std::array::from_fn(|j| rows[j][k]);
        packed[k] = b;
        for i in 0..T {
            for j in i..T {
                local[i][j] = simd.mul_add_e_f64s(b[i], b[j], local[i][j]);
            }
        }
        if let Some(x) = x {
            for (sum, b) in column.iter_mut().zip(b) {
                *sum = simd.mul_add_e_f64s(b, x[k], *sum);
            }
        }
    }
    *sums = local;
    if let Some(beside) = beside {
        *beside = column;
    }
}
