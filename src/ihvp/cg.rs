//! Conjugate gradient (Hestenes and Stiefel 1952), each column by itself.
//!
//! $x_k$ minimises $\tfrac12x^\top Ax-v^\top x$ over the Krylov space $\mathcal K_k(A,v)$. With $r_k=v-Ax_k$, $p_0=r_0$:
//! $$\alpha_k=\frac{r_k^\top r_k}{p_k^\top Ap_k},\quad x_{k+1}=x_k+\alpha_kp_k,\quad r_{k+1}=r_k-\alpha_kAp_k,\quad
//! p_{k+1}=r_{k+1}+\frac{r_{k+1}^\top r_{k+1}}{r_k^\top r_k}\,p_k .$$
//! For positive definite $A$, $\lVert x_k-x\rVert_A\le2\Big(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\Big)^k\lVert x\rVert_A$.
//!
//! # What is checked
//! - *Convergence is that of the true residual.* The recursion's $r_k$ drifts from $v-Ax_k$ (Greenbaum 1997: by about $\epsilon\lVert A\rVert\max_k\lVert x_k\rVert$)
//!   and may pass the tolerance alone. Then $v-Ax_k$ is computed; if it is above the tolerance it replaces $r_k$ and the iteration starts again from
//!   there, which is iterative refinement. When such a round does not halve it, the tolerance is below the attainable level.
//! - *Curvature.* $p_k^\top Ap_k/p_k^\top p_k$ below zero by more than rounding ([`spectrum::negligible`](crate::spectrum::negligible)) proves $A$ indefinite; within rounding
//!   of zero, $A$ is numerically singular. Either ends the solve. Their absence proves nothing: only directions in the Krylov spaces of the columns are seen.
//! - $p_{k}^\top p_{k}=r_k^\top r_k+\beta_{k-1}^2\,p_{k-1}^\top p_{k-1}$, since $r_k\perp p_{k-1}$: the quotient costs no pass over a vector.
//!
//! An iteration is one product, two inner products and three updates; nothing is allocated.

use super::{
    InverseBound, Solution, Status, Stop, StopError,
    columns::{Columns, ColumnsError, Solved},
};
use crate::{
    linalg::{LinearOperator, Vector},
    spectrum::{Lanczos, lanczos, negligible},
};

/// When to stop; by default at a relative residual of $10^{-10}$.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Params {
    /// The criterion; [`Stop::terms`] counts iterations.
    pub stop: Stop,
}

/// Why conjugate gradient, single or block, gives no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error<V> {
    /// The right-hand sides.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// The criterion.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The size of the operator could not be found.
    #[error(transparent)]
    Operator(#[from] lanczos::Error),
    /// A product was not finite.
    #[error(
        "the product of iteration {iteration} is not finite: either the operator's entries are not, or it is too large for the storage format; check the data, or scale it down"
    )]
    NotFinite {
        /// The iteration, from 1.
        iteration: usize,
    },
    /// Negative curvature, beyond rounding.
    #[error(
        "the operator is indefinite: iteration {iteration} met a direction p with pᵀAp/pᵀp = {curvature:e}; add damping beyond {}, or use a method for indefinite systems",
        -curvature
    )]
    Indefinite {
        /// The direction $p$.
        direction: V,
        /// $p^\top Ap/p^\top p$.
        curvature: f64,
        /// The iteration, from 1.
        iteration: usize,
    },
    /// Curvature that rounding cannot tell from zero.
    #[error(
        "the operator is numerically singular: iteration {iteration} met a direction p with pᵀAp/pᵀp = {curvature:e}, where rounding alone explains {threshold:e}; \
         add damping, or give the operator in higher precision"
    )]
    Singular {
        /// The direction $p$.
        direction: V,
        /// $p^\top Ap/p^\top p$.
        curvature: f64,
        /// What rounding explains.
        threshold: f64,
        /// The iteration, from 1.
        iteration: usize,
    },
    /// The tolerance is below what the arithmetic attains.
    #[error(
        "column {column}: the tolerance {tolerance:e} is below the attainable level, the true relative residual stays at {attained:e}; \
         either the operator is too ill-conditioned for this precision, or the tolerance is too small: loosen it, add damping, or use a direct method"
    )]
    Stagnated {
        /// The column.
        column: usize,
        /// The true relative residual attained.
        attained: f64,
        /// The tolerance.
        tolerance: f64,
    },
    /// The tolerance was not reached within the budget.
    #[error(
        "column {column}: the true relative residual is {attained:e} after {iterations} iterations, {tolerance:e} was asked for; \
         allow more iterations, loosen the tolerance, or add damping"
    )]
    Budget {
        /// The column.
        column: usize,
        /// The true relative residual attained.
        attained: f64,
        /// The tolerance.
        tolerance: f64,
        /// The iterations taken.
        iterations: usize,
    },
}

/// Solves $Ax=v$ for each column of `vs`.
///
/// `bound` is what is known of $\lambda_{\min}$, for the error bounds; where it is `None`, what the operator knows by construction is used.
///
/// # Errors
/// [`Error`]; no partial answer is given.
pub fn solve<A: LinearOperator>(
    operator: &A,
    vs: &[A::Vector],
    bound: Option<InverseBound>,
    params: &Params,
) -> Result<Solution<A::Vector>, Error<A::Vector>> {
    let Start { columns, bound, mut solved, mut curvature } = start(operator, vs, bound, &params.stop)?;
    let mut products = 0;
    for j in columns.nonzero() {
        let run = Run { operator, columns: &columns, column: j, stop: &params.stop };
        solved[j] = Some(run.solve(&mut curvature, &mut products)?);
    }
    finish(columns, operator, solved, bound, &params.stop)
}

/// What conjugate gradient, single or block, starts from.
pub(super) struct Start<'a, V> {
    pub columns: Columns<'a, V>,
    pub bound: Option<InverseBound>,
    pub solved: Vec<Option<Solved<V>>>,
    pub curvature: Curvature,
}

/// Checks the criterion, the right-hand sides and the operator's size.
pub(super) fn start<'a, A: LinearOperator>(
    operator: &A,
    vs: &'a [A::Vector],
    bound: Option<InverseBound>,
    stop: &Stop,
) -> Result<Start<'a, A::Vector>, Error<A::Vector>> {
    stop.check()?;
    let columns = Columns::new(operator, vs)?;
    let bound = bound.or_else(|| InverseBound::by_construction(operator));
    let curvature = Curvature::new(operator, columns.like(), bound.is_some())?;
    Ok(Start { solved: columns.unsolved(), columns, bound, curvature })
}

/// The report, and a last look at the tolerance: storing a solution may have lost digits to underflow.
pub(super) fn finish<A: LinearOperator>(
    columns: Columns<'_, A::Vector>,
    operator: &A,
    solved: Vec<Option<Solved<A::Vector>>>,
    bound: Option<InverseBound>,
    stop: &Stop,
) -> Result<Solution<A::Vector>, Error<A::Vector>> {
    let status = if stop.tolerance.is_some() { Status::Converged } else { Status::Budget };
    let solution = columns.finish(operator, solved.into_iter().flatten(), bound, status, None)?;
    if let Some(tolerance) = stop.tolerance {
        let above = |r: &f64| r.is_nan() || *r > tolerance;
        let residuals = solution.reports.iter().map(|report| report.relative_residual);
        if let Some((column, attained)) = residuals.enumerate().find(|(_, r)| above(r)) {
            return Err(Error::Stagnated { column, attained, tolerance });
        }
    }
    Ok(solution)
}

/// Judges curvatures by the size of the operator.
pub(super) struct Curvature {
    /// At least a fair part of $\lVert A\rVert$.
    norm: f64,
    unit: f64,
    /// $\lambda_{\min}>0$ is known: then small curvatures are real.
    definite: bool,
}

impl Curvature {
    /// Four Lanczos steps tell the norm where the operator knows none: a right-hand side in a null space says nothing about it.
    pub fn new<A: LinearOperator>(operator: &A, like: &A::Vector, definite: bool) -> Result<Self, lanczos::Error> {
        let norm = match operator.norm_bound() {
            Some(norm) => norm,
            None => {
                let mut process = Lanczos::start(operator, like, 0)?;
                process.extend(operator, 4)?;
                process.norm()
            }
        };
        Ok(Self { norm, unit: negligible(like.dim(), like.epsilon(), 1.0), definite })
    }

    /// A Rayleigh quotient was seen: the norm is at least that.
    pub fn see(&mut self, quotient: f64) {
        self.norm = self.norm.max(quotient.abs());
    }

    pub fn threshold(&self) -> f64 {
        self.unit * self.norm
    }

    /// # Errors
    /// When `curvature` $=p^\top Ap/p^\top p$ is not positive, or not surely.
    pub fn judge<V: Clone>(&self, direction: &V, curvature: f64, iteration: usize) -> Result<(), Error<V>> {
        let threshold = self.threshold();
        if curvature < -threshold {
            Err(Error::Indefinite { direction: direction.clone(), curvature, iteration })
        } else if curvature <= if self.definite { 0.0 } else { threshold } {
            Err(Error::Singular { direction: direction.clone(), curvature, threshold, iteration })
        } else {
            Ok(())
        }
    }
}

/// Iterations without halving the smallest residual after which a solve has stalled: in exact arithmetic $n$ end it, and rounding delays it by a small
/// factor.
pub(super) fn patience(n: usize) -> usize {
    10 * n + 100
}

/// A tolerance that the recursion reached and the true residual did not is undercut by this factor the next time: else a true residual a hair above it
/// would be refined to a hair above it, which is no stagnation.
pub(super) const AGAIN: f64 = 4.0;

/// Below this part of $\lVert v\rVert$ a residual changes no digit of $x$ as long as $\kappa<1/\epsilon$: a truncation may stop.
pub(super) fn vanishing(epsilon: f64) -> f64 {
    epsilon * epsilon
}

struct Run<'a, A: LinearOperator> {
    operator: &'a A,
    columns: &'a Columns<'a, A::Vector>,
    column: usize,
    stop: &'a Stop,
}

impl<A: LinearOperator> Run<'_, A> {
    fn solve(&self, judge: &mut Curvature, products: &mut usize) -> Result<Solved<A::Vector>, Error<A::Vector>> {
        let norm = self.columns.norms[self.column];
        let mut r = self.columns.column(self.column);
        let target = self.stop.tolerance.unwrap_or_else(|| vanishing(r.epsilon())) * norm;
        // What the recursion must show before the true residual is looked at again.
        let mut aim = target;
        let mut p = r.clone();
        // Corrections to x are summed apart between looks at the true residual: one by one, short ones would be lost to rounding.
        let (mut x, mut d, mut ap) = (r.zeros_like(), r.zeros_like(), r.zeros_like());
        let mut rr = r.dot(&r);
        let mut pp = rr;
        // The true residual when last computed, and what the smallest has been since it was last halved.
        let (mut attained, mut best, mut since) = (norm, rr, 0);
        // β_{k-1}/α_{k-1}, for the Rayleigh quotient of r_k.
        let mut previous = 0.0;
        let mut trace = Vec::new();
        let mut iterations = 0;
        loop {
            if self.spent(iterations, *products) {
                x.axpy(1.0, &d);
                let Some(tolerance) = self.stop.tolerance else {
                    return Ok(Solved { vector: x, iterations, trace });
                };
                let attained = self.residual(&x, &mut r) / norm;
                return Err(Error::Budget { column: self.column, attained, tolerance, iterations });
            }
            self.operator.apply(&p, &mut ap);
            *products += 1;
            iterations += 1;
            let pap = p.dot(&ap);
            if !pap.is_finite() {
                return Err(Error::NotFinite { iteration: iterations });
            }
            judge.judge(&p, pap / pp, iterations)?;
            let alpha = rr / pap;
            judge.see(1.0 / alpha + previous);
            d.axpy(alpha, &p);
            r.axpy(-alpha, &ap);
            let next = r.dot(&r);
            if !next.is_finite() {
                return Err(Error::NotFinite { iteration: iterations });
            }
            trace.push(next.sqrt() / norm);
            if next.sqrt() <= aim {
                x.axpy(1.0, &d);
                d.scale(0.0);
                let Some(tolerance) = self.stop.tolerance else {
                    return Ok(Solved { vector: x, iterations, trace });
                };
                let residual = self.residual(&x, &mut r);
                *products += 1;
                if residual <= target {
                    return Ok(Solved { vector: x, iterations, trace });
                }
                // Written so that NaN stagnates.
                if residual.is_nan() || residual > attained / 2.0 {
                    let attained = residual.min(attained) / norm;
                    return Err(Error::Stagnated { column: self.column, attained, tolerance });
                }
                (attained, aim) = (residual, target / AGAIN);
                p.copy_from(&r);
                rr = r.dot(&r);
                (pp, best, since, previous) = (rr, rr, 0, 0.0);
                continue;
            }
            since += 1;
            if next <= best / 4.0 {
                (best, since) = (next, 0);
            }
            if since > patience(r.dim())
                && let Some(tolerance) = self.stop.tolerance
            {
                x.axpy(1.0, &d);
                let attained = self.residual(&x, &mut r) / norm;
                return Err(Error::Stagnated { column: self.column, attained, tolerance });
            }
            let beta = next / rr;
            previous = beta / alpha;
            p.scale_add(beta, &r);
            pp = next + beta * beta * pp;
            rr = next;
        }
    }

    /// Whether the iterations or, for a tolerance, the products are spent.
    fn spent(&self, iterations: usize, products: usize) -> bool {
        let budget = self.stop.tolerance.is_some() && products >= self.stop.products;
        budget || self.stop.terms.is_some_and(|terms| iterations >= terms)
    }

    /// `r` becomes $v-Ax$; its norm.
    fn residual(&self, x: &A::Vector, r: &mut A::Vector) -> f64 {
        self.operator.apply(x, r);
        self.columns.residual(self.column, r);
        r.norm()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Within rounding of zero, both ends included, an operator is singular; known to be positive definite it has no curvature but zero that is none.
    #[test]
    fn curvatures_are_judged_by_what_rounding_explains() {
        let judged = |curvature: f64, definite| {
            let judge = Curvature { norm: 0.5, unit: 0.25, definite };
            match judge.judge(&'p', curvature, 3) {
                Ok(()) => "positive",
                Err(Error::Singular { direction: 'p', curvature: found, threshold: 0.125, iteration: 3 }) => {
                    assert_eq!(found, curvature);
                    "singular"
                }
                Err(Error::Indefinite { direction: 'p', curvature: found, iteration: 3 }) => {
                    assert_eq!(found, curvature);
                    "indefinite"
                }
                other => panic!("{other:?}"),
            }
        };
        for (curvature, unknown, definite) in [
            (0.125f64.next_up(), "positive", "positive"),
            (0.125, "singular", "positive"),
            (f64::MIN_POSITIVE, "singular", "positive"),
            (0.0, "singular", "singular"),
            (-0.125, "singular", "singular"),
            ((-0.125f64).next_down(), "indefinite", "indefinite"),
        ] {
            assert_eq!((judged(curvature, false), judged(curvature, true)), (unknown, definite), "{curvature}");
        }
    }
}
