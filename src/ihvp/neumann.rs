//! The Neumann series, Lemma 1 of `influence` with its step and its remainder stated.
//!
//! For $\rho=\lVert I-\gamma A\rVert_2<1$, which for symmetric $A$ is $0<\lambda_{\min}$ and $\gamma<2/\lambda_{\max}$,
//! $$A^{-1}v=\gamma\sum_{k=0}^{\infty}(I-\gamma A)^kv ,\qquad x_K=\gamma\sum_{k=0}^{K}(I-\gamma A)^kv .$$
//! $K$ is the last index: $K+1$ summands and $K$ products. (The paper prints $V_{k}=\gamma(I-\gamma H)V_{k-1}$ with $V_0=\gamma v$: one factor $\gamma$ a term too
//! many. Here $V_k=(I-\gamma A)V_{k-1}$.)
//!
//! # The remainder
//! $\gamma A\sum_{k=0}^K(I-\gamma A)^k$ telescopes with $\gamma A=I-(I-\gamma A)$, so
//! $$v-Ax_K=(I-\gamma A)^{K+1}v=\tfrac1\gamma V_{K+1},\qquad \lVert v-Ax_K\rVert\le\rho^{K+1}\lVert v\rVert .$$
//! A relative residual of $\tau$ is therefore certain once $K+1\ge\ln\tau/\ln\rho$, and the next term shows when it was reached earlier.
//!
//! # Divergence
//! $\lVert V_{k+1}\rVert>\lVert V_k\rVert$ beyond rounding proves $\lVert I-\gamma A\rVert>1$: an eigenvalue outside $[0,2/\gamma]$, whatever the witness said. Rounding
//! explains a factor of $1+\gamma\,\mathrm{rounding}(A)+2\epsilon$, [`LinearOperator::rounding`] for a unit vector, or $1+30\,n\epsilon$ where the operator knows none.

use super::{
    InverseBound, Solution, Status, Stop, StopError,
    cg::AGAIN,
    columns::{Columns, ColumnsError, Solved},
};
use crate::linalg::{Contraction, LinearOperator, TestRatio, Vector};

/// When to stop; by default at a relative residual of $10^{-10}$.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Params {
    /// The criterion; [`Stop::terms`] is the last index $K$.
    pub stop: Stop,
}

/// Why the series gives no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The right-hand sides.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// The criterion.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// A product was not finite.
    #[error(
        "term {term} of column {column} is not finite: either the operator's entries are not, or it is too large for the storage format; check the data"
    )]
    NotFinite {
        /// The column.
        column: usize,
        /// The index $k$ of the term.
        term: usize,
    },
    /// The tolerance takes more terms than the budget has products.
    #[error(
        "a relative residual of {tolerance:e} takes K = {needed} at the rate 1 − ρ = {gap:e}, for {columns} columns more than the {budget} products allowed; \
         add damping, loosen the tolerance, or use conjugate gradient"
    )]
    Terms {
        /// The last index $K$ needed.
        needed: u64,
        /// The columns.
        columns: usize,
        /// The products allowed.
        budget: usize,
        /// The tolerance.
        tolerance: f64,
        /// $1-\rho$.
        gap: f64,
    },
    /// The terms grow.
    #[error(
        "the series diverges: term {term} of column {column} is {ratio} times the one before it, which proves an eigenvalue outside [0, 2/γ] for γ = {step:e}; \
         that term has Rayleigh quotient {quotient:e}: if negative the operator is indefinite and needs damping, otherwise take a smaller step"
    )]
    Diverged {
        /// The column.
        column: usize,
        /// The index of the longer term.
        term: usize,
        /// $\lVert V_k\rVert/\lVert V_{k-1}\rVert$.
        ratio: f64,
        /// The step $\gamma$.
        step: f64,
        /// $V_{k-1}^\top AV_{k-1}/V_{k-1}^\top V_{k-1}$.
        quotient: f64,
    },
    /// The tolerance was not reached within the terms given, or within the budget.
    #[error(
        "column {column}: the true relative residual is {attained:e} after {terms} terms, {tolerance:e} was asked for; allow more terms, or loosen the tolerance"
    )]
    Budget {
        /// The column.
        column: usize,
        /// The true relative residual attained.
        attained: f64,
        /// The tolerance.
        tolerance: f64,
        /// The terms after the first.
        terms: usize,
    },
    /// The tolerance is below what the arithmetic attains.
    #[error(
        "column {column}: the tolerance {tolerance:e} is below the attainable level, the true relative residual stays at {attained:e}; loosen it, add damping, \
         or work in higher precision"
    )]
    Stagnated {
        /// The column.
        column: usize,
        /// The true relative residual attained.
        attained: f64,
        /// The tolerance.
        tolerance: f64,
    },
}

/// The last index $K$ after which $\rho^{K+1}\le$ `tolerance`, for $\rho=1-$ `gap`; saturates.
pub fn terms_for(gap: f64, tolerance: f64) -> u64 {
    let summands = tolerance.ln() / (-gap).ln_1p();
    (summands.ceil() - 1.0).max(0.0) as u64
}

/// Solves $Ax=v$ for each column of `vs`. The contraction brings the operator, the step and the rate.
///
/// The trace of a column holds the relative residual of $x_0,x_1,\dots$, the last one recomputed. The error bounds rest on the witness of positive
/// definiteness alone: they divide the true residual by $\lambda_{\min}$.
///
/// # Errors
/// [`Error`]; no partial answer is given.
pub fn solve<A: LinearOperator>(
    contraction: &Contraction<A>,
    vs: &[A::Vector],
    params: &Params,
) -> Result<Solution<A::Vector>, Error> {
    let Stop { tolerance, terms, products: budget } = params.stop;
    params.stop.check()?;
    let operator = contraction.operator();
    let columns = Columns::new(operator, vs)?;
    let nonzero = columns.nonzero();
    if let (Some(tolerance), None) = (tolerance, terms) {
        let (needed, gap) = (terms_for(contraction.gap(), tolerance), contraction.gap());
        if needed.saturating_mul(nonzero.len() as u64) > budget as u64 {
            return Err(Error::Terms { needed, columns: nonzero.len(), budget, tolerance, gap });
        }
    }
    let mut solved = columns.unsolved();
    let mut run = Run::new(contraction, &columns, params.stop);
    for column in nonzero {
        solved[column] = Some(run.solve(column)?);
    }
    let status = if tolerance.is_some() { Status::Converged } else { Status::Budget };
    let bound = Some(InverseBound::from(contraction.definite()));
    let mut solution =
        columns.finish(operator, solved.into_iter().flatten(), bound, status, Some(contraction.step()))?;
    for (column, report) in solution.reports.iter_mut().enumerate() {
        let attained = report.relative_residual;
        if let Some(tolerance) = tolerance
            && (attained.is_nan() || attained > tolerance)
        {
            return Err(Error::Stagnated { column, attained, tolerance });
        }
        if solution.columns[column].max_abs() > 0.0 {
            report.trace.push(attained);
        }
    }
    Ok(solution)
}

struct Run<'a, A: LinearOperator> {
    contraction: &'a Contraction<A>,
    columns: &'a Columns<'a, A::Vector>,
    stop: Stop,
    products: usize,
    /// The growth of a term that rounding explains.
    explained: f64,
    term: A::Vector,
    product: A::Vector,
}

impl<'a, A: LinearOperator> Run<'a, A> {
    fn new(contraction: &'a Contraction<A>, columns: &'a Columns<'a, A::Vector>, stop: Stop) -> Self {
        let like = columns.like();
        let epsilon = like.epsilon();
        let explained = match contraction.operator().rounding(1.0, epsilon) {
            Some(rounding) => contraction.step() * rounding + 2.0 * epsilon,
            None => TestRatio::PASS * like.dim() as f64 * epsilon,
        };
        Self { contraction, columns, stop, products: 0, explained, term: like.zeros_like(), product: like.zeros_like() }
    }

    fn solve(&mut self, column: usize) -> Result<Solved<A::Vector>, Error> {
        let norm = self.columns.norms[column];
        let mut solved = self.columns.zero(column);
        let mut residual = self.columns.column(column);
        let (mut attained, mut aim) = (norm, self.stop.tolerance.unwrap_or(0.0) * norm);
        loop {
            // Summed apart: to a long x, short terms one by one would be lost to rounding.
            let mut correction = residual.zeros_like();
            self.sum(column, &residual, aim, &mut correction, &mut solved)?;
            solved.vector.axpy(1.0, &correction);
            drop(correction);
            let Some(tolerance) = self.stop.tolerance else { break };
            self.contraction.operator().apply(&solved.vector, &mut residual);
            self.products += 1;
            self.columns.residual(column, &mut residual);
            let reached = residual.norm();
            if reached <= tolerance * norm {
                break;
            }
            let error = (column, reached / norm, tolerance);
            if self.stop.terms.is_some() || self.products >= self.stop.products {
                let (column, attained, tolerance) = error;
                return Err(Error::Budget { column, attained, tolerance, terms: solved.iterations });
            }
            // The terms passed the tolerance and their sum did not: rounding. Summing the series of what is left is iterative refinement.
            if reached.is_nan() || reached > attained / 2.0 {
                let (column, attained, tolerance) = error;
                return Err(Error::Stagnated { column, attained, tolerance });
            }
            (attained, aim) = (reached, tolerance * norm / AGAIN);
        }
        Ok(solved)
    }

    /// Adds the series of `start` to `x`: the terms given, or until they are no longer than `aim`.
    fn sum(
        &mut self,
        column: usize,
        start: &A::Vector,
        aim: f64,
        x: &mut A::Vector,
        solved: &mut Solved<A::Vector>,
    ) -> Result<(), Error> {
        let (operator, step) = (self.contraction.operator(), self.contraction.step());
        let norm = self.columns.norms[column];
        // The terms are kept without their factor γ, which may be tiny or huge.
        self.term.copy_from(start);
        let mut length = start.norm();
        x.axpy(step, &self.term);
        loop {
            let enough = match self.stop.terms {
                Some(terms) => solved.iterations >= terms,
                None => length <= aim || self.products >= self.stop.products,
            };
            // Terms this small change no digit of x any more: the rest of the sum is at most ε²‖v‖γ/(1 − ρ).
            if enough || length <= self.term.epsilon().powi(2) * norm {
                return Ok(());
            }
            operator.apply(&self.term, &mut self.product);
            self.products += 1;
            solved.iterations += 1;
            let before = length;
            self.term.axpy(-step, &self.product);
            length = self.term.dot(&self.term).sqrt();
            if !length.is_finite() {
                return Err(Error::NotFinite { column, term: solved.iterations });
            }
            let ratio = length / before;
            if ratio > 1.0 + self.explained {
                // Back to the term before.
                self.term.axpy(step, &self.product);
                let quotient = self.term.dot(&self.product) / self.term.dot(&self.term);
                return Err(Error::Diverged { column, term: solved.iterations, ratio, step, quotient });
            }
            x.axpy(step, &self.term);
            solved.trace.push(length / norm);
        }
    }
}
