//! What every estimator does with its right-hand sides: checked once, scaled once, reported once.
//!
//! A column is divided by the power of two that brings its largest entry into $[1,2)$, which is exact, and its solution multiplied by the same power: tiny
//! and huge columns run through the same numbers as those of size 1, and nothing inside an estimator underflows. A zero column has the solution zero
//! for every nonsingular $A$ and takes no products.

use super::{Certificate, Column, InverseBound, Solution, Status, certify};
use crate::linalg::{LinearOperator, Vector, scale_by_power};

/// Right-hand sides that cannot be solved for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ColumnsError {
    /// Nothing to do.
    #[error("there is nothing to solve: {columns} right-hand sides for an operator of dimension {dimension}")]
    Empty {
        /// How many there are.
        columns: usize,
        /// The operator's dimension.
        dimension: usize,
    },
    /// A column of the wrong length.
    #[error("right-hand side {column} has length {given}, the operator acts on vectors of length {expected}")]
    Dimension {
        /// Its index, from 0.
        column: usize,
        /// Its length.
        given: usize,
        /// The operator's dimension.
        expected: usize,
    },
    /// A column with a NaN or an infinity.
    #[error("right-hand side {column} has an entry that is not finite")]
    NotFinite {
        /// Its index, from 0.
        column: usize,
    },
    /// The solution is too large to store.
    #[error("the solution of right-hand side {column} is beyond the storage format; scale the right-hand side down")]
    Overflow {
        /// Its index, from 0.
        column: usize,
    },
}

/// The $e$ for which the largest entry of $2^{-e}v$ lies in $[1,2)$; 0 for a zero vector.
pub(crate) fn exponent<V: Vector>(v: &V) -> i32 {
    let max = v.max_abs();
    if max == 0.0 { 0 } else { max.log2().floor() as i32 }
}

/// $2^e$ and $2^{-e}$ are normal numbers of every storage format.
fn moderate(exponent: i32) -> bool {
    exponent.unsigned_abs() <= 126
}

/// The right-hand sides, each to be scaled when it is needed: they are the caller's, and no copy of them is held.
pub(crate) struct Columns<'a, V> {
    given: &'a [V],
    /// The norms of $2^{-e}v$: 0, or at least 1.
    pub norms: Vec<f64>,
    exponents: Vec<i32>,
}

/// What an estimator hands over for one column, in the scaled frame.
pub(crate) struct Solved<V> {
    pub vector: V,
    pub iterations: usize,
    pub trace: Vec<f64>,
}

impl<'a, V: Vector> Columns<'a, V> {
    pub fn new<A: LinearOperator<Vector = V>>(operator: &A, vs: &'a [V]) -> Result<Self, ColumnsError> {
        Self::of_dimension(operator.dim(), vs)
    }

    /// For an operator of this dimension, which is yet to be made.
    pub fn of_dimension(expected: usize, vs: &'a [V]) -> Result<Self, ColumnsError> {
        if vs.is_empty() || expected == 0 {
            return Err(ColumnsError::Empty { columns: vs.len(), dimension: expected });
        }
        let mut columns = Self { given: vs, norms: Vec::new(), exponents: Vec::new() };
        for (column, v) in vs.iter().enumerate() {
            let given = v.dim();
            if given != expected {
                return Err(ColumnsError::Dimension { column, given, expected });
            }
            if !v.is_finite() {
                return Err(ColumnsError::NotFinite { column });
            }
            let exponent = exponent(v);
            columns.exponents.push(exponent);
            // Scaled first where the norm might lose digits to underflow.
            let norm = if moderate(exponent) { v.norm() * 2f64.powi(-exponent) } else { columns.column(column).norm() };
            columns.norms.push(norm);
        }
        Ok(columns)
    }

    /// $2^{-e}v$, the zero column as it is.
    pub fn column(&self, column: usize) -> V {
        let mut vector = self.given[column].clone();
        scale_by_power(&mut vector, -self.exponents[column]);
        vector
    }

    /// [`Columns::column`] of each.
    pub fn all(&self) -> Vec<V> {
        (0..self.given.len()).map(|column| self.column(column)).collect()
    }

    /// A vector of the space; its entries are not to be used.
    pub fn like(&self) -> &'a V {
        &self.given[0]
    }

    /// `product`, which is $Ax$, becomes the residual $2^{-e}v-Ax$.
    pub fn residual(&self, column: usize, product: &mut V) {
        let (v, exponent) = (&self.given[column], self.exponents[column]);
        product.scale(-1.0);
        if moderate(exponent) {
            product.axpy(2f64.powi(-exponent), v);
        } else {
            product.axpy(1.0, &self.column(column));
        }
    }

    /// The power $e$ by which a column was divided.
    pub fn exponent(&self, column: usize) -> i32 {
        self.exponents[column]
    }

    /// A solution of the column as given, in the scaled frame.
    pub fn scaled(&self, column: usize, x: &V) -> V {
        let mut x = x.clone();
        scale_by_power(&mut x, -self.exponents[column]);
        x
    }

    /// The columns that are not zero.
    pub fn nonzero(&self) -> Vec<usize> {
        (0..self.norms.len()).filter(|&j| self.norms[j] > 0.0).collect()
    }

    /// A solution of zero for a column.
    pub fn zero(&self, column: usize) -> Solved<V> {
        Solved { vector: self.given[column].zeros_like(), iterations: 0, trace: Vec::new() }
    }

    /// Solutions of zero for the columns that are zero; none yet for the others.
    pub fn unsolved(&self) -> Vec<Option<Solved<V>>> {
        (0..self.norms.len()).map(|j| (self.norms[j] == 0.0).then(|| self.zero(j))).collect()
    }

    /// Scales the solutions back and reports on what is then stored.
    pub fn finish<A: LinearOperator<Vector = V>>(
        &self,
        operator: &A,
        solved: impl IntoIterator<Item = Solved<V>>,
        bound: Option<InverseBound>,
        status: Status,
        step: Option<f64>,
    ) -> Result<Solution<V>, ColumnsError> {
        let mut solution = Solution { columns: Vec::new(), reports: Vec::new(), status, iterations: 0, step };
        for (column, solved) in solved.into_iter().enumerate() {
            let Solved { vector: mut x, iterations, trace } = solved;
            let exponent = self.exponents[column];
            let mut report = if self.norms[column] > 0.0 {
                if exponent != 0 {
                    scale_by_power(&mut x, exponent);
                    if !x.is_finite() {
                        return Err(ColumnsError::Overflow { column });
                    }
                    // What was lost to underflow stays lost here, so the report is on x as stored; scaled there and back once more it does not change.
                    scale_by_power(&mut x, -exponent);
                    let report = certify(operator, &x, &self.column(column), bound);
                    scale_by_power(&mut x, exponent);
                    report
                } else {
                    certify(operator, &x, &self.given[column], bound)
                }
            } else {
                Column {
                    residual: 0.0,
                    relative_residual: 0.0,
                    error_bound: Some(0.0),
                    certificate: Certificate::Proved,
                    iterations: 0,
                    trace: Vec::new(),
                }
            };
            report.residual = unscale(report.residual, exponent);
            report.error_bound = report.error_bound.map(|bound| unscale(bound, exponent)).filter(|b| b.is_finite());
            if report.error_bound.is_none() {
                report.certificate = Certificate::Heuristic;
            }
            report.iterations = iterations;
            report.trace = trace;
            solution.iterations = solution.iterations.max(iterations);
            solution.columns.push(x);
            solution.reports.push(report);
        }
        debug_assert_eq!(solution.columns.len(), self.given.len(), "a column was left unsolved");
        Ok(solution)
    }
}

/// $2^e x$ for $x\ge0$, never rounded down to less than it is.
pub(crate) fn unscale(x: f64, exponent: i32) -> f64 {
    let scaled = libm::ldexp(x, exponent);
    if scaled < f64::MIN_POSITIVE && x > 0.0 { scaled.next_up() } else { scaled }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn scaling_back_is_exact_or_upwards() {
        for (x, exponent, scaled) in [
            (3.0, 4, 48.0),
            (3.0, -3, 0.375),
            (0.0, -1000, 0.0),
            (1.5, 1023, 1.5 * 2f64.powi(1023)),
            (1.0, -1022, f64::MIN_POSITIVE),
        ] {
            assert_eq!(unscale(x, exponent), scaled);
        }
        // 1.25 · 2^-1074 is no number, and neither is anything between 0 and 2^-1074.
        let least = f64::from_bits(1);
        assert!(unscale(1.25, -1074) > least && unscale(1.0, -1500) >= least);
    }

    #[test]
    fn the_largest_entry_of_a_scaled_column_lies_between_one_and_two() {
        assert_eq!([array![0.0], array![-8.0, 3.0], array![0.3, 0.1]].map(|v| exponent(&v)), [0, 3, -2]);
        assert!(moderate(-126) && moderate(126) && !moderate(127) && !moderate(-127));
        let mut v = array![3.0, -5.0];
        scale_by_power(&mut v, -7);
        assert_eq!(v, array![3.0 / 128.0, -5.0 / 128.0]);
    }
}
