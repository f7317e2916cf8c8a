//! What the direct estimators share: an approximate inverse prepared once, applied to every column, and refined where the true
//! residual asks for it.
//!
//! With $B\approx A^{-1}$ and $r=v-Ax$, $x + Br$ has the residual $(I-AB)\,r$: a step of iterative refinement. It contracts while
//! $\lVert I-AB\rVert<1$, until rounding in $r$ takes over; the level where it stops halving the residual is the attainable one.

use super::{
    InverseBound, Solution, Status, StopError,
    columns::{Columns, ColumnsError, Solved},
};
use crate::linalg::{LinearOperator, Vector};

/// Why a prepared direct estimator does not solve for some right-hand sides.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DirectError {
    /// The right-hand sides.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// The tolerance.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The tolerance is below what the arithmetic attains.
    #[error(
        "column {column}: the tolerance {tolerance:e} is below the attainable level, the true relative residual stays at {attained:e} after \
         {refinements} steps of refinement; the operator is too ill-conditioned for this precision: loosen the tolerance, add damping, or use f64"
    )]
    Stagnated {
        /// The column.
        column: usize,
        /// The true relative residual attained.
        attained: f64,
        /// The tolerance.
        tolerance: f64,
        /// The steps of refinement taken.
        refinements: usize,
    },
}

/// Steps of refinement before giving up; each must halve the worst residual, and three gain all digits where one gains a third of them.
const REFINEMENTS: usize = 5;

/// Whether a relative residual can be asked for.
pub(super) fn judge(tolerance: f64) -> Result<(), DirectError> {
    if tolerance > 0.0 && tolerance.is_finite() { Ok(()) } else { Err(StopError::Tolerance(tolerance).into()) }
}

/// Solves $Ax=v$ for each column of `vs` by `inverse`, which maps right-hand sides to approximate solutions, refined until the true
/// relative residual of every column is at most `tolerance`. The solutions are as `stored` leaves them. `inverse` is given [`Columns::all`] first and residuals
/// afterwards.
pub(super) fn solve<A: LinearOperator>(
    operator: &A,
    vs: &[A::Vector],
    inverse: impl Fn(&[A::Vector]) -> Vec<A::Vector>,
    stored: impl Fn(&mut A::Vector, i32),
    tolerance: f64,
    bound: Option<InverseBound>,
    iterations: usize,
) -> Result<Solution<A::Vector>, DirectError> {
    judge(tolerance)?;
    let columns = Columns::new(operator, vs)?;
    let report = |mut xs: Vec<A::Vector>| {
        xs.iter_mut().enumerate().for_each(|(j, x)| stored(x, columns.exponent(j)));
        let solved = xs.into_iter().map(|vector| Solved { vector, iterations, trace: Vec::new() });
        columns.finish(operator, solved, bound, Status::Converged, None)
    };
    let xs = inverse(&columns.all());
    let mut solution = report(xs)?;
    let mut trace: Vec<Vec<f64>> = solution.reports.iter().map(|report| vec![report.relative_residual]).collect();
    let worst = |solution: &Solution<A::Vector>| {
        solution
            .reports
            .iter()
            .map(|report| report.relative_residual)
            .fold(0.0, |m: f64, r| if r > m || r.is_nan() { r } else { m })
    };
    let mut refinements = 0;
    while above(worst(&solution), tolerance) && refinements < REFINEMENTS {
        let mut xs: Vec<A::Vector> = (0..vs.len()).map(|j| columns.scaled(j, &solution.columns[j])).collect();
        let mut residuals = xs.iter().map(Vector::zeros_like).collect::<Vec<_>>();
        operator.apply_block(&xs, &mut residuals);
        residuals.iter_mut().enumerate().for_each(|(j, residual)| columns.residual(j, residual));
        for (x, correction) in xs.iter_mut().zip(inverse(&residuals)) {
            x.axpy(1.0, &correction);
        }
        let refined = report(xs)?;
        refinements += 1;
        let gained = worst(&refined) <= 0.5 * worst(&solution);
        for (j, report) in refined.reports.into_iter().enumerate() {
            trace[j].push(report.relative_residual);
            if report.relative_residual < solution.reports[j].relative_residual {
                solution.columns[j] = refined.columns[j].clone();
                solution.reports[j] = report;
            }
        }
        if !gained {
            break;
        }
    }
    for (report, trace) in solution.reports.iter_mut().zip(trace) {
        report.trace = trace;
    }
    match solution.reports.iter().position(|report| above(report.relative_residual, tolerance)) {
        None => Ok(solution),
        Some(column) => {
            let attained = solution.reports[column].relative_residual;
            Err(DirectError::Stagnated { column, attained, tolerance, refinements })
        }
    }
}

/// NaN is above everything.
fn above(residual: f64, tolerance: f64) -> bool {
    residual.is_nan() || residual > tolerance
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::linalg::DenseSymmetric;

    /// $A=I$ and $B=cI$: $x_0=cv$, and every refinement multiplies the residual by $1-c$.
    fn refined(c: f64, tolerance: f64) -> Result<Solution<Array1<f64>>, DirectError> {
        let identity = DenseSymmetric::new(Array2::<f64>::eye(4)).unwrap();
        let inverse = |vs: &[Array1<f64>]| vs.iter().map(|v| v * c).collect();
        solve(&identity, &[Array1::ones(4)], inverse, |_, _| (), tolerance, None, 1)
    }

    /// What is stored is stored at the size of the right-hand side, whose power of two is handed over.
    #[test]
    fn solutions_are_stored_with_the_exponents_of_their_columns() {
        let identity = DenseSymmetric::new(Array2::<f64>::eye(4)).unwrap();
        let vs = [1.0, 8.0, 0.375, 0.0].map(|size| Array1::from_elem(4, size));
        let exponents = std::cell::RefCell::new(Vec::new());
        let stored = |_: &mut Array1<f64>, exponent| exponents.borrow_mut().push(exponent);
        let solution = solve(&identity, &vs, <[Array1<f64>]>::to_vec, stored, 0.5, None, 1).unwrap();
        assert_eq!((solution.columns, exponents.into_inner()), (vs.to_vec(), vec![0, 3, -2, 0]));
    }

    #[test]
    fn refinement_goes_on_while_it_halves_the_residual_and_no_further_than_it_is_asked() {
        let halves = [0.5, 0.25, 0.125, 0.0625, 0.03125];
        for (k, &tolerance) in halves.iter().enumerate() {
            let solution = refined(0.5, tolerance).unwrap();
            assert_eq!(solution.reports[0].trace, halves[..=k]);
            assert_eq!(solution.columns[0], Array1::from_elem(4, 1.0 - tolerance));
        }
        assert_eq!(refined(1.0, 1e-300).unwrap().reports[0].trace, [0.0]);
    }

    /// A correction twice as long as it should be leaves $\frac34v$ for $\frac54v$, which is as far off; the other column is what is refined for.
    #[test]
    fn a_column_that_refinement_does_not_improve_stays_as_it_was() {
        let identity = DenseSymmetric::new(Array2::<f64>::eye(4)).unwrap();
        let vs = [Array1::ones(4), Array1::from_elem(4, 1.5)];
        let factors = std::cell::RefCell::new(vec![[2.0, 1.0], [1.25, 0.0]]);
        let inverse = |vs: &[Array1<f64>]| {
            let factors = factors.borrow_mut().pop().expect("one refinement is enough");
            vs.iter().zip(factors).map(|(v, factor)| v * factor).collect()
        };
        let solution = solve(&identity, &vs, inverse, |_, _| (), 0.5, None, 1).unwrap();
        assert_eq!(solution.columns, [&vs[0] * 1.25, vs[1].clone()]);
        assert_eq!([0, 1].map(|j| solution.reports[j].trace.clone()), [[0.25, 0.25], [1.0, 0.0]]);
    }

    #[test]
    fn refinement_ends_after_a_step_that_does_not_halve_the_residual_or_after_five() {
        for (c, attained, taken) in [(0.25, 0.5625, 1), (0.5, 0.015625, 5), (-1.0, 2.0, 1), (2.0, 1.0, 1)] {
            let outcome = refined(c, 0.01).map(|solution| solution.columns);
            assert_eq!(
                outcome,
                Err(DirectError::Stagnated { column: 0, attained, tolerance: 0.01, refinements: taken })
            );
        }
    }
}
