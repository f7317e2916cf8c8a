//! Elements of $\mathbb R^d$.

use std::fmt::Debug;

use ndarray::{Array1, Array2};
use num_traits::{Float, FromPrimitive, NumAssign, ToPrimitive};
use rand::Rng;

/// The storage scalars: `f64` and `f32`.
pub trait Scalar:
    Float + NumAssign + FromPrimitive + ToPrimitive + ndarray::ScalarOperand + Debug + Send + Sync + 'static
{
    /// The scalar nearest to `x`.
    fn of(x: f64) -> Self;
    /// The exact value of this scalar as an `f64`.
    fn as_f64(self) -> f64;
    /// The same slice where this type is `f64` already.
    fn as_f64_slice(slice: &[Self]) -> Option<&[f64]> {
        let _ = slice;
        None
    }
}

impl Scalar for f64 {
    fn of(x: f64) -> Self {
        x
    }
    fn as_f64(self) -> f64 {
        self
    }
    fn as_f64_slice(slice: &[Self]) -> Option<&[f64]> {
        Some(slice)
    }
}

impl Scalar for f32 {
    fn of(x: f64) -> Self {
        x as f32
    }
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
}

/// An element of $\mathbb R^d$ that lives wherever its backend keeps it.
///
/// Scalars cross the interface as `f64`; what is stored has the precision [`Vector::epsilon`] tells.
/// Both operands of a binary method have the same dimension: callers check it once, implementations may rely on it.
///
/// # Laws
/// For all `x`, `y` and scalars `a`, up to rounding: `x.dot(y) == y.dot(x)`; after `y.axpy(a, x)`, `y` is
/// $y + a x$; after `y.scale_add(a, x)`, `y` is $a y + x$; `norm` neither overflows nor underflows when the
/// result is representable. [`laws::vector`](crate::linalg::laws::vector) checks them for any implementation.
pub trait Vector: Clone + Debug {
    /// The dimension $d$.
    fn dim(&self) -> usize;

    /// A zero vector of the same dimension, precision and place.
    fn zeros_like(&self) -> Self;

    /// A vector of the same dimension, precision and place, with the given entries.
    fn with_entries(&self, entries: &[f64]) -> Self;

    /// The entries, brought to the host as `f64`.
    fn to_vec(&self) -> Vec<f64>;

    /// Copies the entries of `other` into `self`.
    fn copy_from(&mut self, other: &Self);

    /// The unit vector $e_j$, of the same dimension, precision and place. Backends that lie elsewhere than the host make it where they are.
    fn unit_like(&self, j: usize) -> Self {
        let mut entries = vec![0.0; self.dim()];
        entries[j] = 1.0;
        self.with_entries(&entries)
    }

    /// The entries of vectors of one dimension, a row each, brought to the host together.
    fn to_rows(vectors: &[Self]) -> Array2<f64> {
        let mut rows = Array2::zeros((vectors.len(), vectors.first().map_or(0, Vector::dim)));
        for (mut row, vector) in rows.rows_mut().into_iter().zip(vectors) {
            row.assign(&Array1::from(vector.to_vec()));
        }
        rows
    }

    /// Each entry is divided by that of `by`.
    fn divide(&mut self, by: &Self) {
        let quotients: Vec<f64> = self.to_vec().iter().zip(by.to_vec()).map(|(x, by)| x / by).collect();
        *self = self.with_entries(&quotients);
    }

    /// Says that all entries will be overwritten before any is read: a backend may give their memory back until then.
    fn vacate(&mut self) {}

    /// The inner product $\langle x, y\rangle$, accumulated in `f64` where the backend can.
    fn dot(&self, other: &Self) -> f64;

    /// `self` becomes `self + a x`.
    fn axpy(&mut self, a: f64, x: &Self);

    /// `self` becomes `a self + x`.
    fn scale_add(&mut self, a: f64, x: &Self);

    /// `self` becomes `a self`.
    fn scale(&mut self, a: f64);

    /// The largest magnitude of an entry; NaN when an entry is NaN.
    fn max_abs(&self) -> f64;

    /// The distance from 1 to the next number of the storage format ($2^{-52}$ or $2^{-23}$).
    fn epsilon(&self) -> f64;

    /// The Euclidean norm, scaled so that squares neither overflow nor underflow.
    fn norm(&self) -> f64 {
        let max = self.max_abs();
        if max == 0.0 || !max.is_finite() {
            return max;
        }
        // The window in which d squares can be added safely for any d below 2^100.
        if (1e-100..1e100).contains(&max) {
            return self.dot(self).sqrt();
        }
        let exponent = max.log2().floor() as i32;
        let mut scaled = self.clone();
        scale_by_power(&mut scaled, -exponent);
        libm::ldexp(scaled.dot(&scaled).sqrt(), exponent)
    }

    /// Whether every entry is finite.
    fn is_finite(&self) -> bool {
        self.max_abs().is_finite()
    }

    /// A vector of independent standard normal entries, of the same dimension, precision and place.
    fn gaussian_like<R: Rng + ?Sized>(&self, rng: &mut R) -> Self {
        use rand_distr::{Distribution, StandardNormal};
        let entries: Vec<f64> = (0..self.dim()).map(|_| StandardNormal.sample(rng)).collect();
        self.with_entries(&entries)
    }

    /// The $k\times l$ matrix of inner products $\langle x_i, y_j\rangle$.
    fn gram(xs: &[Self], ys: &[Self]) -> Array2<f64> {
        Array2::from_shape_fn((xs.len(), ys.len()), |(i, j)| xs[i].dot(&ys[j]))
    }

    /// Adds to each $y_j$ the combination $\sum_i c_{ij}\, x_i$.
    fn add_combinations(ys: &mut [Self], c: &Array2<f64>, xs: &[Self]) {
        for (j, y) in ys.iter_mut().enumerate() {
            for (i, x) in xs.iter().enumerate() {
                if c[(i, j)] != 0.0 {
                    y.axpy(c[(i, j)], x);
                }
            }
        }
    }

    /// Each $y_j$ becomes $a\,y_j + \sum_i c_{ij}\, x_i$; backends that gain from doing it in one pass override it.
    fn combine(a: f64, ys: &mut [Self], c: &Array2<f64>, xs: &[Self]) {
        ys.iter_mut().for_each(|y| y.scale(a));
        Self::add_combinations(ys, c, xs);
    }

    /// $Y\leftarrow YC$ for a $k\times l$ matrix $C$, $l\le k$: each of the first $l$ vectors becomes $\sum_i c_{ij}\,y_i$ of the $k$ vectors as they were, and the
    /// others stay. Backends that can do it in place override it.
    fn transform(ys: &mut [Self], c: &Array2<f64>) {
        let old = ys.to_vec();
        Self::combine(0.0, &mut ys[..c.ncols()], c, &old);
    }
}

/// `v` becomes $2^e v$, rounded at most once.
pub(crate) fn scale_by_power<V: Vector>(v: &mut V, exponent: i32) {
    // In two steps: 2^e alone may not be representable in the storage format.
    v.scale(2f64.powi(exponent / 2));
    v.scale(2f64.powi(exponent - exponent / 2));
}
