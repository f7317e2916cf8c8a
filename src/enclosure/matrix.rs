//! Linear algebra over a [`Field`], as far as the identities of the ledger need it.

use nalgebra::{DMatrix, DVector};

use super::{Field, Undefined};

/// A vector of floats, each exactly.
///
/// # Errors
/// [`Undefined::NotFinite`] where an entry is not finite.
pub fn lift<F: Field>(entries: &[f64]) -> Result<DVector<F>, Undefined> {
    Ok(DVector::from_vec(entries.iter().map(|&x| F::number(x)).collect::<Result<_, _>>()?))
}

/// A matrix of floats from its rows, each entry exactly.
///
/// # Errors
/// As of [`lift`].
pub fn lift_rows<F: Field>(rows: &[Vec<f64>]) -> Result<DMatrix<F>, Undefined> {
    let columns = rows.first().map_or(0, Vec::len);
    let entries = rows.iter().flatten().map(|&x| F::number(x)).collect::<Result<Vec<F>, _>>()?;
    Ok(DMatrix::from_row_iterator(rows.len(), columns, entries))
}

/// $I_n$.
pub fn identity<F: Field>(n: usize) -> DMatrix<F> {
    DMatrix::from_fn(n, n, |i, j| if i == j { F::one() } else { F::zero() })
}

/// $uv^\top$.
pub fn outer<F: Field>(u: &DVector<F>, v: &DVector<F>) -> DMatrix<F> {
    DMatrix::from_fn(u.len(), v.len(), |i, j| u[i].clone() * v[j].clone())
}

/// The solution of $AX=B$ by elimination, with the first pivot of each column that is known to be nonzero.
///
/// # Errors
/// [`Undefined::Singular`] where a column has none; over the rationals $A$ is then singular.
pub fn solve<F: Field>(a: &DMatrix<F>, b: &DMatrix<F>) -> Result<DMatrix<F>, Undefined> {
    let n = a.nrows();
    let (mut a, mut x) = (a.clone(), b.clone());
    for column in 0..n {
        let pivot = (column..n).find(|&i| a[(i, column)].nonzero()).ok_or(Undefined::Singular { column })?;
        a.swap_rows(column, pivot);
        x.swap_rows(column, pivot);
        for row in column + 1..n {
            let factor = a[(row, column)].over(&a[(column, column)])?;
            for j in column..n {
                let change = factor.clone() * a[(column, j)].clone();
                a[(row, j)] -= change;
            }
            for j in 0..x.ncols() {
                let change = factor.clone() * x[(column, j)].clone();
                x[(row, j)] -= change;
            }
        }
    }
    for j in 0..x.ncols() {
        for i in (0..n).rev() {
            let known = (i + 1..n).fold(x[(i, j)].clone(), |rest, k| rest - a[(i, k)].clone() * x[(k, j)].clone());
            x[(i, j)] = known.over(&a[(i, i)])?;
        }
    }
    Ok(x)
}

/// $A^{-1}b$.
///
/// # Errors
/// As of [`solve`].
pub fn solve_vector<F: Field>(a: &DMatrix<F>, b: &DVector<F>) -> Result<DVector<F>, Undefined> {
    let b = DMatrix::from_iterator(b.len(), 1, b.iter().cloned());
    Ok(DVector::from_iterator(b.nrows(), solve(a, &b)?.iter().cloned()))
}

/// $u^\top v$.
pub fn dot<F: Field>(u: &DVector<F>, v: &DVector<F>) -> F {
    u.iter().zip(v.iter()).fold(F::zero(), |sum, (u, v)| sum + u.clone() * v.clone())
}
