//! A vector that is a tensor.

use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::Array2;
use tch::{Kind, TchError, Tensor, no_grad};

use super::{
    Error, Place,
    error::Doing,
    fault,
    footprint::Held,
    host,
    products::{Rows, combine, products, run_length, runs, transform},
};
use crate::linalg::Vector;

static NEXT: AtomicU64 = AtomicU64::new(0);

fn next_stamp() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An element of $\mathbb R^d$ in a tensor of one dimension, `f32` or `f64`, on any device.
///
/// Inner products and combinations are accumulated in `f64`; the other operations work in the precision of the tensor. Numbers leave the device
/// one at a time, except in [`Vector::to_vec`] and [`Vector::with_entries`]. Where libtorch refuses, entries and results are NaN and
/// [`take_error`](super::take_error) tells why.
#[derive(Debug)]
pub struct TensorVector {
    tensor: Tensor,
    dim: usize,
    kind: Kind,
    stamp: u64,
    _held: Held,
}

impl TensorVector {
    /// Takes a tensor of one dimension; of one that is part of a graph, the values.
    ///
    /// # Errors
    /// [`Error::Shape`] for more or fewer dimensions, [`Error::Other`] when the entries are neither `f32` nor `f64`.
    pub fn new(tensor: &Tensor) -> Result<Self, Error> {
        let (shape, kind) = (tensor.size(), tensor.f_kind().doing("looking at a vector")?);
        let &[dim] = shape.as_slice() else {
            let expected = "one dimension".to_owned();
            return Err(Error::Shape { what: "a vector".to_owned(), given: shape, expected });
        };
        if !matches!(kind, Kind::Float | Kind::Double) {
            return Err(Error::Other(format!(
                "a vector of {kind:?} was given; f32 (Float) or f64 (Double) was expected"
            )));
        }
        let tensor = tensor.f_detach().and_then(|x| x.f_contiguous()).doing("taking a vector")?;
        let held = Held::new(dim as u64 * kind.elt_size_in_bytes() as u64);
        Ok(Self { tensor, dim: dim as usize, kind, stamp: next_stamp(), _held: held })
    }

    /// Zeros.
    ///
    /// # Errors
    /// [`Error::Torch`] when they do not fit.
    pub fn zeros(dim: usize, place: &Place) -> Result<Self, Error> {
        Self::new(&Tensor::f_zeros([dim as i64], (place.kind(), place.device())).doing("making a vector")?)
    }

    /// NaN everywhere, in no memory.
    pub(super) fn nan(dim: usize, place: &Place) -> Self {
        Self::nan_in(dim, place.kind(), place.device())
    }

    /// Whether it is in no memory, so that nothing can be written to it in place.
    fn vacated(&self) -> bool {
        self.dim > 1 && !self.tensor.is_contiguous()
    }

    fn nan_in(dim: usize, kind: Kind, device: tch::Device) -> Self {
        let nan = Tensor::f_full([1], f64::NAN, (kind, device)).and_then(|x| x.f_expand([dim as i64], false));
        Self { tensor: nan.unwrap_or_else(|_| Tensor::new()), dim, kind, stamp: next_stamp(), _held: Held::new(0) }
    }

    /// The tensor. It is the vector's own: to write to it, use [`TensorVector::mutate`].
    pub fn tensor(&self) -> &Tensor {
        &self.tensor
    }

    /// A number that no other vector has or had, and that changes whenever the entries may have: what was made from a vector of this stamp, even
    /// sharing its memory, is still right as long as some vector has it.
    pub fn stamp(&self) -> u64 {
        self.stamp
    }

    /// Changes the entries in place, outside any graph.
    ///
    /// # Errors
    /// [`Error::Torch`], saying what was being done.
    pub fn mutate(
        &mut self,
        doing: &str,
        change: impl FnOnce(&mut Tensor) -> Result<(), TchError>,
    ) -> Result<(), Error> {
        self.stamp = next_stamp();
        no_grad(|| change(&mut self.tensor)).doing(doing)
    }

    /// As [`TensorVector::mutate`]; a failure leaves NaN.
    fn change(&mut self, change: impl FnOnce(&mut Tensor) -> Result<(), TchError>) {
        let changed = self.mutate("an operation on vectors", change);
        if let Err(error) = changed {
            let nan = Self::nan_in(self.dim, self.kind, self.tensor.device());
            *self = fault::kept(Err(error), || nan);
        }
    }

    /// A vector made from this one, NaN where that fails.
    fn made(&self, make: impl FnOnce() -> Result<Tensor, TchError>) -> Self {
        let made = no_grad(make).doing("making a vector").and_then(|tensor| Self::new(&tensor));
        fault::kept(made, || Self::nan_in(self.dim, self.kind, self.tensor.device()))
    }

    /// `a` as a tensor that broadcasts.
    fn scalar(&self, a: f64) -> Result<Tensor, TchError> {
        Tensor::f_full([0i64; 0], a, (self.kind, self.tensor.device()))
    }

    fn inner(&self, other: &Self) -> Result<f64, TchError> {
        if self.kind == Kind::Double {
            return host::number(&self.tensor.f_dot(&other.tensor)?);
        }
        // By runs: the two copies to f64 stay in the cache.
        let same = self.stamp == other.stamp;
        let mut parts = Vec::new();
        for (start, length) in runs(self.dim as i64, run_length(2, self.tensor.device())) {
            let part = |v: &Self| v.tensor.f_narrow(0, start, length)?.f_to_kind(Kind::Double);
            let x = part(self)?;
            parts.push(if same { x.f_dot(&x)? } else { x.f_dot(&part(other)?)? });
        }
        match parts.as_slice() {
            [] => Ok(0.0),
            [one] => host::number(one),
            parts => host::number(&Tensor::f_stack(parts, 0)?.f_sum(Kind::Double)?),
        }
    }
}

impl Clone for TensorVector {
    /// Copies the entries; the copy has a stamp of its own, since one of the two may change.
    fn clone(&self) -> Self {
        self.made(|| self.tensor.f_to_dtype(self.kind, false, true))
    }
}

/// New stamps for vectors whose entries were changed together; a failure leaves NaN.
fn changed(ys: &mut [TensorVector], made: Result<(), TchError>) {
    for y in ys.iter_mut() {
        y.stamp = next_stamp();
    }
    if let Err(error) = made.doing("combinations of vectors") {
        let nan = ys.iter().map(|y| TensorVector::nan_in(y.dim, y.kind, y.tensor.device())).collect::<Vec<_>>();
        let nan = fault::kept(Err(error), || nan);
        ys.iter_mut().zip(nan).for_each(|(y, nan)| *y = nan);
    }
}

/// The tensors of vectors.
fn tensors_of(vectors: &[TensorVector]) -> Vec<&Tensor> {
    vectors.iter().map(|v| &v.tensor).collect()
}

fn tensors(vectors: &[TensorVector]) -> Rows<'_> {
    Rows::Apart(tensors_of(vectors))
}

impl Vector for TensorVector {
    fn dim(&self) -> usize {
        self.dim
    }

    fn zeros_like(&self) -> Self {
        self.made(|| self.tensor.f_zeros_like())
    }

    fn with_entries(&self, entries: &[f64]) -> Self {
        self.made(|| host::bring(entries, self.kind, self.tensor.device()))
    }

    fn to_vec(&self) -> Vec<f64> {
        let entries = no_grad(|| host::entries(&self.tensor)).doing("bringing a vector to the host");
        fault::kept(entries, || vec![f64::NAN; self.dim])
    }

    fn unit_like(&self, j: usize) -> Self {
        let mut unit = self.zeros_like();
        unit.change(|tensor| tensor.f_narrow(0, j as i64, 1)?.f_fill_(1.0).map(drop));
        unit
    }

    fn to_rows(vectors: &[Self]) -> Array2<f64> {
        let Some(first) = vectors.first() else { return Array2::zeros((0, 0)) };
        let rows = no_grad(|| host::matrix(&Tensor::f_stack(&tensors_of(vectors), 0)?));
        fault::kept(rows.doing("bringing vectors to the host"), || {
            Array2::from_elem((vectors.len(), first.dim), f64::NAN)
        })
    }

    fn divide(&mut self, by: &Self) {
        self.change(|tensor| tensor.f_div_(&by.tensor).map(drop));
    }

    fn vacate(&mut self) {
        *self = Self::nan_in(self.dim, self.kind, self.tensor.device());
    }

    fn copy_from(&mut self, other: &Self) {
        if self.vacated() {
            *self = other.clone();
            return;
        }
        self.change(|tensor| tensor.f_copy_(&other.tensor));
    }

    fn dot(&self, other: &Self) -> f64 {
        fault::kept(no_grad(|| self.inner(other)).doing("an inner product"), || f64::NAN)
    }

    fn axpy(&mut self, a: f64, x: &Self) {
        let a = self.scalar(a);
        self.change(|y| y.f_addcmul_(&x.tensor, &a?).map(drop));
    }

    fn scale_add(&mut self, a: f64, x: &Self) {
        let a = self.scalar(a);
        self.change(|y| x.tensor.f_addcmul_out(y, y, &a?).map(drop));
    }

    fn scale(&mut self, a: f64) {
        self.change(|y| y.f_mul_scalar_(a).map(drop));
    }

    fn max_abs(&self) -> f64 {
        if self.dim == 0 {
            return 0.0;
        }
        let largest = || {
            let (least, most) = self.tensor.f_aminmax(None, false)?;
            let (least, most) = (host::number(&least)?, host::number(&most)?);
            Ok(if least.is_nan() || most.is_nan() { f64::NAN } else { least.abs().max(most.abs()) })
        };
        fault::kept(no_grad(largest).doing("the largest entry of a vector"), || f64::NAN)
    }

    fn epsilon(&self) -> f64 {
        if self.kind == Kind::Double { f64::EPSILON } else { f64::from(f32::EPSILON) }
    }

    fn gram(xs: &[Self], ys: &[Self]) -> Array2<f64> {
        let (Some(x), false) = (xs.first(), ys.is_empty()) else { return Array2::zeros((xs.len(), ys.len())) };
        if let ([x], [y]) = (xs, ys) {
            return Array2::from_elem((1, 1), x.dot(y));
        }
        let made = no_grad(|| products(&tensors(xs), Some(&tensors(ys)), x.dim as i64));
        fault::kept(made.doing("inner products of vectors"), || Array2::from_elem((xs.len(), ys.len()), f64::NAN))
    }

    fn add_combinations(ys: &mut [Self], c: &Array2<f64>, xs: &[Self]) {
        let (Some(x), false) = (xs.first(), ys.is_empty()) else { return };
        let made = no_grad(|| {
            let mut into: Vec<&mut Tensor> = ys.iter_mut().map(|y| &mut y.tensor).collect();
            combine(&mut into, c, &tensors(xs), x.dim as i64)
        });
        changed(ys, made);
    }

    fn transform(ys: &mut [Self], c: &Array2<f64>) {
        let Some(y) = ys.first() else { return };
        let tensors: Vec<&Tensor> = ys.iter().map(|y| &y.tensor).collect();
        let made = no_grad(|| transform(&tensors, c, y.dim as i64));
        changed(ys, made);
    }
}
