//! The inverse Hessian as the predictions see it.

use crate::problem::{Hessian, Supernet};

/// Anything that estimates $H^{-1}v_j$ for the Hessian of a supernet at a point.
///
/// The point comes along, so that an estimator may use the operator itself, or the mini-batches or gradients of its problem. Any closure
/// `|at: &Hessian<'_, P>, vs: &[P::Vector]| -> Result<Vec<P::Vector>, E>` is one.
pub trait InverseHessian<P: Supernet + ?Sized> {
    /// Why a solve was refused.
    type Error;

    /// $x_j\approx H^{-1}v_j$, in order.
    ///
    /// # Errors
    /// Whatever the estimator refuses.
    fn solve(&mut self, at: &Hessian<'_, P>, vs: &[P::Vector]) -> Result<Vec<P::Vector>, Self::Error>;

    /// $x\approx H^{-1}v$; zero when the estimator returned nothing.
    ///
    /// # Errors
    /// Whatever the estimator refuses.
    fn solve_one(&mut self, at: &Hessian<'_, P>, v: P::Vector) -> Result<P::Vector, Self::Error> {
        use crate::linalg::Vector;
        let zero = v.zeros_like();
        Ok(self.solve(at, &[v])?.pop().unwrap_or(zero))
    }
}

impl<P, E, F> InverseHessian<P> for F
where
    P: Supernet + ?Sized,
    F: FnMut(&Hessian<'_, P>, &[P::Vector]) -> Result<Vec<P::Vector>, E>,
{
    type Error = E;

    fn solve(&mut self, at: &Hessian<'_, P>, vs: &[P::Vector]) -> Result<Vec<P::Vector>, E> {
        self(at, vs)
    }
}
