//! `ndarray` arrays as vectors and panels, in f64 and f32.
//!
//! Inner products and combinations of rows are accumulated in `f64` whatever the storage, and rounded once at the end; `axpy`,
//! `scale_add` and `scale` work in the precision of the storage. Everything is vectorised for the processor found at run time and
//! runs on one thread. Arrays with strides are accepted everywhere and are slower.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, Axis, s};

use super::{
    kernel,
    panel::{Panel, Streamed},
    vector::{Scalar, Vector},
};

impl<S: Scalar> Vector for Array1<S> {
    fn dim(&self) -> usize {
        self.len()
    }

    fn zeros_like(&self) -> Self {
        Array1::zeros(self.len())
    }

    fn with_entries(&self, entries: &[f64]) -> Self {
        entries.iter().map(|&x| S::of(x)).collect()
    }

    fn to_vec(&self) -> Vec<f64> {
        self.iter().map(|x| x.as_f64()).collect()
    }

    fn copy_from(&mut self, other: &Self) {
        self.assign(other);
    }

    fn divide(&mut self, by: &Self) {
        self.zip_mut_with(by, |x, by| *x = S::of(x.as_f64() / by.as_f64()));
    }

    fn dot(&self, other: &Self) -> f64 {
        match (self.as_slice(), other.as_slice()) {
            (Some(x), Some(y)) => kernel::dot(x, y),
            _ => self.iter().zip(other).map(|(x, y)| x.as_f64() * y.as_f64()).sum(),
        }
    }

    fn axpy(&mut self, a: f64, x: &Self) {
        match (self.as_slice_mut(), x.as_slice()) {
            (Some(y), Some(x)) => kernel::axpy(a, x, y),
            _ => self.scaled_add(S::of(a), x),
        }
    }

    fn scale_add(&mut self, a: f64, x: &Self) {
        match (self.as_slice_mut(), x.as_slice()) {
            (Some(y), Some(x)) => kernel::scale_add(a, x, y),
            _ => self.zip_mut_with(x, |y, &x| *y = S::of(a) * *y + x),
        }
    }

    fn scale(&mut self, a: f64) {
        match self.as_slice_mut() {
            Some(y) => kernel::scale(a, y),
            None => self.mapv_inplace(|y| S::of(a) * y),
        }
    }

    fn max_abs(&self) -> f64 {
        match self.as_slice() {
            Some(x) => kernel::max_abs(x),
            None => kernel::max_abs(&self.iter().copied().collect::<Vec<S>>()),
        }
    }

    fn epsilon(&self) -> f64 {
        S::epsilon().as_f64()
    }

    fn gram(xs: &[Self], ys: &[Self]) -> Array2<f64> {
        kernel::products(&views(xs), &views(ys), xs.first().map_or(0, |x| x.len()))
    }

    fn add_combinations(ys: &mut [Self], c: &Array2<f64>, xs: &[Self]) {
        combine(&views(xs), c, 1.0, ys);
    }

    fn combine(a: f64, ys: &mut [Self], c: &Array2<f64>, xs: &[Self]) {
        combine(&views(xs), c, a, ys);
    }

    fn transform(ys: &mut [Self], c: &Array2<f64>) {
        kernel::transform(&mut slices(ys), c);
    }
}

fn views<S>(xs: &[Array1<S>]) -> Vec<ArrayView1<'_, S>> {
    xs.iter().map(|x| x.view()).collect()
}

/// Each $y_j$ becomes $a\,y_j+\sum_i c_{ij}g_i$.
fn combine<S: Scalar>(rows: &[ArrayView1<S>], c: &Array2<f64>, a: f64, ys: &mut [Array1<S>]) {
    kernel::combine(rows, c, a, &mut slices(ys));
}

/// The entries to be written to; what is strided lies side by side from now on.
fn slices<S: Scalar>(ys: &mut [Array1<S>]) -> Vec<&mut [S]> {
    for y in ys.iter_mut() {
        if y.as_slice().is_none() {
            *y = y.iter().copied().collect();
        }
    }
    ys.iter_mut().filter_map(|y| y.as_slice_mut()).collect()
}

fn rows_of<S>(panel: &Array2<S>) -> Vec<ArrayView1<'_, S>> {
    panel.outer_iter().collect()
}

impl<S: Scalar> Panel for Array2<S>
where
    Array1<S>: Vector,
{
    type Vector = Array1<S>;

    fn rows(&self) -> usize {
        self.nrows()
    }

    fn dim(&self) -> usize {
        self.ncols()
    }

    fn row(&self, i: usize) -> Array1<S> {
        self.index_axis(Axis(0), i).to_owned()
    }

    fn zeros(&self) -> Array1<S> {
        Array1::zeros(self.ncols())
    }

    fn gram(&self) -> Array2<f64> {
        kernel::gram(&rows_of(self), self.ncols())
    }

    fn gram_and_apply(&self, xs: &[Array1<S>]) -> (Array2<f64>, Array2<f64>) {
        kernel::gram_and_products(&rows_of(self), &views(xs), self.ncols())
    }

    fn apply(&self, x: &Array1<S>) -> Array1<f64> {
        kernel::products(&rows_of(self), &[x.view()], self.ncols()).remove_axis(Axis(1))
    }

    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut Array1<S>) {
        combine(&rows_of(self), &column(c), a, std::slice::from_mut(y));
    }

    fn apply_many(&self, xs: &[Array1<S>]) -> Array2<f64> {
        kernel::products(&rows_of(self), &views(xs), self.ncols())
    }

    fn apply_adjoint_many(&self, c: &Array2<f64>, a: f64, ys: &mut [Array1<S>]) {
        combine(&rows_of(self), c, a, ys);
    }

    fn combined(&self, c: &Array2<f64>, a: f64, vs: &[Array1<S>]) -> Vec<Array1<S>> {
        let own: Vec<_> = vs.iter().map(|v| v.as_standard_layout()).collect();
        let slices: Vec<&[S]> = own.iter().filter_map(|v| v.as_slice()).collect();
        kernel::combined(&rows_of(self), c, a, &slices).into_iter().map(Array1::from).collect()
    }

    fn squared_norm(&self) -> f64 {
        match self.as_slice_memory_order() {
            Some(entries) => kernel::dot(entries, entries),
            None => self.iter().map(|x| x.as_f64() * x.as_f64()).sum(),
        }
    }

    fn column_squares(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.ncols()];
        for row in self.outer_iter() {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x.as_f64() * x.as_f64());
        }
        sums
    }
}

/// A vector as a matrix of one column.
fn column(c: &Array1<f64>) -> Array2<f64> {
    c.view().insert_axis(Axis(1)).to_owned()
}

impl<S: Scalar, F: Fn(Range<usize>) -> Array2<S>> Streamed<S, F> {
    /// $GX$ for views of length $d$, one block at a time.
    fn products(&self, xs: &[ArrayView1<S>]) -> Array2<f64> {
        let mut out = Array2::zeros((self.rows, xs.len()));
        for range in self.ranges() {
            let block = (self.load)(range.clone());
            let parts: Vec<ArrayView1<S>> = xs.iter().map(|x| x.slice(s![range.clone()])).collect();
            out += &kernel::products(&rows_of(&block), &parts, range.len());
        }
        out
    }
}

impl<S: Scalar, F: Fn(Range<usize>) -> Array2<S>> Panel for Streamed<S, F> {
    type Vector = Array1<S>;

    fn rows(&self) -> usize {
        self.rows
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn row(&self, i: usize) -> Array1<S> {
        let mut row = self.zeros();
        for range in self.ranges() {
            let block = (self.load)(range.clone());
            row.slice_mut(s![range]).assign(&block.row(i));
        }
        row
    }

    fn zeros(&self) -> Array1<S> {
        Array1::zeros(self.dim)
    }

    fn gram(&self) -> Array2<f64> {
        let mut gram = Array2::zeros((self.rows, self.rows));
        for range in self.ranges() {
            gram += &(self.load)(range).gram();
        }
        gram
    }

    fn gram_and_apply(&self, xs: &[Array1<S>]) -> (Array2<f64>, Array2<f64>) {
        let (mut gram, mut products) = (Array2::zeros((self.rows, self.rows)), Array2::zeros((self.rows, xs.len())));
        for range in self.ranges() {
            let block = (self.load)(range.clone());
            let parts: Vec<ArrayView1<S>> = xs.iter().map(|x| x.slice(s![range.clone()])).collect();
            let (own, others) = kernel::gram_and_products(&rows_of(&block), &parts, range.len());
            gram += &own;
            products += &others;
        }
        (gram, products)
    }

    fn apply(&self, x: &Array1<S>) -> Array1<f64> {
        self.products(&[x.view()]).remove_axis(Axis(1))
    }

    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut Array1<S>) {
        self.apply_adjoint_many(&column(c), a, std::slice::from_mut(y));
    }

    fn apply_many(&self, xs: &[Array1<S>]) -> Array2<f64> {
        self.products(&views(xs))
    }

    fn apply_adjoint_many(&self, c: &Array2<f64>, a: f64, ys: &mut [Array1<S>]) {
        for range in self.ranges() {
            let block = (self.load)(range.clone());
            let mut parts: Vec<Array1<S>> = ys.iter().map(|y| y.slice(s![range.clone()]).to_owned()).collect();
            combine(&rows_of(&block), c, a, &mut parts);
            for (y, part) in ys.iter_mut().zip(&parts) {
                y.slice_mut(s![range.clone()]).assign(part);
            }
        }
    }

    fn squared_norm(&self) -> f64 {
        self.ranges().map(|range| (self.load)(range).squared_norm()).sum()
    }

    fn column_squares(&self) -> Vec<f64> {
        self.ranges().flat_map(|range| (self.load)(range).column_squares()).collect()
    }
}
