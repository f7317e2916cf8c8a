//! Dense symmetric matrices.

use ndarray::{Array1, Array2};

use super::LinearOperator;
use crate::linalg::{Panel, Scalar, TestRatio, Vector, gamma};

/// Why a matrix is not taken for a symmetric one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SymmetryError {
    /// Not square, or empty.
    #[error("a symmetric matrix is square and not empty, this one is {0} × {1}")]
    Shape(usize, usize),
    /// An entry is NaN or infinite.
    #[error("entry ({0}, {1}) is not finite: {2}")]
    NotFinite(usize, usize, f64),
    /// Further from symmetric than rounding explains.
    #[error(
        "the matrix is not symmetric: ‖H − Hᵀ‖ = {difference:e} where rounding explains {allowed:e}; \
         entries ({i}, {j}) = {a:e} and ({j}, {i}) = {b:e} differ most"
    )]
    Asymmetric {
        /// $\lVert H - H^\top\rVert_F$.
        difference: f64,
        /// What rounding explains.
        allowed: f64,
        /// Row of the worst pair.
        i: usize,
        /// Column of the worst pair.
        j: usize,
        /// $H_{ij}$.
        a: f64,
        /// $H_{ji}$.
        b: f64,
    },
}

/// A dense symmetric matrix.
#[derive(Debug, Clone)]
pub struct DenseSymmetric<S> {
    matrix: Array2<S>,
    frobenius: f64,
}

impl<S: Scalar> DenseSymmetric<S> {
    /// Takes an exactly symmetric matrix.
    ///
    /// # Errors
    /// [`SymmetryError`] when it is not square, empty, not finite, or $H_{ij}\ne H_{ji}$ for some pair.
    pub fn new(matrix: Array2<S>) -> Result<Self, SymmetryError> {
        Self::check(&matrix, 0.0)?;
        Ok(Self::trusted(matrix))
    }

    /// Takes $(H+H^\top)/2$ for a matrix that is symmetric up to rounding:
    /// $\lVert H-H^\top\rVert_F\le$ [`TestRatio::PASS`](crate::linalg::TestRatio::PASS)$\cdot n\,\epsilon\,\lVert H\rVert_F$,
    /// $\epsilon$ that of the format the matrix was made in.
    ///
    /// # Errors
    /// [`SymmetryError`], as for [`DenseSymmetric::new`].
    pub fn symmetrised(matrix: Array2<S>, epsilon: f64) -> Result<Self, SymmetryError> {
        Self::check(&matrix, TestRatio::PASS * epsilon)?;
        Ok(Self::symmetric_part(matrix))
    }

    /// Takes $(H+H^\top)/2$ of any finite square matrix, however asymmetric.
    ///
    /// # Errors
    /// [`SymmetryError::Shape`] and [`SymmetryError::NotFinite`].
    pub fn forced(matrix: Array2<S>) -> Result<Self, SymmetryError> {
        Self::check(&matrix, f64::INFINITY)?;
        Ok(Self::symmetric_part(matrix))
    }

    fn symmetric_part(mut matrix: Array2<S>) -> Self {
        let half = S::of(0.5);
        for i in 0..matrix.nrows() {
            for j in 0..i {
                // Halve first: the sum of two huge entries would overflow.
                let mean = half * matrix[(i, j)] + half * matrix[(j, i)];
                matrix[(i, j)] = mean;
                matrix[(j, i)] = mean;
            }
        }
        Self::trusted(matrix)
    }

    pub(crate) fn trusted(matrix: Array2<S>) -> Self {
        let frobenius = Array1::from_iter(matrix.iter().map(|x| x.as_f64())).norm();
        Self { matrix: matrix.as_standard_layout().into_owned(), frobenius }
    }

    fn check(matrix: &Array2<S>, relative: f64) -> Result<(), SymmetryError> {
        let (rows, columns) = matrix.dim();
        if rows != columns || rows == 0 {
            return Err(SymmetryError::Shape(rows, columns));
        }
        if let Some(((i, j), x)) = matrix.indexed_iter().find(|(_, x)| !x.is_finite()) {
            return Err(SymmetryError::NotFinite(i, j, x.as_f64()));
        }
        let scale = matrix.iter().fold(0.0f64, |m, x| m.max(x.as_f64().abs())).max(f64::MIN_POSITIVE);
        let (mut squares, mut norm, mut worst) = (0.0, 0.0, (0.0, 0, 0));
        for ((i, j), x) in matrix.indexed_iter() {
            let (x, y) = (x.as_f64() / scale, matrix[(j, i)].as_f64() / scale);
            norm += x * x;
            squares += (x - y) * (x - y);
            if (x - y).abs() > worst.0 {
                worst = ((x - y).abs(), i, j);
            }
        }
        let (difference, allowed) = (squares.sqrt(), relative * rows as f64 * norm.sqrt());
        if difference > allowed {
            let (_, i, j) = worst;
            return Err(SymmetryError::Asymmetric {
                difference: difference * scale,
                allowed: allowed * scale,
                i,
                j,
                a: matrix[(i, j)].as_f64(),
                b: matrix[(j, i)].as_f64(),
            });
        }
        Ok(())
    }

    /// The matrix, in row-major order.
    pub fn matrix(&self) -> &Array2<S> {
        &self.matrix
    }

    /// The Frobenius norm, a bound on the spectral radius.
    pub fn frobenius(&self) -> f64 {
        self.frobenius
    }
}

impl<S: Scalar> LinearOperator for DenseSymmetric<S>
where
    Array1<S>: Vector,
{
    type Vector = Array1<S>;

    fn dim(&self) -> usize {
        self.matrix.nrows()
    }

    fn apply(&self, x: &Array1<S>, y: &mut Array1<S>) {
        y.zip_mut_with(&self.matrix.apply(x), |y, &product| *y = S::of(product));
    }

    fn apply_block(&self, xs: &[Array1<S>], ys: &mut [Array1<S>]) {
        for (column, y) in self.matrix.apply_many(xs).columns().into_iter().zip(ys) {
            y.zip_mut_with(&column, |y, &product| *y = S::of(product));
        }
    }

    /// $|\mathrm{fl}(Ax)-Ax| \le \gamma_{n+1} |A||x|$ componentwise, since products and sums are in `f64` and rounded once to storage, and $\lVert |A||x| \rVert_2\le\lVert A\rVert_F\lVert x\rVert_2$.
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        Some(gamma(self.dim() + 1, epsilon) * self.norm_bound()? * x_norm)
    }

    fn norm_bound(&self) -> Option<f64> {
        let n = self.dim();
        Some(self.frobenius * (1.0 + gamma(n * n, f64::EPSILON)))
    }
}
