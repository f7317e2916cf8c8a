//! Lower bounds on $\min|\lambda(A)|$ that hold in floating point.
//!
//! $u=\epsilon/2$, $\gamma_k=ku/(1-ku)$ (Higham 2002, §3.1). $A$ is the exact matrix, of a size between $2^{-100}$ and $2^{100}$ by scaling; $\hat A$ is what is
//! stored, whose diagonal was rounded when the damping was added: $\lVert A-\hat A\rVert_2\le 2u\max_i|\hat a_{ii}|$. Underflow adds less than
//! $n^3$ times the smallest normal number to anything below, and that is added.
//!
//! # Positive definite (Rump 2006)
//! Let $B=\mathrm{fl}(\hat A-sI)$ and let Cholesky of $B$ run to its end with the factor $R$. Each entry of $R$ is a sum of products, in whatever order the
//! library takes them, a root or a quotient (or a product with a reciprocal), so (Higham, Theorem 10.3)
//! $$R^\top R=B+\Delta,\qquad|\Delta|\le\gamma_m|R|^\top|R|,\quad m=n+8 .$$
//! Now $\lVert\,|R|^\top|R|\,\rVert_2\le\lVert R\rVert_F^2=\operatorname{tr}R^\top R\le\operatorname{tr}B+\gamma_m\lVert R\rVert_F^2$, hence
//! $\lVert\Delta\rVert_2\le\frac{\gamma_m}{1-\gamma_m}\operatorname{tr}B$. Since $R^\top R$ is positive semidefinite, $\lambda_{\min}(B)\ge-\lVert\Delta\rVert_2$ and
//! $$\lambda_{\min}(A)\ge s-\frac{\gamma_m}{1-\gamma_m}\operatorname{tr}B-2u\max_i|b_{ii}|-2u\max_i|\hat a_{ii}| .$$
//! $s$ is taken a little below an estimate of $\lambda_{\min}$ by inverse iteration, and smaller where Cholesky breaks down: a bad estimate costs time
//! and never truth.
//!
//! # Indefinite
//! Let $Q$, $\Lambda$ be computed, whatever their quality, and $M=Q\Lambda Q^\top$, $E=\hat A-M$. For unit $x$,
//! $\lVert Mx\rVert\ge\sigma_{\min}(Q)\min|\Lambda|\,\sigma_{\min}(Q^\top)$, and a perturbation moves singular values by at most its norm (Weyl):
//! $$\min|\lambda(A)|\ge\sigma_{\min}(Q)^2\min|\Lambda|-\lVert E\rVert_2-2u\max_i|\hat a_{ii}|,\qquad
//! \sigma_{\min}(Q)^2\ge1-\lVert I-Q^\top Q\rVert_F .$$
//! In floating point, with $\lVert\,|Q||\Lambda||Q|^\top\rVert_F\le\sum_j|\lambda_j|\lVert q_j\rVert^2$,
//! $$\lVert E\rVert_2\le(1+\gamma_{n^2+2})\,\mathrm{fl}\lVert E\rVert_F+\gamma_{n+2}\sum_j|\lambda_j|\lVert q_j\rVert^2,\qquad
//! \lVert I-Q^\top Q\rVert_F\le(1+\gamma_{n^2+2})\,\mathrm{fl}\lVert I-Q^\top Q\rVert_F+\gamma_{n}\lVert Q\rVert_F^2 .$$
//! Where the bound is positive no eigenvalue passes through zero between $M$ and $A$, so the signs of $\Lambda$ are the inertia of $A$ (Sylvester).
//!
//! # Sources
//! S. M. Rump, *Verification of positive definiteness*, BIT 46 (2006) 433–452. N. J. Higham, *Accuracy and Stability of Numerical Algorithms*,
//! 2nd ed., SIAM 2002. Products are assumed to be the conventional ones, not Strassen's.

use ndarray::{Array1, Array2};
use rand::SeedableRng;

use super::factor::{Backend, Cholesky, Eigen};
use crate::linalg::{Vector, gamma};

/// What rounding to nearest adds to a bound computed in a few operations.
const RESERVE: f64 = 16.0 * f64::EPSILON;

/// Where to try, in parts of the estimate of $\lambda_{\min}$.
const FRACTIONS: [f64; 3] = [0.7, 0.3, 0.1];

/// An estimate of $\lambda_{\min}$ from above, up to rounding, by at most so many steps of inverse iteration from a random start.
pub(super) fn inverse_iteration(cholesky: &Cholesky, n: usize, steps: usize) -> f64 {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(n as u64);
    let mut x = Array1::<f64>::zeros(n).gaussian_like(&mut rng);
    let mut estimate = f64::INFINITY;
    for _ in 0..steps {
        let norm = x.norm();
        x = cholesky.solve(&(x / norm));
        let before = estimate;
        estimate = estimate.min(1.0 / x.norm());
        if estimate > 0.95 * before {
            break;
        }
    }
    estimate
}

/// A lower bound on $\lambda_{\min}(A)$, where one can be proved; it says nothing where it is not positive. `stored` hands over a copy of $\hat A$, $n\times n$.
pub(super) fn definite(
    stored: impl Fn() -> Array2<f64>,
    n: usize,
    cholesky: &Cholesky,
    backend: Backend,
) -> Option<f64> {
    let estimate = inverse_iteration(cholesky, n, 12);
    FRACTIONS.iter().find_map(|fraction| shifted(stored(), fraction * estimate, backend))
}

/// The bound from Cholesky of $\hat A-sI$, if it runs to its end.
fn shifted(mut a: Array2<f64>, s: f64, backend: Backend) -> Option<f64> {
    let n = a.nrows();
    let largest = |a: &Array2<f64>| a.diag().iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let before = largest(&a);
    a.diag_mut().mapv_inplace(|x| x - s);
    let (trace, diagonals) = (a.diag().sum() * (1.0 + gamma(n, f64::EPSILON)), before + largest(&a));
    Cholesky::new(a, backend)?;
    let gamma = gamma(n + 8, f64::EPSILON);
    let loss = gamma / (1.0 - gamma) * trace + f64::EPSILON * diagonals + underflow(n);
    Some(below(s, s, loss))
}

/// A lower bound on $\min|\lambda(A)|$ for the stored `a`, where one can be proved.
pub(super) fn spectral(a: &Array2<f64>, eigen: &Eigen) -> Option<f64> {
    let Eigen { values, vectors: q } = eigen;
    let n = a.nrows();
    let squares: Array1<f64> = q.columns().into_iter().map(|column| column.dot(&column)).collect();
    let entries = 1.0 + gamma(n * n + 2, f64::EPSILON);
    let sums = 1.0 + gamma(2 * n, f64::EPSILON);

    let mut defect = q.t().dot(q);
    defect.diag_mut().mapv_inplace(|x| x - 1.0);
    let defect = entries * frobenius(&defect) + gamma(n, f64::EPSILON) * squares.sum() * sums;

    let residual = a - &(q * values).dot(&q.t());
    let nuclear = values.iter().zip(&squares).map(|(l, square)| l.abs() * square).sum::<f64>() * sums;
    let residual = entries * frobenius(&residual) + gamma(n + 2, f64::EPSILON) * nuclear;

    let diagonal = a.diag().iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let loss = residual + f64::EPSILON * diagonal + underflow(n);
    let smallest = eigen.smallest().abs();
    let bound = below(smallest * (1.0 - defect), smallest, loss);
    (bound > 0.0).then_some(bound)
}

/// `gain` − `loss` rounded down, where the terms of the gain are no larger than `of`.
fn below(gain: f64, of: f64, loss: f64) -> f64 {
    gain - loss - RESERVE * (of + loss)
}

fn frobenius(a: &Array2<f64>) -> f64 {
    a.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn underflow(n: usize) -> f64 {
    (n as f64).powi(3) * f64::MIN_POSITIVE
}

#[cfg(test)]
mod tests;
