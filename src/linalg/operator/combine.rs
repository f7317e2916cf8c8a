//! Operators made of operators, and of closures.

use super::LinearOperator;
use crate::linalg::{Vector, gamma};

/// $A + \eta I$.
#[derive(Debug, Clone)]
pub struct Damped<A> {
    /// The operator $A$.
    pub inner: A,
    /// The damping $\eta$.
    pub damping: f64,
}

impl<A: LinearOperator> LinearOperator for Damped<A> {
    type Vector = A::Vector;
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        self.inner.apply(x, y);
        y.axpy(self.damping, x);
    }
    fn product(&self, x: &A::Vector) -> A::Vector {
        let mut y = self.inner.product(x);
        y.axpy(self.damping, x);
        y
    }
    fn apply_block(&self, xs: &[A::Vector], ys: &mut [A::Vector]) {
        self.inner.apply_block(xs, ys);
        for (x, y) in xs.iter().zip(ys) {
            y.axpy(self.damping, x);
        }
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        let inner = self.inner.rounding(x_norm, epsilon)?;
        // The computed product has norm at most ‖A‖‖x‖ + inner; a product and a sum more round relative to that and to η‖x‖.
        let size = (self.inner.norm_bound()? + self.damping.abs()) * x_norm + inner;
        Some(inner + gamma(2, epsilon) * size)
    }
    fn lower_bound(&self) -> Option<f64> {
        self.inner.lower_bound().map(|bound| bound + self.damping)
    }
    fn norm_bound(&self) -> Option<f64> {
        self.inner.norm_bound().map(|bound| bound + self.damping.abs())
    }
}

/// $cA$.
#[derive(Debug, Clone)]
pub struct Scaled<A> {
    /// The operator $A$.
    pub inner: A,
    /// The factor $c$.
    pub factor: f64,
}

impl<A: LinearOperator> LinearOperator for Scaled<A> {
    type Vector = A::Vector;
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        self.inner.apply(x, y);
        y.scale(self.factor);
    }
    fn apply_block(&self, xs: &[A::Vector], ys: &mut [A::Vector]) {
        self.inner.apply_block(xs, ys);
        for y in ys {
            y.scale(self.factor);
        }
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        let inner = self.inner.rounding(x_norm, epsilon)?;
        let size = self.inner.norm_bound()? * x_norm + inner;
        Some(self.factor.abs() * (inner + gamma(1, epsilon) * size))
    }
    fn lower_bound(&self) -> Option<f64> {
        // A negative factor turns the spectrum round: then -|c|‖A‖ is what is known.
        if self.factor >= 0.0 {
            self.inner.lower_bound().map(|bound| bound * self.factor)
        } else {
            self.norm_bound().map(|bound| -bound)
        }
    }
    fn norm_bound(&self) -> Option<f64> {
        self.inner.norm_bound().map(|bound| bound * self.factor.abs())
    }
}

/// $A + B$, both on the same space.
#[derive(Debug, Clone)]
pub struct Sum<A, B>(pub A, pub B);

impl<A: LinearOperator, B: LinearOperator<Vector = A::Vector>> LinearOperator for Sum<A, B> {
    type Vector = A::Vector;
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        let mut second = x.zeros_like();
        self.0.apply(x, y);
        self.1.apply(x, &mut second);
        y.axpy(1.0, &second);
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        let inner = self.0.rounding(x_norm, epsilon)? + self.1.rounding(x_norm, epsilon)?;
        Some(inner + gamma(1, epsilon) * (self.norm_bound()? * x_norm + inner))
    }
    fn lower_bound(&self) -> Option<f64> {
        Some(self.0.lower_bound()? + self.1.lower_bound()?)
    }
    fn norm_bound(&self) -> Option<f64> {
        Some(self.0.norm_bound()? + self.1.norm_bound()?)
    }
}

/// Any closure `(x, y)` that sets `y` to $Ax$: a Hessian-vector product, say.
pub struct Closure<V, F> {
    dim: usize,
    apply: F,
    vector: std::marker::PhantomData<fn(&V)>,
}

impl<V: Vector, F: Fn(&V, &mut V)> Closure<V, F> {
    /// The operator of dimension `dim` whose product is `apply`, which must be linear and self-adjoint.
    pub fn new(dim: usize, apply: F) -> Self {
        Self { dim, apply, vector: std::marker::PhantomData }
    }
}

impl<V: Vector, F: Fn(&V, &mut V)> LinearOperator for Closure<V, F> {
    type Vector = V;
    fn dim(&self) -> usize {
        self.dim
    }
    fn apply(&self, x: &V, y: &mut V) {
        (self.apply)(x, y);
    }
}
