//! Products of rows, accumulated in `f64`, one run of coordinates at a time.
//!
//! Rows may lie in one tensor or apart. A run of coordinates is short enough for its copy (rows brought side by side, and to `f64`) to stay in
//! the cache, so that each row is read from memory once and nothing of the length of a row is ever copied.

use tch::{Device, Kind, TchError, Tensor};

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

/// $XY^\top$ in `f64`, where the rows are; `None` for $Y$ stands for $X$.
pub(super) fn products(xs: &Rows<'_>, ys: Option<&Rows<'_>>, dim: i64) -> Result<Tensor, TchError> {
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

/// Each of the first $l$ $y_j$ becomes $\sum_i c_{ij}y_i$, $c$ being $k\times l$ in `f64` where the rows are; summed in `f64`, rounded once.
pub(super) fn transform(ys: &[&Tensor], c: &Tensor, dim: i64) -> Result<(), TchError> {
    let rows = Rows::Apart(ys.to_vec());
    let c = c.f_transpose(0, 1)?;
    for (start, length) in runs(dim, run_length(2 * ys.len(), rows.device())) {
        // Memory of its own: what it was made from may be written over.
        let sums = c.f_mm(&rows.run(start, length)?)?;
        for (j, y) in ys.iter().enumerate().take(sums.size2()?.0 as usize) {
            y.f_narrow(0, start, length)?.f_copy_(&sums.f_select(0, j as i64)?)?;
        }
    }
    Ok(())
}

/// Adds to each $y_j$ the combination $\sum_ic_{ij}x_i$, $c$ a matrix in `f64` where the rows are; summed in `f64`, rounded once.
pub(super) fn combine(ys: &mut [&mut Tensor], c: &Tensor, xs: &Rows<'_>, dim: i64) -> Result<(), TchError> {
    let c = c.f_transpose(0, 1)?;
    let length = run_length(xs.count() + ys.len(), xs.device());
    for (start, length) in runs(dim, length) {
        let sums = c.f_mm(&xs.run(start, length)?)?;
        for (j, y) in ys.iter().enumerate() {
            let mut part = y.f_narrow(0, start, length)?;
            // The sum of an `f32` and an `f64` is made in `f64`.
            let _ = part.f_add_(&sums.f_select(0, j as i64)?)?;
        }
    }
    Ok(())
}
