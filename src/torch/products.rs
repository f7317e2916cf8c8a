//! Products of rows, accumulated in `f64`, one run of coordinates at a time.
//!
//! Rows may lie in one tensor or apart. Those in the memory of the host are read where they are ([`Resident`]); on a device a run of coordinates is short enough for its copy (rows brought side by side, and to `f64`) to stay in
//! the cache, so that each row is read from memory once and nothing of the length of a row is ever copied.

use ndarray::Array2;
use tch::{Device, Kind, TchError, Tensor};

use super::{host, resident::Resident};

/// Rows of equal length.
pub(super) enum Rows<'a> {
    /// One matrix, a row each.
    Together(&'a Tensor),
    /// A tensor each.
    Apart(Vec<&'a Tensor>),
}

/// Copies of this many numbers stay in the cache of a processor.
const CACHED: i64 = 1 << 17;
/// On a device there is no such cache: a run is as long as spare memory may be, and short enough not to matter.
const SPARE: i64 = 1 << 24;

/// The length of a run of coordinates when `rows` rows are brought side by side.
pub(super) fn run_length(rows: usize, device: Device) -> i64 {
    let numbers = if device.is_cuda() { SPARE } else { CACHED };
    (numbers / rows.max(1) as i64).max(1024)
}

/// The runs (start, length) that make up `0..dim`.
pub(super) fn runs(dim: i64, length: i64) -> impl Iterator<Item = (i64, i64)> {
    (0..dim).step_by(length.max(1) as usize).map(move |start| (start, length.min(dim - start)))
}

impl Rows<'_> {
    /// How many.
    fn count(&self) -> usize {
        match self {
            Self::Together(matrix) => matrix.size().first().map_or(0, |&n| n as usize),
            Self::Apart(rows) => rows.len(),
        }
    }

    /// The same where they lie in the host's memory.
    fn resident(&self) -> Option<Resident<'_>> {
        match self {
            Self::Together(matrix) => Resident::of(&[matrix]),
            Self::Apart(rows) => Resident::of(rows),
        }
    }

    fn first(&self) -> Option<&Tensor> {
        match self {
            Self::Together(matrix) => Some(matrix),
            Self::Apart(rows) => rows.first().copied(),
        }
    }

    fn device(&self) -> Device {
        self.first().map_or_else(|| Tensor::new().device(), Tensor::device)
    }

    /// Whether a run of coordinates is a view, with nothing to copy.
    fn is_view(&self) -> bool {
        match self {
            Self::Together(matrix) => is_double(matrix),
            Self::Apart(rows) => rows.len() == 1 && is_double(rows[0]),
        }
    }

    /// The coordinates of a run, rows × length in `f64`.
    fn run(&self, start: i64, length: i64) -> Result<Tensor, TchError> {
        match self {
            Self::Together(matrix) => matrix.f_narrow(1, start, length)?.f_to_kind(Kind::Double),
            Self::Apart(rows) => {
                let parts: Result<Vec<Tensor>, _> = rows.iter().map(|row| row.f_narrow(0, start, length)).collect();
                match parts?.as_slice() {
                    [row] => row.f_unsqueeze(0)?.f_to_kind(Kind::Double),
                    parts => Tensor::f_stack(parts, 0)?.f_to_kind(Kind::Double),
                }
            }
        }
    }
}

fn is_double(tensor: &Tensor) -> bool {
    matches!(tensor.f_kind(), Ok(Kind::Double))
}

/// A matrix of coefficients where a tensor is.
fn coefficients(c: &Array2<f64>, device: Device) -> Result<Tensor, TchError> {
    let entries: Vec<f64> = c.iter().copied().collect();
    let (rows, columns) = c.dim();
    host::bring(&entries, Kind::Double, device)?.f_reshape([rows as i64, columns as i64])
}

/// $XY^\top$ in `f64`; `None` for $Y$ stands for $X$.
pub(super) fn products(xs: &Rows<'_>, ys: Option<&Rows<'_>>, dim: i64) -> Result<Array2<f64>, TchError> {
    let here = xs.resident().and_then(|here| match ys {
        None => Some(here.gram()),
        Some(ys) => here.products(&ys.resident()?),
    });
    here.map_or_else(|| host::matrix(&products_there(xs, ys, dim)?), Ok)
}

/// [`products`] where the rows are, by libtorch.
fn products_there(xs: &Rows<'_>, ys: Option<&Rows<'_>>, dim: i64) -> Result<Tensor, TchError> {
    let (k, l) = (xs.count(), ys.map_or(xs.count(), Rows::count));
    let device = xs.device();
    let mut out = Tensor::f_zeros([k as i64, l as i64], (Kind::Double, device))?;
    let views = xs.is_view() && ys.is_none_or(Rows::is_view);
    let length = if views { dim } else { run_length(k + l, device) };
    for (start, length) in runs(dim, length) {
        let x = xs.run(start, length)?;
        let y = match ys {
            Some(ys) => ys.run(start, length)?,
            None => x.shallow_clone(),
        };
        // In place: `out` is only a name for the sum.
        out = out.f_addmm_(&x, &y.f_transpose(0, 1)?)?;
    }
    Ok(out)
}

/// Each of the first $l$ $y_j$ becomes $\sum_i c_{ij}y_i$, $c$ being $k\times l$; summed in `f64`, rounded once.
pub(super) fn transform(ys: &[&Tensor], c: &Array2<f64>, dim: i64) -> Result<(), TchError> {
    let rows = Rows::Apart(ys.to_owned());
    let c = coefficients(c, rows.device())?.f_transpose(0, 1)?;
    for (start, length) in runs(dim, run_length(2 * ys.len(), rows.device())) {
        // Memory of its own: what it was made from may be written over.
        let sums = c.f_mm(&rows.run(start, length)?)?;
        for (j, y) in ys.iter().enumerate().take(sums.size2()?.0 as usize) {
            y.f_narrow(0, start, length)?.f_copy_(&sums.f_select(0, j as i64)?)?;
        }
    }
    Ok(())
}

/// Adds to each $y_j$ the combination $\sum_ic_{ij}x_i$; summed in `f64`, rounded once.
pub(super) fn combine(ys: &mut [&mut Tensor], c: &Array2<f64>, xs: &Rows<'_>, dim: i64) -> Result<(), TchError> {
    if let Some(rows) = xs.resident().filter(|rows| !ys.iter().any(|y| rows.touches(y))) {
        return rows.combinations(c, |start, sums| {
            for (y, sums) in ys.iter().zip(sums) {
                add(y, start as i64, &Tensor::f_from_slice(sums)?)?;
            }
            Ok(())
        });
    }
    combine_there(ys, c, xs, dim)
}

/// [`combine`] where the rows are, by libtorch.
fn combine_there(ys: &mut [&mut Tensor], c: &Array2<f64>, xs: &Rows<'_>, dim: i64) -> Result<(), TchError> {
    let c = coefficients(c, xs.device())?.f_transpose(0, 1)?;
    let length = run_length(xs.count() + ys.len(), xs.device());
    for (start, length) in runs(dim, length) {
        let sums = c.f_mm(&xs.run(start, length)?)?;
        for (j, y) in ys.iter().enumerate() {
            add(y, start, &sums.f_select(0, j as i64)?)?;
        }
    }
    Ok(())
}

/// Adds to the entries of `y` from `start` on.
fn add(y: &Tensor, start: i64, sums: &Tensor) -> Result<(), TchError> {
    let mut part = y.f_narrow(0, start, sums.size1()?)?;
    // The sum of an `f32` and an `f64` is made in `f64`.
    part.f_add_(sums).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        linalg::TestRatio,
        torch::{Place, Precision},
    };

    /// More than one run.
    const DIM: i64 = (CACHED >> 1) + 1234;

    type Combine = fn(&mut [&mut Tensor], &Array2<f64>, &Rows<'_>, i64) -> Result<(), TchError>;

    fn near(one: &Array2<f64>, other: &Array2<f64>, unit: f64) {
        let size = one.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let worst = (one - other).iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        assert!(size > 0.0 && TestRatio::quotient(worst, unit * size).passes(), "{worst:e} beside {size:e}");
    }

    /// What a device does with rows of the host is what the kernels do: sums in `f64`, in another order. On the CPU by nature: the kernels read the rows where
    /// they lie.
    #[test]
    fn libtorch_and_the_kernels_agree() {
        for precision in [Precision::F32, Precision::F64] {
            let place = Place::new("cpu", precision).unwrap();
            let unit = if precision == Precision::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
            let random = |shape: &[i64]| {
                let waves = Tensor::f_arange(shape.iter().product::<i64>(), (Kind::Double, place.device())).unwrap();
                waves.f_sin().unwrap().f_to_kind(place.kind()).unwrap().f_reshape(shape).unwrap()
            };
            let (matrix, vectors) = (random(&[3, DIM]), [random(&[DIM]), random(&[2 * DIM]).narrow(0, DIM, DIM)]);
            let rows = [Rows::Together(&matrix), Rows::Apart(vectors.iter().collect())];
            for xs in &rows {
                assert!(xs.resident().is_some());
                for ys in [None, Some(&rows[0]), Some(&rows[1])] {
                    let there = host::matrix(&products_there(xs, ys, DIM).unwrap()).unwrap();
                    near(&products(xs, ys, DIM).unwrap(), &there, DIM as f64 * f64::EPSILON);
                }
                let c = Array2::from_shape_fn((xs.count(), 2), |(i, j)| (i + j) as f64 - 0.5);
                let sum = |combine: Combine| {
                    let mut ys = [random(&[DIM]), random(&[DIM])];
                    combine(&mut ys.each_mut(), &c, xs, DIM).unwrap();
                    host::matrix(&Tensor::f_stack(&ys, 0).unwrap()).unwrap()
                };
                near(&sum(combine), &sum(combine_there), unit);
            }
        }
    }

    /// Rows that are added to themselves are read as they were, run by run. On the CPU by nature, as above.
    #[test]
    fn what_shares_memory_with_the_rows_is_left_to_libtorch() {
        let x = Tensor::from_slice(&[1.0, 2.0, 3.0]);
        let mut y = x.shallow_clone();
        assert!(Rows::Apart(vec![&x]).resident().unwrap().touches(&y));
        combine(&mut [&mut y], &Array2::ones((1, 1)), &Rows::Apart(vec![&x]), 3).unwrap();
        assert_eq!(host::entries(&x).unwrap(), [2.0, 4.0, 6.0]);
    }
}
