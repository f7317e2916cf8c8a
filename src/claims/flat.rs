//! A [`Landscape`](super::landscape::Landscape) without its bends, a quadratic, over any field.

use nalgebra::{DMatrix, DVector};

use crate::enclosure::{Field, Undefined, dot, solve_vector};

/// $g^\top\alpha+b^\top\theta+\tfrac12\alpha^\top A\alpha+\alpha^\top B\theta+\tfrac12\theta^\top H\theta$.
#[derive(Debug, Clone)]
pub struct Flat<F> {
    /// $g$.
    pub gate_gradient: DVector<F>,
    /// $b$.
    pub weight_gradient: DVector<F>,
    /// $A$.
    pub gate_hessian: DMatrix<F>,
    /// $B$.
    pub cross: DMatrix<F>,
    /// $H$.
    pub hessian: DMatrix<F>,
}

impl<F: Field> Flat<F> {
    /// $L$.
    ///
    /// # Errors
    /// None: 2 is not 0.
    pub fn value(&self, theta: &DVector<F>, alpha: &DVector<F>) -> Result<F, Undefined> {
        let squares = dot(alpha, &(&self.gate_hessian * alpha)) + dot(theta, &(&self.hessian * theta));
        let linear = dot(&self.gate_gradient, alpha) + dot(&self.weight_gradient, theta);
        Ok(linear + dot(alpha, &(&self.cross * theta)) + squares.over(&F::integer(2))?)
    }

    /// $\partial L/\partial\theta$.
    pub fn by_weights(&self, theta: &DVector<F>, alpha: &DVector<F>) -> DVector<F> {
        &self.weight_gradient + self.cross.transpose() * alpha + &self.hessian * theta
    }

    /// $\partial L/\partial\alpha$.
    pub fn by_gates(&self, theta: &DVector<F>, alpha: &DVector<F>) -> DVector<F> {
        &self.gate_gradient + &self.gate_hessian * alpha + &self.cross * theta
    }

    /// $\arg\min_\theta L(\theta,\alpha)=-H^{-1}(b+B^\top\alpha)$.
    ///
    /// # Errors
    /// [`Undefined::Singular`] for a singular $H$.
    pub fn minimiser(&self, alpha: &DVector<F>) -> Result<DVector<F>, Undefined> {
        let slope = &self.weight_gradient + self.cross.transpose() * alpha;
        Ok(-solve_vector(&self.hessian, &slope)?)
    }
}
