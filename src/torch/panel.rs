//! A panel that is one or more tensors.

use ndarray::{Array1, Array2, Axis};
use tch::{Kind, TchError, Tensor, no_grad};

use super::{
    Error, Place, TensorVector,
    error::Doing,
    fault,
    footprint::Held,
    host,
    products::{Rows, combine, products, run_length, runs},
};
use crate::linalg::{Panel, Vector};

/// $G\in\mathbb R^{N\times d}$ on a device, `f32` or `f64`, one gradient a row.
///
/// It is held as blocks of consecutive columns, none larger than asked for, so that no single allocation need be as large as the panel.
/// Products are accumulated in `f64`; the blocks themselves are never copied.
#[derive(Debug)]
pub struct TensorPanel {
    /// $N\times b$ each.
    blocks: Vec<Tensor>,
    rows: usize,
    dim: usize,
    place: Place,
    _held: Held,
}

impl TensorPanel {
    /// The largest block unless another is asked for, in bytes.
    pub const BLOCK: usize = 1 << 30;

    /// Zeros, in blocks of at most `block_bytes` (at least one column each).
    ///
    /// # Errors
    /// [`Error::Torch`] when they do not fit.
    pub fn zeros(rows: usize, dim: usize, block_bytes: usize, place: &Place) -> Result<Self, Error> {
        let columns = (block_bytes / (rows.max(1) * place.kind().elt_size_in_bytes())).max(1);
        let block = |(_, length)| Tensor::f_zeros([rows as i64, length], (place.kind(), place.device()));
        let blocks: Result<Vec<_>, _> = runs(dim as i64, columns as i64).map(block).collect();
        let doing = format!("making a panel of {rows} × {dim}");
        let held = Held::new((rows * dim * place.kind().elt_size_in_bytes()) as u64);
        Ok(Self { blocks: blocks.doing(&doing)?, rows, dim, place: *place, _held: held })
    }

    /// NaN in no memory.
    pub(super) fn nan(rows: usize, dim: usize, place: &Place) -> Self {
        let nan = Tensor::f_full([1, 1], f64::NAN, (place.kind(), place.device()));
        let nan = nan.and_then(|nan| nan.f_expand([rows as i64, dim as i64], false));
        Self { blocks: vec![nan.unwrap_or_else(|_| Tensor::new())], rows, dim, place: *place, _held: Held::new(0) }
    }

    /// Writes row `i`.
    ///
    /// # Errors
    /// [`Error::Other`] when there is no such row or the length is another, [`Error::Torch`].
    pub fn set_row(&mut self, i: usize, row: &TensorVector) -> Result<(), Error> {
        if i >= self.rows || row.dim() != self.dim {
            return Err(Error::Other(format!(
                "row {i} of length {} was given for a panel of {} rows of length {}",
                row.dim(),
                self.rows,
                self.dim
            )));
        }
        let write = || {
            self.each(|block, start, length| {
                block.f_select(0, i as i64)?.f_copy_(&row.tensor().f_narrow(0, start, length)?)
            })
        };
        no_grad(write).doing("writing a row of a panel")
    }

    /// How many blocks it is held in.
    pub fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// Visits each block with its first column and its width.
    fn each(&self, mut visit: impl FnMut(&Tensor, i64, i64) -> Result<(), TchError>) -> Result<(), TchError> {
        let mut start = 0;
        for block in &self.blocks {
            let length = block.size2()?.1;
            visit(block, start, length)?;
            start += length;
        }
        Ok(())
    }

    /// The sum over the blocks of a product made with each.
    fn sum(
        &self,
        shape: [usize; 2],
        product: impl Fn(&Tensor, i64, i64) -> Result<Array2<f64>, TchError>,
    ) -> Result<Array2<f64>, Error> {
        let mut sum = Array2::zeros(shape);
        let summed = || {
            self.each(|block, start, length| {
                sum += &product(block, start, length)?;
                Ok(())
            })
        };
        no_grad(summed).doing("a product with a panel")?;
        Ok(sum)
    }

    fn nan_array(shape: [usize; 2]) -> Array2<f64> {
        Array2::from_elem(shape, f64::NAN)
    }
}

impl Panel for TensorPanel {
    type Vector = TensorVector;

    fn rows(&self) -> usize {
        self.rows
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn row(&self, i: usize) -> TensorVector {
        let row = || {
            let parts: Result<Vec<Tensor>, _> = self.blocks.iter().map(|block| block.f_select(0, i as i64)).collect();
            Tensor::f_cat(&parts?, 0)
        };
        let row = no_grad(row).doing("a row of a panel").and_then(|row| TensorVector::new(&row));
        fault::kept(row, || TensorVector::nan(self.dim, &self.place))
    }

    fn zeros(&self) -> TensorVector {
        fault::kept(TensorVector::zeros(self.dim, &self.place), || TensorVector::nan(self.dim, &self.place))
    }

    fn gram(&self) -> Array2<f64> {
        let shape = [self.rows; 2];
        let gram = self.sum(shape, |block, _, length| products(&Rows::Together(block), None, length));
        fault::kept(gram, || Self::nan_array(shape))
    }

    fn apply(&self, x: &TensorVector) -> Array1<f64> {
        self.apply_many(std::slice::from_ref(x)).remove_axis(Axis(1))
    }

    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut TensorVector) {
        self.apply_adjoint_many(&c.view().insert_axis(Axis(1)).to_owned(), a, std::slice::from_mut(y));
    }

    fn apply_many(&self, xs: &[TensorVector]) -> Array2<f64> {
        let shape = [self.rows, xs.len()];
        if xs.is_empty() {
            return Array2::zeros(shape);
        }
        let applied = self.sum(shape, |block, start, length| {
            let parts: Result<Vec<Tensor>, _> = xs.iter().map(|x| x.tensor().f_narrow(0, start, length)).collect();
            let parts = parts?;
            products(&Rows::Together(block), Some(&Rows::Apart(parts.iter().collect())), length)
        });
        fault::kept(applied, || Self::nan_array(shape))
    }

    fn apply_adjoint_many(&self, c: &Array2<f64>, a: f64, ys: &mut [TensorVector]) {
        let add = |ys: &mut [TensorVector]| {
            for y in ys.iter_mut() {
                y.mutate("scaling a vector", |y| match a {
                    // Not a product: what y held may be NaN.
                    0.0 => y.f_zero_().map(drop),
                    1.0 => Ok(()),
                    a => y.f_mul_scalar_(a).map(drop),
                })?;
            }
            let combined = || {
                self.each(|block, start, length| {
                    let parts: Result<Vec<Tensor>, _> =
                        ys.iter().map(|y| y.tensor().f_narrow(0, start, length)).collect();
                    combine(&mut parts?.iter_mut().collect::<Vec<_>>(), c, &Rows::Together(block), length)
                })
            };
            no_grad(combined).doing("a product with a panel")
        };
        if let Err(error) = add(ys) {
            fault::kept(Err(error), || ());
            ys.iter_mut().for_each(|y| *y = TensorVector::nan(self.dim, &self.place));
        }
    }

    fn squared_norm(&self) -> f64 {
        // A block is contiguous, so its entries are a vector.
        let norms = self.blocks.iter().map(|block| {
            let flat = block.f_reshape([-1]).doing("the norm of a panel")?;
            let flat = TensorVector::new(&flat)?;
            Ok(flat.dot(&flat))
        });
        fault::kept(norms.sum(), || f64::NAN)
    }

    fn column_squares(&self) -> Vec<f64> {
        let squares = || {
            let mut out = Vec::with_capacity(self.dim);
            self.each(|block, _, length| {
                for (start, length) in runs(length, run_length(self.rows, self.place.device())) {
                    let part = block.f_narrow(1, start, length)?.f_to_kind(Kind::Double)?;
                    out.extend(host::entries(&part.f_square()?.f_sum_dim_intlist(0, false, Kind::Double)?)?);
                }
                Ok(())
            })?;
            Ok(out)
        };
        fault::kept(no_grad(squares).doing("the norms of columns"), || vec![f64::NAN; self.dim])
    }
}
