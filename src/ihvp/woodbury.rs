//! The damped empirical Fisher inverted through the Gram matrix of the gradients.
//!
//! For $G\in\mathbb R^{N\times d}$ and $\eta>0$ let $A=\eta I+\frac1NG^\top G$. Then
//! $$A^{-1}v=\frac1\eta\Big(v-G^\top(N\eta I+GG^\top)^{-1}Gv\Big),$$
//! the identity of Woodbury (1950). To check it, put $K=N\eta I+GG^\top$ and multiply by $N\eta A=\eta(N\eta I+G^\top G)$:
//! $$(N\eta I+G^\top G)(v-G^\top K^{-1}Gv)=N\eta v+G^\top Gv-G^\top(N\eta I+GG^\top)K^{-1}Gv=N\eta v .$$
//! It equals the recursion of `influence`, Lemma 2 ([`super::sherman_morrison`]), in exact arithmetic.
//!
//! # Cost
//! Prepared in one pass over the panel ($GG^\top$, about $N^2d$ operations on half of it) and a Cholesky factorisation of $N\times N$; a solve is two
//! passes, one for $Gv$ and one for $G^\top c$, whatever the number of right-hand sides; where these are known beforehand, $Gv$ shares the pass of $GG^\top$
//! ([`Woodbury::prepare_and_apply`], and [`Woodbury::prepare_and_solve`] with the true residual, which takes two passes more). The panel itself is all the memory, with
//! $O(N^2)$ beside it; a [`Streamed`](crate::linalg::Streamed) panel is never held whole. The recursion takes about $N^2$ passes over a vector and
//! as much memory again as the panel.
//!
//! # Accuracy
//! Two numbers of size $\lVert v\rVert/\eta$ are subtracted. Where $v$ lies in the row space of $G$ and $\eta\ll\lVert G\rVert^2/N$ the difference is small
//! and digits are lost: the residual is then about $\epsilon\,\lVert G\rVert^2/(N\eta)$. Steps of refinement win them back.
//! $\lambda_{\min}(A)\ge\eta$ holds by construction, so the error bounds are proved.

use std::cell::Cell;

use nalgebra::{Cholesky, DMatrix, Dyn};
use ndarray::Array2;

use super::{DirectError, InverseBound, Solution, columns::Columns, direct};
use crate::linalg::{Damped, Fisher, Panel};

/// The damping and the tolerance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The damping $\eta>0$.
    pub damping: f64,
    /// A bound on the true relative residual $\lVert v-Ax\rVert_2/\lVert v\rVert_2$ of every column.
    pub tolerance: f64,
}

impl Params {
    /// This damping, and a tolerance of $10^{-10}$.
    pub fn new(damping: f64) -> Self {
        Self { damping, tolerance: 1e-10 }
    }
}

/// Why the damped Fisher of a panel cannot be inverted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// $\eta$ is not positive and finite.
    #[error(
        "the damping must be positive and finite, {0:e} was given: without it the Fisher of a panel with fewer rows than columns, or with dependent rows, \
         has no inverse; give a damping, of the order of 1e-4 of the mean squared gradient norm if nothing else is known"
    )]
    Damping(f64),
    /// No rows or no columns.
    #[error("the panel is empty: {0} × {1}")]
    Empty(usize, usize),
    /// An entry is not finite, or squares overflow.
    #[error(
        "inner products of the gradients are not finite: either an entry is not, or they are too large to square; check the data, or scale the gradients down"
    )]
    NotFinite,
    /// The damping disappears beside the Gram matrix.
    #[error(
        "the damping {damping:e} is lost in rounding beside the mean squared gradient norm {size:e}, and rows of the panel are dependent: \
         the damped Fisher is numerically singular; take a damping above {least:e}"
    )]
    Singular {
        /// The damping $\eta$.
        damping: f64,
        /// $\lVert G\rVert_F^2/N$.
        size: f64,
        /// Where it would be seen: $N\epsilon\lVert G\rVert_F^2/N$.
        least: f64,
    },
}

/// Why right-hand sides are not solved for at once.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// The panel, or the damping.
    #[error(transparent)]
    Panel(#[from] Error),
    /// The right-hand sides, or the tolerance.
    #[error(transparent)]
    Columns(#[from] DirectError),
}

/// Checks what both forms of the inverse need, and returns $(N, d)$.
pub(super) fn check<P: Panel>(panel: &P, damping: f64) -> Result<(usize, usize), Error> {
    let (rows, dim) = (panel.rows(), panel.dim());
    if rows == 0 || dim == 0 {
        return Err(Error::Empty(rows, dim));
    }
    if !(damping > 0.0 && damping.is_finite()) {
        return Err(Error::Damping(damping));
    }
    Ok((rows, dim))
}

/// $(\eta I+\frac1NG^\top G)^{-1}$, prepared.
#[derive(Debug, Clone)]
pub struct Woodbury<P> {
    operator: Damped<Fisher<P>>,
    factor: Cholesky<f64, Dyn>,
    tolerance: f64,
}

impl<P: Panel> Woodbury<P> {
    /// Forms $GG^\top$ and factors $N\eta I+GG^\top$. The panel may be a reference.
    ///
    /// # Errors
    /// [`Error`].
    pub fn new(panel: P, params: &Params) -> Result<Self, Error> {
        check(&panel, params.damping)?;
        let gram = panel.gram();
        Self::factored(panel, gram, params)
    }

    /// [`Woodbury::new`] and [`Woodbury::apply`] for right-hand sides that are known beforehand, of dimension $d$: two passes over the
    /// panel where those take three.
    ///
    /// # Errors
    /// [`Error`].
    pub fn prepare_and_apply(panel: P, vs: &[P::Vector], params: &Params) -> Result<(Self, Vec<P::Vector>), Error> {
        check(&panel, params.damping)?;
        let (gram, products) = panel.gram_and_apply(vs);
        let prepared = Self::factored(panel, gram, params)?;
        let xs = prepared.complete(&products, vs);
        Ok((prepared, xs))
    }

    /// [`Woodbury::new`] and [`Woodbury::solve`] for right-hand sides that are known beforehand, by [`Woodbury::prepare_and_apply`]. Together with the true
    /// residuals, four passes over the panel where those take five.
    ///
    /// # Errors
    /// [`SolveError`]; no partial answer is given.
    pub fn prepare_and_solve(
        panel: P,
        vs: &[P::Vector],
        params: &Params,
    ) -> Result<(Self, Solution<P::Vector>), SolveError> {
        let (_, dim) = check(&panel, params.damping)?;
        direct::judge(params.tolerance)?;
        let columns = Columns::of_dimension(dim, vs).map_err(DirectError::from)?;
        let (prepared, xs) = Self::prepare_and_apply(panel, &columns.all(), params)?;
        let first = Cell::new(Some(xs));
        let solution = prepared.refined(vs, |vs| first.take().unwrap_or_else(|| prepared.apply(vs)))?;
        Ok((prepared, solution))
    }

    /// Factors $N\eta I+GG^\top$, `gram` being $GG^\top$.
    fn factored(panel: P, gram: Array2<f64>, params: &Params) -> Result<Self, Error> {
        let rows = panel.rows();
        let squared_norm = gram.diag().sum();
        if !gram.iter().all(|x| x.is_finite()) || !squared_norm.is_finite() {
            return Err(Error::NotFinite);
        }
        let shift = rows as f64 * params.damping;
        let size = squared_norm / rows as f64;
        let system = DMatrix::from_fn(rows, rows, |i, j| gram[(i, j)] + if i == j { shift } else { 0.0 });
        let factor = Cholesky::new(system).ok_or(Error::Singular {
            damping: params.damping,
            size,
            least: rows as f64 * f64::EPSILON * size,
        })?;
        let fisher = Fisher::with_squared_norm(panel, squared_norm);
        Ok(Self { operator: Damped { inner: fisher, damping: params.damping }, factor, tolerance: params.tolerance })
    }

    /// $A=\eta I+\frac1NG^\top G$.
    pub fn operator(&self) -> &Damped<Fisher<P>> {
        &self.operator
    }

    /// The two products by themselves: approximate solutions without a report, one for each of `vs`, which have dimension $d$.
    pub fn apply(&self, vs: &[P::Vector]) -> Vec<P::Vector> {
        self.complete(&self.operator.inner.panel().apply_many(vs), vs)
    }

    /// The second product, `products` being $GV$.
    fn complete(&self, products: &Array2<f64>, vs: &[P::Vector]) -> Vec<P::Vector> {
        let (panel, damping) = (self.operator.inner.panel(), self.operator.damping);
        let mut c = DMatrix::from_fn(products.nrows(), products.ncols(), |i, j| products[(i, j)]);
        self.factor.solve_mut(&mut c);
        let c = Array2::from_shape_fn(products.dim(), |(i, j)| -c[(i, j)] / damping);
        panel.combined(&c, 1.0 / damping, vs)
    }

    /// Solves $Ax=v$ for each column of `vs`: [`Woodbury::apply`], its true residuals, and refinement where they are above the tolerance.
    ///
    /// # Errors
    /// [`DirectError`]; no partial answer is given.
    pub fn solve(&self, vs: &[P::Vector]) -> Result<Solution<P::Vector>, DirectError> {
        self.refined(vs, |vs| self.apply(vs))
    }

    /// The solutions by `inverse`, with their true residuals, and refinement where they are above the tolerance.
    fn refined(
        &self,
        vs: &[P::Vector],
        inverse: impl Fn(&[P::Vector]) -> Vec<P::Vector>,
    ) -> Result<Solution<P::Vector>, DirectError> {
        let bound = InverseBound::by_construction(&self.operator);
        direct::solve(&self.operator, vs, inverse, |_, _| (), self.tolerance, bound, 1)
    }
}
