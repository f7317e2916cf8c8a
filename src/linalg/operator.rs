//! Self-adjoint operators, matrix-free.

use ndarray::{Array1, Array2};

use super::{
    panel::Panel,
    test_ratio::gamma,
    vector::{Scalar, Vector},
};

/// A self-adjoint linear map $A:\mathbb R^d\to\mathbb R^d$, given by its product with a vector.
///
/// # Laws
/// Up to rounding, $A(ax + y) = aAx + Ay$ and $\langle Ax, y\rangle = \langle x, Ay\rangle$.
/// [`laws::operator`](crate::linalg::laws::operator) checks both for any implementation.
///
/// An implementor writes `dim` and `apply`. Shapes are checked by the callers, once. An operator that cannot
/// compute a product (a device out of memory, say) fills `y` with NaN and keeps the reason: every estimator
/// stops at the first product that is not finite.
pub trait LinearOperator {
    /// What the operator acts on.
    type Vector: Vector;

    /// The dimension $d$.
    fn dim(&self) -> usize;

    /// `y` becomes $Ax$, whatever it held.
    fn apply(&self, x: &Self::Vector, y: &mut Self::Vector);

    /// Each $y_j$ becomes $Ax_j$; backends that gain from doing them together override it.
    fn apply_block(&self, xs: &[Self::Vector], ys: &mut [Self::Vector]) {
        for (x, y) in xs.iter().zip(ys) {
            self.apply(x, y);
        }
    }

    /// A bound on $\lVert \mathrm{fl}(Ax) - Ax\rVert_2$ that holds for every $x$ of norm `x_norm` stored with the given
    /// `epsilon` ([`Vector::epsilon`]), barring underflow; `None` where none is known.
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        let _ = (x_norm, epsilon);
        None
    }

    /// A lower bound on $\lambda_{\min}$ that holds by construction, such as 0 for a Gram operator; `None` where none is known.
    fn lower_bound(&self) -> Option<f64> {
        None
    }

    /// An upper bound on $\lVert A\rVert_2=\max|\lambda|$ that holds by construction; `None` where none is known.
    fn norm_bound(&self) -> Option<f64> {
        None
    }
}

impl<T: LinearOperator + ?Sized> LinearOperator for &T {
    type Vector = T::Vector;
    fn dim(&self) -> usize {
        (**self).dim()
    }
    fn apply(&self, x: &Self::Vector, y: &mut Self::Vector) {
        (**self).apply(x, y);
    }
    fn apply_block(&self, xs: &[Self::Vector], ys: &mut [Self::Vector]) {
        (**self).apply_block(xs, ys);
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        (**self).rounding(x_norm, epsilon)
    }
    fn lower_bound(&self) -> Option<f64> {
        (**self).lower_bound()
    }
    fn norm_bound(&self) -> Option<f64> {
        (**self).norm_bound()
    }
}

/// The full matrix of an operator, one product a column. The slow, obvious oracle of every estimator.
pub fn dense<A: LinearOperator>(operator: &A, like: &A::Vector) -> Array2<f64> {
    let n = operator.dim();
    let mut out = Array2::zeros((n, n));
    let mut y = like.zeros_like();
    let mut unit = vec![0.0; n];
    for j in 0..n {
        unit[j] = 1.0;
        operator.apply(&like.with_entries(&unit), &mut y);
        unit[j] = 0.0;
        out.column_mut(j).assign(&Array1::from(y.to_vec()));
    }
    out
}

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
        Self::check(&matrix, super::TestRatio::PASS * epsilon)?;
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

/// The empirical Fisher of a panel, $F=\frac1N G^\top G$: positive semidefinite by construction.
#[derive(Debug, Clone)]
pub struct Fisher<P> {
    panel: P,
    squared_norm: f64,
}

impl<P: Panel> Fisher<P> {
    /// The Fisher of the rows of `panel`.
    pub fn new(panel: P) -> Self {
        let squared_norm = panel.squared_norm();
        Self { panel, squared_norm }
    }

    /// The same where $\lVert G\rVert_F^2$ is known already, from $\operatorname{tr}GG^\top$ say.
    pub(crate) fn with_squared_norm(panel: P, squared_norm: f64) -> Self {
        Self { panel, squared_norm }
    }

    /// The panel.
    pub fn panel(&self) -> &P {
        &self.panel
    }

    /// $\operatorname{tr} F = \lVert G\rVert_F^2/N$, an upper bound on $\lambda_{\max}$.
    pub fn trace(&self) -> f64 {
        self.squared_norm / self.panel.rows() as f64
    }
}

impl<P: Panel> LinearOperator for Fisher<P> {
    type Vector = P::Vector;

    fn dim(&self) -> usize {
        self.panel.dim()
    }

    fn apply(&self, x: &P::Vector, y: &mut P::Vector) {
        let c = self.panel.apply(x) / self.panel.rows() as f64;
        self.panel.apply_adjoint(&c, 0.0, y);
    }

    fn apply_block(&self, xs: &[P::Vector], ys: &mut [P::Vector]) {
        let c = self.panel.apply_many(xs) / self.panel.rows() as f64;
        self.panel.apply_adjoint_many(&c, 0.0, ys);
    }

    /// Two products: $\gamma_{N+d+2}\lVert |G|^\top|G||x|\rVert/N\le\gamma_{N+d+2}\lVert G\rVert_F^2\lVert x\rVert/N$.
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        Some(gamma(self.panel.rows() + self.dim() + 2, epsilon) * self.norm_bound()? * x_norm)
    }

    fn lower_bound(&self) -> Option<f64> {
        Some(0.0)
    }

    fn norm_bound(&self) -> Option<f64> {
        Some(self.trace() * (1.0 + gamma(self.panel.rows() + self.dim() + 1, f64::EPSILON)))
    }
}

/// $A + \eta I$.
#[derive(Debug, Clone)]
pub struct Damped<A> {
    /// The operator $A$.
    pub inner: A,
    /// The damping $\eta$.
    pub damping: f64,
}

impl<A: LinearOperator> LinearOperator for Damped<A> {
    type Vector = A::Vector;
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        self.inner.apply(x, y);
        y.axpy(self.damping, x);
    }
    fn apply_block(&self, xs: &[A::Vector], ys: &mut [A::Vector]) {
        self.inner.apply_block(xs, ys);
        for (x, y) in xs.iter().zip(ys) {
            y.axpy(self.damping, x);
        }
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        let inner = self.inner.rounding(x_norm, epsilon)?;
        // The computed product has norm at most ‖A‖‖x‖ + inner; a product and a sum more round relative to that and to η‖x‖.
        let size = (self.inner.norm_bound()? + self.damping.abs()) * x_norm + inner;
        Some(inner + gamma(2, epsilon) * size)
    }
    fn lower_bound(&self) -> Option<f64> {
        self.inner.lower_bound().map(|bound| bound + self.damping)
    }
    fn norm_bound(&self) -> Option<f64> {
        self.inner.norm_bound().map(|bound| bound + self.damping.abs())
    }
}

/// $cA$.
#[derive(Debug, Clone)]
pub struct Scaled<A> {
    /// The operator $A$.
    pub inner: A,
    /// The factor $c$.
    pub factor: f64,
}

impl<A: LinearOperator> LinearOperator for Scaled<A> {
    type Vector = A::Vector;
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        self.inner.apply(x, y);
        y.scale(self.factor);
    }
    fn apply_block(&self, xs: &[A::Vector], ys: &mut [A::Vector]) {
        self.inner.apply_block(xs, ys);
        for y in ys {
            y.scale(self.factor);
        }
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        let inner = self.inner.rounding(x_norm, epsilon)?;
        let size = self.inner.norm_bound()? * x_norm + inner;
        Some(self.factor.abs() * (inner + gamma(1, epsilon) * size))
    }
    fn lower_bound(&self) -> Option<f64> {
        // A negative factor turns the spectrum round: then -|c|‖A‖ is what is known.
        if self.factor >= 0.0 {
            self.inner.lower_bound().map(|bound| bound * self.factor)
        } else {
            self.norm_bound().map(|bound| -bound)
        }
    }
    fn norm_bound(&self) -> Option<f64> {
        self.inner.norm_bound().map(|bound| bound * self.factor.abs())
    }
}

/// $A + B$, both on the same space.
#[derive(Debug, Clone)]
pub struct Sum<A, B>(pub A, pub B);

impl<A: LinearOperator, B: LinearOperator<Vector = A::Vector>> LinearOperator for Sum<A, B> {
    type Vector = A::Vector;
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        let mut second = x.zeros_like();
        self.0.apply(x, y);
        self.1.apply(x, &mut second);
        y.axpy(1.0, &second);
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        let inner = self.0.rounding(x_norm, epsilon)? + self.1.rounding(x_norm, epsilon)?;
        Some(inner + gamma(1, epsilon) * (self.norm_bound()? * x_norm + inner))
    }
    fn lower_bound(&self) -> Option<f64> {
        Some(self.0.lower_bound()? + self.1.lower_bound()?)
    }
    fn norm_bound(&self) -> Option<f64> {
        Some(self.0.norm_bound()? + self.1.norm_bound()?)
    }
}

/// Any closure `(x, y)` that sets `y` to $Ax$: a Hessian-vector product, say.
pub struct Closure<V, F> {
    dim: usize,
    apply: F,
    vector: std::marker::PhantomData<fn(&V)>,
}

impl<V: Vector, F: Fn(&V, &mut V)> Closure<V, F> {
    /// The operator of dimension `dim` whose product is `apply`, which must be linear and self-adjoint.
    pub fn new(dim: usize, apply: F) -> Self {
        Self { dim, apply, vector: std::marker::PhantomData }
    }
}

impl<V: Vector, F: Fn(&V, &mut V)> LinearOperator for Closure<V, F> {
    type Vector = V;
    fn dim(&self) -> usize {
        self.dim
    }
    fn apply(&self, x: &V, y: &mut V) {
        (self.apply)(x, y);
    }
}
