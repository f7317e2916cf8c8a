//! The operator of a stored system, in the precision asked for.

use ndarray::{Array1, Array2};

use crate::linalg::{
    Damped, DenseSymmetric, Diagonal, Fisher, LinearOperator, Panel, Scalar, SymmetryError, Vector, gamma,
};

/// The curvature of a system: a dense Hessian, or the empirical Fisher of gradients.
#[derive(Debug, Clone)]
pub enum Curvature<S> {
    /// A symmetric matrix.
    Hessian {
        /// The matrix as held.
        matrix: DenseSymmetric<S>,
        /// How far, in norm, it may be from $(H+H^\top)/2$ of the stored $H$: the rounding of the mean, 0 for a symmetric $H$.
        uncertainty: f64,
    },
    /// $\frac1NG^\top G$, gradients as rows.
    Gradients(Fisher<Array2<S>>),
}

impl<S: Scalar> LinearOperator for Curvature<S>
where
    Array1<S>: Vector,
    Array2<S>: Panel<Vector = Array1<S>>,
{
    type Vector = Array1<S>;

    fn dim(&self) -> usize {
        match self {
            Self::Hessian { matrix, .. } => matrix.dim(),
            Self::Gradients(fisher) => fisher.dim(),
        }
    }

    fn apply(&self, x: &Array1<S>, y: &mut Array1<S>) {
        match self {
            Self::Hessian { matrix, .. } => matrix.apply(x, y),
            Self::Gradients(fisher) => fisher.apply(x, y),
        }
    }

    fn apply_block(&self, xs: &[Array1<S>], ys: &mut [Array1<S>]) {
        match self {
            Self::Hessian { matrix, .. } => matrix.apply_block(xs, ys),
            Self::Gradients(fisher) => fisher.apply_block(xs, ys),
        }
    }

    /// The exact operator is that of the stored numbers: what symmetrising rounded away counts as rounding of the product.
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        match self {
            Self::Hessian { matrix, uncertainty } => Some(matrix.rounding(x_norm, epsilon)? + uncertainty * x_norm),
            Self::Gradients(fisher) => fisher.rounding(x_norm, epsilon),
        }
    }

    fn lower_bound(&self) -> Option<f64> {
        match self {
            Self::Hessian { matrix, uncertainty } => matrix.lower_bound().map(|bound| bound - uncertainty),
            Self::Gradients(fisher) => fisher.lower_bound(),
        }
    }

    fn norm_bound(&self) -> Option<f64> {
        match self {
            Self::Hessian { matrix, uncertainty } => matrix.norm_bound().map(|bound| bound + uncertainty),
            Self::Gradients(fisher) => fisher.norm_bound(),
        }
    }
}

impl<S: Scalar> Diagonal for Curvature<S>
where
    Array1<S>: Vector,
    Array2<S>: Panel<Vector = Array1<S>>,
{
    fn diagonal(&self) -> Array1<S> {
        match self {
            Self::Hessian { matrix, .. } => matrix.diagonal(),
            Self::Gradients(fisher) => fisher.diagonal(),
        }
    }
}

/// $(H+\eta I)x=v$ or $(\eta I+\frac1NG^\top G)x=v$.
#[derive(Debug, Clone)]
pub struct System {
    operator: Damped<Curvature<f64>>,
    /// $\lVert H-H^\top\rVert_F$ of the stored matrix.
    asymmetry: f64,
}

/// Why arrays make no system.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SystemError {
    /// The matrix is not symmetric.
    #[error(transparent)]
    Symmetry(#[from] SymmetryError),
    /// Nothing in the panel, or an entry that is not finite.
    #[error("the gradients must be a finite N × n matrix with N, n ≥ 1; this one is {0} × {1}{2}")]
    Gradients(usize, usize, &'static str),
    /// The damping is negative or not a number.
    #[error("the damping η must be finite and at least 0; {0} was given")]
    Damping(f64),
    /// The numbers are so large or small that their squares leave the range of `f64`.
    #[error(
        "a norm of about {0:e} lets products overflow or underflow; multiply the matrix and the damping by a constant that brings it near 1, \
         gradients by its square root"
    )]
    Range(f64),
}

/// Norms outside leave no room for squares, condition numbers and sums of terms.
const NORMS: std::ops::Range<f64> = 1e-250..1e250;

impl System {
    /// The system of a dense $H$, made in a format of the given `epsilon`: symmetrised when its asymmetry is within rounding of that format.
    ///
    /// # Errors
    /// [`SystemError`].
    pub fn hessian(matrix: Array2<f64>, epsilon: f64, damping: f64) -> Result<Self, SystemError> {
        Self::dense(matrix, damping, |matrix| DenseSymmetric::symmetrised(matrix, epsilon))
    }

    /// The system of $(H+H^\top)/2$, however asymmetric $H$ is.
    ///
    /// # Errors
    /// [`SystemError`].
    pub fn symmetric_part(matrix: Array2<f64>, damping: f64) -> Result<Self, SystemError> {
        Self::dense(matrix, damping, DenseSymmetric::forced)
    }

    fn dense(
        matrix: Array2<f64>,
        damping: f64,
        take: impl FnOnce(Array2<f64>) -> Result<DenseSymmetric<f64>, SymmetryError>,
    ) -> Result<Self, SystemError> {
        let asymmetry = if matrix.is_square() {
            matrix.indexed_iter().map(|((i, j), x)| x - matrix[(j, i)]).collect::<Array1<f64>>().norm()
        } else {
            0.0
        };
        let matrix = take(matrix)?;
        // Each mean of two entries rounds by half an ε of itself; of two equal ones it is exact.
        let uncertainty = if asymmetry == 0.0 { 0.0 } else { f64::EPSILON * matrix.frobenius() };
        let zero = matrix.frobenius() == 0.0;
        Self::new(Curvature::Hessian { matrix, uncertainty }, zero, asymmetry, damping)
    }

    /// The system of gradients, one a row.
    ///
    /// # Errors
    /// [`SystemError`].
    pub fn gradients(panel: Array2<f64>, damping: f64) -> Result<Self, SystemError> {
        let (rows, dim) = panel.dim();
        let finite = panel.iter().all(|x| x.is_finite());
        if rows == 0 || dim == 0 || !finite {
            return Err(SystemError::Gradients(rows, dim, if finite { "" } else { " and not finite" }));
        }
        let zero = panel.iter().all(|x| *x == 0.0);
        Self::new(Curvature::Gradients(Fisher::new(panel)), zero, 0.0, damping)
    }

    fn new(curvature: Curvature<f64>, zero: bool, asymmetry: f64, damping: f64) -> Result<Self, SystemError> {
        if !(damping >= 0.0 && damping.is_finite()) {
            return Err(SystemError::Damping(damping));
        }
        let operator = Damped { inner: curvature, damping };
        // A zero matrix is singular, or a multiple of the identity; it is not out of range.
        match (zero, operator.inner.norm_bound()) {
            (false, Some(norm)) if !NORMS.contains(&norm) => Err(SystemError::Range(norm)),
            _ if damping != 0.0 && !NORMS.contains(&damping) => Err(SystemError::Range(damping)),
            _ => Ok(Self { operator, asymmetry }),
        }
    }

    /// The operator $A$ of the system. Its [`LinearOperator::rounding`] is relative to the stored numbers.
    pub fn operator(&self) -> &Damped<Curvature<f64>> {
        &self.operator
    }

    /// The operator with its numbers rounded to single precision, those of `formed` in place of the gradients if given; `None` where one of
    /// them is beyond its range.
    pub(super) fn single(&self, formed: Option<&DenseSymmetric<f64>>) -> Option<Damped<Curvature<f32>>> {
        let round = |array: &Array2<f64>| {
            let rounded = array.mapv(|x| x as f32);
            rounded.iter().all(|x| x.is_finite()).then_some(rounded)
        };
        // Rounding keeps a symmetric matrix symmetric.
        let dense = |matrix: &DenseSymmetric<f64>, uncertainty| {
            Some(Curvature::Hessian { matrix: DenseSymmetric::new(round(matrix.matrix())?).ok()?, uncertainty })
        };
        let inner = match (&self.operator.inner, formed) {
            (Curvature::Hessian { matrix, uncertainty }, _) => dense(matrix, *uncertainty)?,
            (Curvature::Gradients(_), Some(matrix)) => dense(matrix, self.forming())?,
            (Curvature::Gradients(fisher), None) => Curvature::Gradients(Fisher::new(round(fisher.panel())?)),
        };
        Some(Damped { inner, damping: self.operator.damping })
    }

    /// The matrix of $\frac1NG^\top G$, rounded; `None` for a Hessian, which has one.
    ///
    /// # Errors
    /// Where it overflows.
    pub(super) fn form(&self) -> Result<Option<DenseSymmetric<f64>>, SymmetryError> {
        match &self.operator.inner {
            Curvature::Hessian { .. } => Ok(None),
            Curvature::Gradients(fisher) => {
                let rows = fisher.panel().nrows() as f64;
                let columns = fisher.panel().t().as_standard_layout().into_owned();
                DenseSymmetric::forced(columns.gram() / rows).map(Some)
            }
        }
    }

    /// A bound on the distance in norm from the matrix that is factored to that of the stored numbers: what symmetrising or forming it rounds.
    ///
    /// An inner product of $N$ terms, a quotient and a mean: $\gamma_{N+2}|G|^\top|G|/N$ componentwise, of norm at most $\gamma_{N+2}\lVert G\rVert_F^2/N$.
    pub(super) fn forming(&self) -> f64 {
        match &self.operator.inner {
            Curvature::Hessian { uncertainty, .. } => *uncertainty,
            Curvature::Gradients(fisher) => {
                gamma(fisher.panel().nrows() + 2, f64::EPSILON) * fisher.norm_bound().unwrap_or(f64::INFINITY)
            }
        }
    }

    /// The dimension $n$.
    pub fn dim(&self) -> usize {
        self.operator.dim()
    }

    /// The damping $\eta$.
    pub fn damping(&self) -> f64 {
        self.operator.damping
    }

    /// $\lVert H-H^\top\rVert_F$ of the stored matrix; 0 for gradients.
    pub fn asymmetry(&self) -> f64 {
        self.asymmetry
    }
}
