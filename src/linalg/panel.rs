//! Tall stacks of vectors.

use std::{marker::PhantomData, ops::Range};

use ndarray::{Array1, Array2};

use super::vector::Vector;

/// $N$ vectors of $\mathbb R^d$ as the rows of $G\in\mathbb R^{N\times d}$, usually one gradient a row, $N\ll d$.
///
/// Every method is one pass over the panel. A panel too large for memory is handed over in blocks of
/// consecutive coordinates: see [`Streamed`].
///
/// # Laws
/// Up to rounding, $\langle Gx, c\rangle = \langle x, G^\top c\rangle$, `gram` is $GG^\top$, and row $i$ is
/// $G^\top e_i$. [`laws::panel`](crate::linalg::laws::panel) checks them for any implementation.
pub trait Panel {
    /// The type of a row.
    type Vector: Vector;

    /// The number of rows $N$.
    fn rows(&self) -> usize;

    /// The length of a row, $d$.
    fn dim(&self) -> usize;

    /// A copy of row `i`.
    fn row(&self, i: usize) -> Self::Vector;

    /// A zero vector of dimension $d$, in the precision and place of the rows.
    fn zeros(&self) -> Self::Vector;

    /// $G G^\top$, in `f64`.
    fn gram(&self) -> Array2<f64>;

    /// $GG^\top$ and $GX$, in `f64`: [`Panel::gram`] and [`Panel::apply_many`]. Backends that can do both in one pass over the panel
    /// override it.
    fn gram_and_apply(&self, xs: &[Self::Vector]) -> (Array2<f64>, Array2<f64>) {
        (self.gram(), self.apply_many(xs))
    }

    /// $G x$, in `f64`.
    fn apply(&self, x: &Self::Vector) -> Array1<f64>;

    /// `y` becomes $a\,y + G^\top c$.
    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut Self::Vector);

    /// $G X$ as an $N\times k$ matrix, for $k$ vectors at once.
    fn apply_many(&self, xs: &[Self::Vector]) -> Array2<f64> {
        let mut out = Array2::zeros((self.rows(), xs.len()));
        for (mut column, x) in out.columns_mut().into_iter().zip(xs) {
            column.assign(&self.apply(x));
        }
        out
    }

    /// Each $y_j$ becomes $a\,y_j + G^\top c_j$, $c_j$ the columns of `c`.
    fn apply_adjoint_many(&self, c: &Array2<f64>, a: f64, ys: &mut [Self::Vector]) {
        for (column, y) in c.columns().into_iter().zip(ys) {
            self.apply_adjoint(&column.to_owned(), a, y);
        }
    }

    /// New vectors $a\,v_j + G^\top c_j$, $c_j$ the columns of `c`: [`Panel::apply_adjoint_many`] on a copy of `vs`. Backends that can do without
    /// the copy override it.
    fn combined(&self, c: &Array2<f64>, a: f64, vs: &[Self::Vector]) -> Vec<Self::Vector> {
        let mut ys = vs.to_vec();
        self.apply_adjoint_many(c, a, &mut ys);
        ys
    }

    /// The squared Frobenius norm $\sum_{ij} G_{ij}^2$.
    fn squared_norm(&self) -> f64 {
        (0..self.rows()).map(|i| self.row(i).norm().powi(2)).sum()
    }

    /// The squared norm $\sum_i G_{ij}^2$ of each column $j$, in `f64`.
    fn column_squares(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.dim()];
        for i in 0..self.rows() {
            sums.iter_mut().zip(self.row(i).to_vec()).for_each(|(sum, x)| *sum += x * x);
        }
        sums
    }
}

impl<T: Panel + ?Sized> Panel for &T {
    type Vector = T::Vector;
    fn rows(&self) -> usize {
        (**self).rows()
    }
    fn dim(&self) -> usize {
        (**self).dim()
    }
    fn row(&self, i: usize) -> T::Vector {
        (**self).row(i)
    }
    fn zeros(&self) -> T::Vector {
        (**self).zeros()
    }
    fn gram(&self) -> Array2<f64> {
        (**self).gram()
    }
    fn gram_and_apply(&self, xs: &[T::Vector]) -> (Array2<f64>, Array2<f64>) {
        (**self).gram_and_apply(xs)
    }
    fn apply(&self, x: &T::Vector) -> Array1<f64> {
        (**self).apply(x)
    }
    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut T::Vector) {
        (**self).apply_adjoint(c, a, y);
    }
    fn apply_many(&self, xs: &[T::Vector]) -> Array2<f64> {
        (**self).apply_many(xs)
    }
    fn apply_adjoint_many(&self, c: &Array2<f64>, a: f64, ys: &mut [T::Vector]) {
        (**self).apply_adjoint_many(c, a, ys);
    }
    fn combined(&self, c: &Array2<f64>, a: f64, vs: &[T::Vector]) -> Vec<T::Vector> {
        (**self).combined(c, a, vs)
    }
    fn squared_norm(&self) -> f64 {
        (**self).squared_norm()
    }
    fn column_squares(&self) -> Vec<f64> {
        (**self).column_squares()
    }
}

/// A panel that is never held whole: `load` hands over the columns of a range of coordinates, $N\times b$, when asked.
///
/// The blocks partition $0..d$ in order; each pass over the panel loads each block once. The memory in use
/// is one block.
pub struct Streamed<S, F> {
    pub(super) rows: usize,
    pub(super) dim: usize,
    block: usize,
    pub(super) load: F,
    scalar: PhantomData<fn() -> S>,
}

impl<S, F: Fn(Range<usize>) -> Array2<S>> Streamed<S, F> {
    /// A panel of `rows` rows of length `dim`, read `block` coordinates at a time (the last block may be shorter).
    /// `load(range)` hands over an array of shape `(rows, range.len())`.
    pub fn new(rows: usize, dim: usize, block: usize, load: F) -> Self {
        Self { rows, dim, block: block.max(1), load, scalar: PhantomData }
    }

    /// The ranges of coordinates in order.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> + use<S, F> {
        let (dim, block) = (self.dim, self.block);
        (0..dim).step_by(block).map(move |start| start..(start + block).min(dim))
    }
}
