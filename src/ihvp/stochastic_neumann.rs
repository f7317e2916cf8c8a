//! The Neumann series over a sequence of mini-batches.
//!
//! With operators $A_1,A_2,\dots$ drawn independently, $E\lbrack A_k\rbrack=A$, the recursion (LiSSA: Agarwal, Bullins and Hazan 2017)
//! $$x_0=\gamma v,\qquad x_k=\gamma v+(I-\gamma A_k)\,x_{k-1}$$
//! has expectation $E\lbrack x_K\rbrack=\gamma\sum_{k=0}^K(I-\gamma A)^kv$, the truncated series of [`neumann`](super::neumann): $x_{k-1}$ depends on $A_1,\dots,A_{k-1}$ only, so the
//! expectation of the product is the product of the expectations. The deviation from it does not vanish as $K$ grows, it settles at a level set by
//! $\gamma$ and the variance of the mini-batches; averaging $M$ independent runs divides its variance by $M$.
//!
//! # What is known of the result
//! Chance decides which $x$ comes out, not how good it is: its residual against the full operator is computed, and
//! $\lVert x-A^{-1}v\rVert\le\lVert v-Ax\rVert/\lambda_{\min}$ holds for any $x$. The certificate is that of $\lambda_{\min}$.
//!
//! # Divergence
//! If every $A_k$ has its spectrum in $[0,2/\gamma]$, then $\lVert I-\gamma A_k\rVert\le1$ and $\lVert x_k\rVert\le(k+1)\gamma\lVert v\rVert$. An iterate longer than that, by more than a
//! factor 2 to leave rounding out of the question, proves that some mini-batch has an eigenvalue outside, and that it mattered.

use ndarray::Array1;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    InverseBound, Solution, Status, Stop, StopError,
    columns::{Columns, ColumnsError},
};
use crate::linalg::{LinearOperator, Panel, Vector};

/// The step, the number of terms and of runs, and the seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// The step $\gamma$; below $2/\lambda_{\max}(A_k)$ for every mini-batch. For a panel, [`row_bound`] gives $\lambda_{\max}(A_k)\le$ that.
    pub step: f64,
    /// The last index $K$.
    pub terms: usize,
    /// Independent runs to average.
    pub repeats: usize,
    /// Seed of the mini-batches.
    pub seed: u64,
    /// A bound on the true relative residual of every column. It is looked at once, at the end.
    pub tolerance: Option<f64>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The right-hand sides.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// The tolerance.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The step is no positive number, or there are no runs.
    #[error("the step must be positive and finite and at least one run is needed; {step:e} and {repeats} were given")]
    Params {
        /// The step given.
        step: f64,
        /// The runs given.
        repeats: usize,
    },
    /// A mini-batch operator of another dimension.
    #[error("a mini-batch operator has dimension {given}, the full operator {expected}")]
    Batch {
        /// Its dimension.
        given: usize,
        /// That of the full operator.
        expected: usize,
    },
    /// The iterates grow beyond what contractions allow.
    #[error(
        "the recursion diverges: after {term} terms column {column} has ‖x‖ = {growth:e}·γ‖v‖, more than mini-batches with eigenvalues in [0, 2/γ], γ = {step:e}, allow; \
         take a smaller step or larger mini-batches, or add damping"
    )]
    Diverged {
        /// The column.
        column: usize,
        /// The index of the term.
        term: usize,
        /// $\lVert x_k\rVert/(\gamma\lVert v\rVert)$.
        growth: f64,
        /// The step.
        step: f64,
    },
    /// The tolerance was not reached.
    #[error(
        "column {column}: the true relative residual is {attained:e} after K = {terms} in {repeats} runs, {tolerance:e} was asked for; the noise of mini-batches \
         sets a floor: average more runs, enlarge the mini-batches, or use the full operator"
    )]
    Tolerance {
        /// The column.
        column: usize,
        /// The true relative residual attained.
        attained: f64,
        /// The tolerance.
        tolerance: f64,
        /// The last index.
        terms: usize,
        /// The runs.
        repeats: usize,
    },
}

/// Solves $Ax=v$ for each column of `vs`, `full` the operator $A$ and `batches` drawing independent $A_k$ with mean $A$ from the generator it is given.
///
/// All columns see the same mini-batches. The trace of a column holds the relative residuals against the mini-batches,
/// $\lVert v-A_kx_{k-1}\rVert/\lVert v\rVert$, of the first run. `bound` as in [`cg::solve`](super::cg::solve).
///
/// # Errors
/// [`Error`]; no partial answer is given.
pub fn solve<A, B, F>(
    full: &A,
    mut batches: F,
    vs: &[A::Vector],
    bound: Option<InverseBound>,
    params: &Params,
) -> Result<Solution<A::Vector>, Error>
where
    A: LinearOperator,
    B: LinearOperator<Vector = A::Vector>,
    F: FnMut(&mut ChaCha8Rng) -> B,
{
    let Params { step, terms, repeats, seed, tolerance } = *params;
    if !(step > 0.0 && step.is_finite()) || repeats == 0 {
        return Err(Error::Params { step, repeats });
    }
    Stop { tolerance, ..Stop::terms(terms) }.check()?;
    let columns = Columns::new(full, vs)?;
    let bound = bound.or_else(|| InverseBound::by_construction(full));
    let active = columns.nonzero();
    let mut solved: Vec<_> = (0..vs.len()).map(|column| columns.zero(column)).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);

    let start: Vec<A::Vector> = active.iter().map(|&j| columns.column(j)).collect();
    let mut products: Vec<A::Vector> = start.iter().map(|v| v.zeros_like()).collect();
    let mut xs = start.clone();
    for repeat in 0..repeats {
        // x/γ is iterated, which keeps γ out of the sizes: y ← v + y − γA_k y.
        xs.iter_mut().zip(&start).for_each(|(x, v)| x.copy_from(v));
        for term in 1..=terms {
            let batch = batches(&mut rng);
            if batch.dim() != full.dim() {
                return Err(Error::Batch { given: batch.dim(), expected: full.dim() });
            }
            batch.apply_block(&xs, &mut products);
            for (c, &column) in active.iter().enumerate() {
                let (x, product) = (&mut xs[c], &mut products[c]);
                // v − γA_k y, the mini-batch residual, is also the change of y.
                product.scale(-step);
                product.axpy(1.0, &start[c]);
                let norm = columns.norms[column];
                if repeat == 0 {
                    solved[column].trace.push(product.norm() / norm);
                }
                x.axpy(1.0, product);
                let growth = x.norm() / norm;
                if growth.is_nan() || growth > 2.0 * (term + 1) as f64 {
                    return Err(Error::Diverged { column, term, growth, step });
                }
            }
        }
        for (x, &column) in xs.iter().zip(&active) {
            solved[column].vector.axpy(step / repeats as f64, x);
        }
    }
    for &column in &active {
        solved[column].iterations = terms;
    }
    let status = if tolerance.is_some() { Status::Converged } else { Status::Budget };
    let solution = columns.finish(full, solved, bound, status, Some(step))?;
    if let Some(tolerance) = tolerance {
        let residuals = solution.reports.iter().map(|report| report.relative_residual).enumerate();
        if let Some((column, attained)) = residuals.into_iter().find(|(_, r)| r.is_nan() || *r > tolerance) {
            return Err(Error::Tolerance { column, attained, tolerance, terms, repeats });
        }
    }
    Ok(solution)
}

/// $\eta I+\frac1R\sum_ig_ig_i^\top$ over $R$ rows of a panel: the damped Fisher of a mini-batch.
#[derive(Debug, Clone)]
pub struct MiniBatch<V> {
    rows: Vec<V>,
    damping: f64,
}

impl<V: Vector> MiniBatch<V> {
    /// Draws `size` different rows, each set of rows equally likely, so that the mean is the damped Fisher of the whole panel. A `size` of at least
    /// the number of rows takes them all.
    pub fn draw<P: Panel<Vector = V>, R: Rng + ?Sized>(panel: &P, size: usize, damping: f64, rng: &mut R) -> Self {
        let size = size.min(panel.rows());
        let rows = rand::seq::index::sample(rng, panel.rows(), size).into_iter().map(|i| panel.row(i)).collect();
        Self { rows, damping }
    }
}

impl<V: Vector> LinearOperator for MiniBatch<V> {
    type Vector = V;

    fn dim(&self) -> usize {
        self.rows.first().map_or(0, |row| row.dim())
    }

    fn apply(&self, x: &V, y: &mut V) {
        self.apply_block(std::slice::from_ref(x), std::slice::from_mut(y));
    }

    fn apply_block(&self, xs: &[V], ys: &mut [V]) {
        let c = V::gram(&self.rows, xs) / self.rows.len() as f64;
        for (x, y) in xs.iter().zip(ys.iter_mut()) {
            y.copy_from(x);
            y.scale(self.damping);
        }
        V::add_combinations(ys, &c, &self.rows);
    }

    fn lower_bound(&self) -> Option<f64> {
        Some(self.damping)
    }
}

/// $\eta+\max_i\lVert g_i\rVert^2$, at least $\lambda_{\max}$ of every mini-batch of rows: the trace of a mean of $g_ig_i^\top$ is a mean of $\lVert g_i\rVert^2$.
pub fn row_bound<P: Panel>(panel: &P, damping: f64) -> f64 {
    let squares: Array1<f64> = (0..panel.rows()).map(|i| panel.row(i).norm().powi(2)).collect();
    damping + squares.iter().copied().fold(0.0, f64::max)
}
