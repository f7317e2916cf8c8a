//! `ndarray` arrays as vectors and panels, in f64 and f32.

use std::ops::Range;

use ndarray::{Array1, Array2, s};

use super::{
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

    fn dot(&self, other: &Self) -> f64 {
        self.iter().zip(other).map(|(x, y)| x.as_f64() * y.as_f64()).sum()
    }

    fn axpy(&mut self, a: f64, x: &Self) {
        self.scaled_add(S::of(a), x);
    }

    fn scale_add(&mut self, a: f64, x: &Self) {
        let a = S::of(a);
        self.zip_mut_with(x, |y, &x| *y = a * *y + x);
    }

    fn scale(&mut self, a: f64) {
        let a = S::of(a);
        self.mapv_inplace(|y| a * y);
    }

    fn max_abs(&self) -> f64 {
        // `f64::max` drops NaN, which must come through.
        self.iter().map(|x| x.as_f64().abs()).fold(0.0, |m, x| if x > m || x.is_nan() { x } else { m })
    }

    fn epsilon(&self) -> f64 {
        S::epsilon().as_f64()
    }
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
        self.index_axis(ndarray::Axis(0), i).to_owned()
    }

    fn zeros(&self) -> Array1<S> {
        Array1::zeros(self.ncols())
    }

    fn gram(&self) -> Array2<f64> {
        let g = self.mapv(|x| x.as_f64());
        g.dot(&g.t())
    }

    fn apply(&self, x: &Array1<S>) -> Array1<f64> {
        self.outer_iter().map(|row| row.iter().zip(x).map(|(g, x)| g.as_f64() * x.as_f64()).sum()).collect()
    }

    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut Array1<S>) {
        // Not scaled by zero: `y` may hold anything, NaN included, when a = 0.
        if a == 0.0 {
            y.fill(S::zero());
        } else {
            y.scale(a);
        }
        for (row, &c) in self.outer_iter().zip(c) {
            y.scaled_add(S::of(c), &row);
        }
    }

    fn squared_norm(&self) -> f64 {
        self.iter().map(|x| x.as_f64() * x.as_f64()).sum()
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

    fn apply(&self, x: &Array1<S>) -> Array1<f64> {
        let mut out = Array1::zeros(self.rows);
        for range in self.ranges() {
            out += &(self.load)(range.clone()).apply(&x.slice(s![range]).to_owned());
        }
        out
    }

    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut Array1<S>) {
        for range in self.ranges() {
            let mut part = y.slice(s![range.clone()]).to_owned();
            (self.load)(range.clone()).apply_adjoint(c, a, &mut part);
            y.slice_mut(s![range]).assign(&part);
        }
    }

    fn squared_norm(&self) -> f64 {
        self.ranges().map(|range| (self.load)(range).squared_norm()).sum()
    }
}
