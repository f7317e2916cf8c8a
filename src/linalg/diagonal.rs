//! Operators whose diagonal is at hand.

use ndarray::Array1;

use super::{
    operator::{Damped, DenseSymmetric, Fisher, LinearOperator, Scaled, Sum},
    panel::Panel,
    vector::{Scalar, Vector},
};

/// An operator that knows its diagonal $(A_{11},\dots,A_{dd})$.
pub trait Diagonal: LinearOperator {
    /// The diagonal, in the precision and place of the operator's vectors.
    fn diagonal(&self) -> Self::Vector;

    /// $\operatorname{tr}A$.
    fn trace(&self) -> f64 {
        self.diagonal().to_vec().iter().sum()
    }
}

impl<T: Diagonal + ?Sized> Diagonal for &T {
    fn diagonal(&self) -> Self::Vector {
        (**self).diagonal()
    }
}

impl<S: Scalar> Diagonal for DenseSymmetric<S> {
    fn diagonal(&self) -> Array1<S> {
        self.matrix().diag().to_owned()
    }
}

impl<P: Panel> Diagonal for Fisher<P> {
    /// $F_{jj}=\frac1N\sum_iG_{ij}^2$.
    fn diagonal(&self) -> P::Vector {
        let rows = self.panel().rows() as f64;
        let entries: Vec<f64> = self.panel().column_squares().into_iter().map(|square| square / rows).collect();
        self.panel().zeros().with_entries(&entries)
    }
}

impl<A: Diagonal> Diagonal for Damped<A> {
    fn diagonal(&self) -> A::Vector {
        let inner = self.inner.diagonal();
        let mut diagonal = inner.with_entries(&vec![self.damping; inner.dim()]);
        diagonal.axpy(1.0, &inner);
        diagonal
    }
}

impl<A: Diagonal> Diagonal for Scaled<A> {
    fn diagonal(&self) -> A::Vector {
        let mut diagonal = self.inner.diagonal();
        diagonal.scale(self.factor);
        diagonal
    }
}

impl<A: Diagonal, B: Diagonal<Vector = A::Vector>> Diagonal for Sum<A, B> {
    fn diagonal(&self) -> A::Vector {
        let mut diagonal = self.0.diagonal();
        diagonal.axpy(1.0, &self.1.diagonal());
        diagonal
    }
}
