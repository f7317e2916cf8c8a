//! The multiplication of a tile.

use pulp::Simd;

/// `K` rows from the given one on, as registers. A tile that sticks out repeats the last row; those sums are not read.
#[inline(always)]
pub(super) fn registers<'s, V: Simd, const K: usize>(_: V, rows: &[&'s [f64]], from: usize) -> [&'s [V::f64s]; K] {
    std::array::from_fn(|k| V::as_simd_f64s(rows[(from + k).min(rows.len() - 1)]).0)
}

/// Adds to a $T\times T$ tile of sums, which stays in registers meanwhile: $2T$ loads feed $T^2$ multiplications.
#[inline(always)]
pub(super) fn add_tile<V: Simd, const T: usize>(
    simd: V,
    left: [&[V::f64s]; T],
    right: [&[V::f64s]; T],
    sums: &mut [[V::f64s; T]; T],
) {
    let n = left[0].len();
    let (left, right) = (left.map(|row| &row[..n]), right.map(|row| &row[..n]));
    let mut local = *sums;
    for k in 0..n {
        let b: [V::f64s; T] = std::array::from_fn(|j| right[j][k]);
        for i in 0..T {
            let a = left[i][k];
            for j in 0..T {
                local[i][j] = simd.mul_add_e_f64s(a, b[j], local[i][j]);
            }
        }
    }
    *sums = local;
}
