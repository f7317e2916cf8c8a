//! The products that an iterative solve may take to reach a tolerance, whatever it runs how often.

use std::cell::Cell;

use super::MOST_PRODUCTS;
use crate::linalg::LinearOperator;

/// Counts the products of a solve.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: Cell<usize>,
}

impl Budget {
    /// The products so far.
    pub fn spent(&self) -> usize {
        self.spent.get()
    }

    /// What is left of [`MOST_PRODUCTS`].
    pub fn left(&self) -> usize {
        MOST_PRODUCTS.saturating_sub(self.spent())
    }

    /// The operator whose products are counted.
    pub fn of<'a, A>(&'a self, operator: &'a A) -> Counted<'a, A> {
        Counted { operator, budget: self }
    }

    fn spend(&self, products: usize) {
        self.spent.set(self.spent() + products);
    }
}

/// An operator that counts its products.
pub(super) struct Counted<'a, A> {
    operator: &'a A,
    budget: &'a Budget,
}

impl<A: LinearOperator> LinearOperator for Counted<'_, A> {
    type Vector = A::Vector;

    fn dim(&self) -> usize {
        self.operator.dim()
    }

    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        self.budget.spend(1);
        self.operator.apply(x, y);
    }

    fn product(&self, x: &A::Vector) -> A::Vector {
        self.budget.spend(1);
        self.operator.product(x)
    }

    fn apply_block(&self, xs: &[A::Vector], ys: &mut [A::Vector]) {
        self.budget.spend(xs.len());
        self.operator.apply_block(xs, ys);
    }

    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        self.operator.rounding(x_norm, epsilon)
    }

    fn lower_bound(&self) -> Option<f64> {
        self.operator.lower_bound()
    }

    fn norm_bound(&self) -> Option<f64> {
        self.operator.norm_bound()
    }
}
