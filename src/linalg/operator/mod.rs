//! Self-adjoint operators, matrix-free.

mod combine;
mod dense_symmetric;
mod fisher;

pub use combine::{Closure, Damped, Scaled, Sum};
pub use dense_symmetric::{DenseSymmetric, SymmetryError};
pub use fisher::Fisher;

use ndarray::Array2;

use super::vector::Vector;

/// A self-adjoint linear map $A:\mathbb R^d\to\mathbb R^d$, given by its product with a vector.
///
/// # Laws
/// Up to rounding, $A(ax + y) = aAx + Ay$ and $\langle Ax, y\rangle = \langle x, Ay\rangle$.
/// [`laws::operator`](crate::linalg::laws::operator) checks both for any implementation.
///
/// An implementor writes `dim` and `apply`. Shapes are checked by the callers, once. An operator that cannot
/// compute a product (a device out of memory, say) fills `y` with NaN and keeps the reason: every estimator
/// stops at the first product that is not finite.
pub trait LinearOperator {
    /// What the operator acts on.
    type Vector: Vector;

    /// The dimension $d$.
    fn dim(&self) -> usize;

    /// `y` becomes $Ax$, whatever it held.
    fn apply(&self, x: &Self::Vector, y: &mut Self::Vector);

    /// $Ax$, a new vector; operators that make one anyway override it.
    fn product(&self, x: &Self::Vector) -> Self::Vector {
        let mut y = x.zeros_like();
        self.apply(x, &mut y);
        y
    }

    /// Each $y_j$ becomes $Ax_j$; backends that gain from doing them together override it.
    fn apply_block(&self, xs: &[Self::Vector], ys: &mut [Self::Vector]) {
        for (x, y) in xs.iter().zip(ys) {
            self.apply(x, y);
        }
    }

    /// A bound on $\lVert \mathrm{fl}(Ax) - Ax\rVert_2$ that holds for every $x$ of norm `x_norm` stored with the given
    /// `epsilon` ([`Vector::epsilon`]), barring underflow; `None` where none is known.
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        let _ = (x_norm, epsilon);
        None
    }

    /// A lower bound on $\lambda_{\min}$ that holds by construction, such as 0 for a Gram operator; `None` where none is known.
    fn lower_bound(&self) -> Option<f64> {
        None
    }

    /// An upper bound on $\lVert A\rVert_2=\max|\lambda|$ that holds by construction; `None` where none is known.
    fn norm_bound(&self) -> Option<f64> {
        None
    }
}

impl<T: LinearOperator + ?Sized> LinearOperator for &T {
    type Vector = T::Vector;
    fn dim(&self) -> usize {
        (**self).dim()
    }
    fn apply(&self, x: &Self::Vector, y: &mut Self::Vector) {
        (**self).apply(x, y);
    }
    fn product(&self, x: &Self::Vector) -> Self::Vector {
        (**self).product(x)
    }
    fn apply_block(&self, xs: &[Self::Vector], ys: &mut [Self::Vector]) {
        (**self).apply_block(xs, ys);
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        (**self).rounding(x_norm, epsilon)
    }
    fn lower_bound(&self) -> Option<f64> {
        (**self).lower_bound()
    }
    fn norm_bound(&self) -> Option<f64> {
        (**self).norm_bound()
    }
}

/// The full matrix of an operator, one product a column. The slow, obvious oracle of every estimator. The columns stay where the operator's vectors live until
/// all are there, and come to the host together.
pub fn dense<A: LinearOperator>(operator: &A, like: &A::Vector) -> Array2<f64> {
    let columns: Vec<A::Vector> = (0..operator.dim()).map(|j| operator.product(&like.unit_like(j))).collect();
    A::Vector::to_rows(&columns).t().as_standard_layout().into_owned()
}
