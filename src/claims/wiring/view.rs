//! A group over any field, with its statistics: the symbols of Eq. 16 to 19 and 23 to 24.

use super::groups::Group;
use crate::enclosure::{Dual, Field, Rooted, Undefined, inner, numbers, sum};

/// A group and $n^{-1}$, $\mu$, $\sigma^2$, $(\sigma^2)^{-1/2}$ and $\hat X$.
#[derive(Debug, Clone)]
pub(super) struct View<F> {
    pub(super) x: Vec<F>,
    pub(super) g: Vec<F>,
    pub(super) gamma: F,
    pub(super) beta: F,
    /// $1/n$.
    pub(super) each: F,
    pub(super) mean: F,
    pub(super) variance: F,
    pub(super) scale: F,
    pub(super) hat: Vec<F>,
}

impl<F: Rooted> View<F> {
    /// The view of a group.
    ///
    /// # Errors
    /// [`Undefined::Root`] where $\sigma$ is not in the field, [`Undefined::Division`] for a constant group.
    pub(super) fn new(group: &Group) -> Result<Self, Undefined> {
        Self::with(numbers(&group.x)?, numbers(&group.g)?, F::number(group.gamma)?, F::number(group.beta)?)
    }

    fn with(x: Vec<F>, g: Vec<F>, gamma: F, beta: F) -> Result<Self, Undefined> {
        let each = F::one().over(&F::integer(x.len() as i32))?;
        let mean = sum(x.iter().cloned()) * each.clone();
        let variance = variance_about(&x, &mean) * each.clone();
        let scale = F::one().over(&variance.root()?)?;
        let hat = x.iter().map(|x| (x.clone() - mean.clone()) * scale.clone()).collect();
        Ok(Self { x, g, gamma, beta, each, mean, variance, scale, hat })
    }

    /// $\sum\partial L/\partial X_3^2\,\hat X$.
    pub(super) fn slope(&self) -> F {
        inner(&self.g, &self.hat)
    }

    /// $y=\gamma(x-\mu)/\sqrt{\sigma^2}+\beta$ with each argument of its own.
    fn output(&self, x: Dual<F>, mean: Dual<F>, variance: &Dual<F>) -> Result<Dual<F>, Undefined> {
        let hat = (x - mean).over(&variance.root()?)?;
        Ok(hat * Dual::constant(self.gamma.clone()) + Dual::constant(self.beta.clone()))
    }

    /// $\partial y/\partial x$, $\partial y/\partial\mu$ and $\partial y/\partial\sigma^2$ of element `i`.
    pub(super) fn partials(&self, i: usize) -> Result<[F; 3], Undefined> {
        let (x, mean, variance) = (self.x[i].clone(), self.mean.clone(), self.variance.clone());
        let (one, c) = (Dual::variable, Dual::constant);
        Ok([
            self.output(one(x.clone()), c(mean.clone()), &c(variance.clone()))?.slope,
            self.output(c(x.clone()), one(mean.clone()), &c(variance.clone()))?.slope,
            self.output(c(x), c(mean), &one(variance))?.slope,
        ])
    }

    /// $\partial L/\partial\sigma^2=\sum\partial L/\partial y\,\partial y/\partial\sigma^2$.
    pub(super) fn variance_slope(&self) -> Result<F, Undefined> {
        (0..self.x.len()).try_fold(F::zero(), |sum, i| Ok(sum + self.g[i].clone() * self.partials(i)?[2].clone()))
    }

    /// $\partial\sigma^2/\partial m$ at the centre $m$.
    pub(super) fn centre_slope(&self, m: &F) -> F {
        sum(self.x.iter().map(|x| F::integer(-2) * (x.clone() - m.clone()))) * self.each.clone()
    }

    /// $\partial L/\partial X$ by the definition: every element moved by itself through mean, variance and root.
    pub(super) fn pulled(&self) -> Result<Vec<F>, Undefined> {
        let constants = |v: &[F]| v.iter().cloned().map(Dual::constant).collect::<Vec<_>>();
        (0..self.x.len())
            .map(|i| {
                let mut x = constants(&self.x);
                x[i].slope = F::one();
                let moved = View::with(
                    x,
                    constants(&self.g),
                    Dual::constant(self.gamma.clone()),
                    Dual::constant(self.beta.clone()),
                )?;
                Ok((moved.slope() * moved.gamma).slope)
            })
            .collect()
    }
}

fn variance_about<F: Field>(x: &[F], m: &F) -> F {
    sum(x.iter().map(|x| (x.clone() - m.clone()).squared()))
}
