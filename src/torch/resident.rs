//! Products on rows that lie in the memory of the host, where they are: by the kernels of [`linalg`](crate::linalg), which read each row once at the speed
//! of the memory and sum in `f64` whatever the precision of the rows.
//!
//! On as many threads as libtorch uses: each takes consecutive coordinates, and their sums are added in order.

use ndarray::{Array2, ArrayView1, s};
use tch::{Kind, TchError, Tensor};

use super::host;
use crate::linalg::{Scalar, kernel};

/// Fewer coordinates than these are not worth a thread.
const SHARE: usize = 1 << 14;
/// Coordinates of a combination that are summed before they are added to what there is, a thread: they stay in the cache.
const RUN: usize = 1 << 14;

/// Rows of equal length, the entries of each side by side.
pub(super) enum Resident<'a> {
    /// `f32`.
    Single(Vec<ArrayView1<'a, f32>>),
    /// `f64`.
    Double(Vec<ArrayView1<'a, f64>>),
}

impl<'a> Resident<'a> {
    /// The rows of these matrices and vectors; `None` where one is not in the host's memory, strided, or of another precision than the first.
    pub(super) fn of(tensors: &[&'a Tensor]) -> Option<Self> {
        match tensors.first()?.f_kind().ok()? {
            Kind::Float => rows(tensors, Kind::Float).map(Self::Single),
            Kind::Double => rows(tensors, Kind::Double).map(Self::Double),
            _ => None,
        }
    }

    /// Whether a tensor has memory in common with a row.
    pub(super) fn touches(&self, tensor: &Tensor) -> bool {
        let start = tensor.data_ptr() as usize;
        let other = start..start + tensor.numel() * tensor.kind().elt_size_in_bytes();
        match self {
            Self::Single(xs) => xs.iter().any(|x| overlap(x, &other)),
            Self::Double(xs) => xs.iter().any(|x| overlap(x, &other)),
        }
    }

    /// $XX^\top$.
    pub(super) fn gram(&self) -> Array2<f64> {
        match self {
            Self::Single(xs) => summed(xs, xs, threads(xs), |xs, _, length| kernel::gram(xs, length)),
            Self::Double(xs) => summed(xs, xs, threads(xs), |xs, _, length| kernel::gram(xs, length)),
        }
    }

    /// $XY^\top$; `None` where they differ in precision.
    pub(super) fn products(&self, ys: &Self) -> Option<Array2<f64>> {
        match (self, ys) {
            (Self::Single(xs), Self::Single(ys)) => Some(summed(xs, ys, threads(xs), kernel::products)),
            (Self::Double(xs), Self::Double(ys)) => Some(summed(xs, ys, threads(xs), kernel::products)),
            _ => None,
        }
    }

    /// Calls `add` with the start of each run of coordinates and, of each column of `c`, the combination $\sum_ic_{ij}x_i$ there.
    pub(super) fn combinations(
        &self,
        c: &Array2<f64>,
        add: impl FnMut(usize, &[&mut [f64]]) -> Result<(), TchError>,
    ) -> Result<(), TchError> {
        match self {
            Self::Single(xs) => combinations(xs, c, threads(xs), add),
            Self::Double(xs) => combinations(xs, c, threads(xs), add),
        }
    }
}

/// The rows of tensors of one kind.
fn rows<'a, S>(tensors: &[&'a Tensor], kind: Kind) -> Option<Vec<ArrayView1<'a, S>>> {
    let mut out = Vec::new();
    for tensor in tensors {
        let entries = entries(tensor, kind)?;
        match tensor.size().as_slice() {
            [_] => out.push(ArrayView1::from(entries)),
            &[count, length] if length > 0 => {
                out.extend(entries.chunks_exact(length as usize).map(ArrayView1::from));
                debug_assert_eq!(entries.len() as i64, count * length);
            }
            _ => return None,
        }
    }
    Some(out)
}

/// The entries of a tensor of that kind, whose numbers are `S`.
#[allow(unsafe_code)]
fn entries<S>(tensor: &Tensor, kind: Kind) -> Option<&[S]> {
    let there = host::holds(tensor) && tensor.is_contiguous() && tensor.f_kind().ok()? == kind;
    if !there || size_of::<S>() != kind.elt_size_in_bytes() {
        return None;
    }
    if tensor.numel() == 0 {
        return Some(&[]);
    }
    let start = tensor.data_ptr().cast::<S>();
    // SAFETY: in the host's memory `numel` numbers of this kind lie from `data_ptr` on, aligned, as long as the tensor lives. Nobody writes to
    // them meanwhile: products make new arrays, and what a combination is added to shares no memory with its rows (`touches`).
    (!start.is_null()).then(|| unsafe { std::slice::from_raw_parts(start, tensor.numel()) })
}

/// Whether the bytes of a row and those at these addresses overlap.
fn overlap<S>(row: &ArrayView1<'_, S>, other: &std::ops::Range<usize>) -> bool {
    let start = row.as_ptr() as usize;
    start < other.end && other.start < start + row.len() * size_of::<S>()
}

/// How many threads share the coordinates of rows.
fn threads<S>(rows: &[ArrayView1<'_, S>]) -> usize {
    usize::try_from(tch::get_num_threads()).unwrap_or(1).min(length(rows) / SHARE).max(1)
}

fn length<S>(rows: &[ArrayView1<'_, S>]) -> usize {
    rows.first().map_or(0, |row| row.len())
}

/// A product of rows, as the sum of those over the coordinates of each thread.
fn summed<S: Scalar>(
    xs: &[ArrayView1<'_, S>],
    ys: &[ArrayView1<'_, S>],
    threads: usize,
    product: impl Fn(&[ArrayView1<'_, S>], &[ArrayView1<'_, S>], usize) -> Array2<f64> + Sync,
) -> Array2<f64> {
    let dim = length(xs);
    if threads == 1 {
        return product(xs, ys, dim);
    }
    let share = dim.div_ceil(threads);
    let part = |start: usize| product(&part(xs, start, share), &part(ys, start, share), share.min(dim - start));
    let zero = Array2::zeros((xs.len(), ys.len()));
    std::thread::scope(|scope| {
        let starts = (0..dim).step_by(share);
        let working: Vec<_> = starts.map(|start| scope.spawn(move || part(start))).collect();
        let parts =
            working.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Array2::from_elem(zero.dim(), f64::NAN)));
        parts.fold(zero.clone(), |sum, part| sum + part)
    })
}

/// The coordinates of rows from `start` on, `length` at most.
fn part<'s, S>(rows: &'s [ArrayView1<'_, S>], start: usize, length: usize) -> Vec<ArrayView1<'s, S>> {
    rows.iter().map(|row| row.slice(s![start..(start + length).min(row.len())])).collect()
}

fn combinations<S: Scalar>(
    xs: &[ArrayView1<'_, S>],
    c: &Array2<f64>,
    threads: usize,
    mut add: impl FnMut(usize, &[&mut [f64]]) -> Result<(), TchError>,
) -> Result<(), TchError> {
    let dim = length(xs);
    let run = RUN * threads;
    let mut sums = vec![0.0; run * c.ncols()];
    for start in (0..dim).step_by(run) {
        let length = run.min(dim - start);
        let mut sums: Vec<&mut [f64]> = sums.chunks_exact_mut(run).map(|sums| &mut sums[..length]).collect();
        if run == RUN {
            kernel::combine(&part(xs, start, length), c, 0.0, &mut sums);
        } else {
            let mut shares: Vec<Vec<&mut [f64]>> = (0..length.div_ceil(RUN)).map(|_| Vec::new()).collect();
            for sums in &mut sums {
                shares.iter_mut().zip(sums.chunks_mut(RUN)).for_each(|(share, sums)| share.push(sums));
            }
            std::thread::scope(|scope| {
                for (k, mut share) in shares.into_iter().enumerate() {
                    scope.spawn(move || {
                        kernel::combine(&part(xs, start + k * RUN, RUN.min(length - k * RUN)), c, 0.0, &mut share)
                    });
                }
            });
        }
        add(start, &sums)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::TestRatio;

    /// Not a multiple of anything.
    const DIM: usize = 3 * RUN + 77;

    fn matrix(rows: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, DIM), |(i, j)| ((7 * i + j) as f64).sin())
    }

    fn near(one: &Array2<f64>, other: &Array2<f64>) {
        let size = one.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let worst = (one - other).iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        assert!(size > 0.0 && TestRatio::quotient(worst, DIM as f64 * f64::EPSILON * size).passes(), "{worst:e}");
    }

    /// However many threads share them, the sums are the same but for rounding.
    #[test]
    fn threads_change_nothing() {
        let (x, y) = (matrix(5), matrix(2));
        let (xs, ys): (Vec<_>, Vec<_>) = (x.outer_iter().collect(), y.outer_iter().collect());
        let c = Array2::from_shape_fn((5, 2), |(i, j)| (i + 3 * j) as f64 - 2.0);
        let combined = |threads| {
            let mut out = Array2::zeros((2, DIM));
            let add = |start: usize, sums: &[&mut [f64]]| {
                for (mut out, sums) in out.outer_iter_mut().zip(sums) {
                    out.slice_mut(s![start..start + sums.len()]).assign(&ArrayView1::from(&**sums));
                }
                Ok(())
            };
            combinations(&xs, &c, threads, add).unwrap();
            out
        };
        near(&combined(1), &c.t().dot(&x));
        let gram = |xs: &[ArrayView1<'_, f64>], _: &[ArrayView1<'_, f64>], length: usize| kernel::gram(xs, length);
        for threads in 1..5 {
            assert_eq!(combined(threads), combined(1));
            near(&summed(&xs, &ys, threads, kernel::products), &x.dot(&y.t()));
            near(&summed(&xs, &xs, threads, gram), &x.dot(&x.t()));
        }
    }
}
