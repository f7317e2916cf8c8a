//! The Lanczos process with full reorthogonalisation.
//!
//! From a unit vector $q_1$, $k$ steps build an orthonormal $Q_k=[q_1,\dots,q_k]$ and a symmetric tridiagonal $T_k$ with
//! $$A Q_k = Q_k T_k + \beta_k\, q_{k+1} e_k^\top ,\qquad T_k = Q_k^\top A Q_k .$$
//! Its diagonal is $\alpha_1,\dots,\alpha_k$ and its off-diagonal $\beta_1,\dots,\beta_{k-1}$. For an eigenpair $(\theta, s)$ of $T_k$, $y = Q_ks$ satisfies
//! $\lVert Ay-\theta y\rVert=\beta_k|s_k|$, so some eigenvalue of $A$ lies within $\beta_k|s_k|$ of the *Ritz value* $\theta$ (Parlett, *The Symmetric
//! Eigenvalue Problem*, 4.5.1 and 13.2). Rounding destroys the orthogonality that this rests on unless each new vector is orthogonalised against the
//! whole basis; twice is enough (Giraud, Langou, Rozložník and van den Eshof 2005).

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::negligible;
use crate::linalg::{LinearOperator, Vector};

/// Why a Lanczos process stopped.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The operator has dimension 0.
    #[error("the operator has dimension 0: there is no spectrum")]
    Empty,
    /// The model vector does not fit.
    #[error("the operator acts on vectors of length {expected}, the model vector has length {given}")]
    Dimension {
        /// Its length.
        given: usize,
        /// The operator's dimension.
        expected: usize,
    },
    /// A product was not finite.
    #[error(
        "product {step} is not finite: either the operator's entries are not, or its norm is beyond the storage format; check the data, or scale the operator down"
    )]
    NotFinite {
        /// The step of the product, from 1.
        step: usize,
    },
}

/// An eigenpair of $T_k$.
#[derive(Debug, Clone, PartialEq)]
pub struct Ritz {
    /// The Ritz value $\theta$.
    pub value: f64,
    /// $\beta_k|s_k|$: an eigenvalue of $A$ is this near, up to rounding.
    pub residual: f64,
    /// The unit eigenvector $s$ of $T_k$.
    pub coefficients: Vec<f64>,
}

/// A Lanczos process, which can be continued. Holds $k+1$ vectors.
#[derive(Debug, Clone)]
pub struct Lanczos<V> {
    basis: Vec<V>,
    diagonal: Vec<f64>,
    off_diagonal: Vec<f64>,
    next: Option<V>,
}

impl<V: Vector> Lanczos<V> {
    /// A process that starts from a normalised Gaussian vector, uniform on the sphere. `like` is any vector of the space; its entries are not used.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Dimension`].
    pub fn start<A: LinearOperator<Vector = V>>(operator: &A, like: &V, seed: u64) -> Result<Self, Error> {
        let (expected, given) = (operator.dim(), like.dim());
        if expected == 0 {
            return Err(Error::Empty);
        }
        if given != expected {
            return Err(Error::Dimension { given, expected });
        }
        let mut first = like.gaussian_like(&mut ChaCha8Rng::seed_from_u64(seed));
        first.scale(1.0 / first.norm());
        Ok(Self { basis: Vec::new(), diagonal: Vec::new(), off_diagonal: Vec::new(), next: Some(first) })
    }

    /// Up to `steps` more steps, one product each; fewer when the Krylov space is exhausted.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn extend<A: LinearOperator<Vector = V>>(&mut self, operator: &A, steps: usize) -> Result<(), Error> {
        for _ in 0..steps {
            let Some(q) = self.next.take() else { break };
            let mut w = operator.product(&q);
            if !w.is_finite() {
                return Err(Error::NotFinite { step: self.steps() + 1 });
            }
            self.basis.push(q);
            let last = self.basis.len() - 1;
            let mut alpha = 0.0;
            for _ in 0..2 {
                let h = V::gram(&self.basis, std::slice::from_ref(&w));
                alpha += h[(last, 0)];
                V::add_combinations(std::slice::from_mut(&mut w), &-h, &self.basis);
            }
            let beta = w.norm();
            self.diagonal.push(alpha);
            self.off_diagonal.push(beta);
            // What is left is rounding, or the basis is complete: the space is invariant.
            let noise = negligible(w.dim(), w.epsilon(), self.norm());
            if beta > noise && self.basis.len() < w.dim() && (1.0 / beta).is_finite() {
                w.scale(1.0 / beta);
                self.next = Some(w);
            }
        }
        Ok(())
    }

    /// The steps taken, $k$.
    pub fn steps(&self) -> usize {
        self.basis.len()
    }

    /// Whether the Krylov space is invariant to rounding: its Ritz values are eigenvalues, and more steps are not possible.
    pub fn exhausted(&self) -> bool {
        self.next.is_none()
    }

    /// The orthonormal $q_1,\dots,q_k$.
    pub fn basis(&self) -> &[V] {
        &self.basis
    }

    /// $\alpha_1,\dots,\alpha_k$.
    pub fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    /// $\beta_1,\dots,\beta_k$; the last couples to $q_{k+1}$.
    pub fn off_diagonal(&self) -> &[f64] {
        &self.off_diagonal
    }

    /// A row sum of $|T_k|$ at most, a bound on $\lVert T_k\rVert_2$ and within a factor 3 of it (Gershgorin).
    pub fn norm(&self) -> f64 {
        let k = self.diagonal.len();
        let off = |j: Option<usize>| j.and_then(|j| self.off_diagonal.get(j)).copied().unwrap_or(0.0);
        (0..k)
            .map(|j| self.diagonal[j].abs() + off(j.checked_sub(1)) + if j + 1 < k { off(Some(j)) } else { 0.0 })
            .fold(0.0, f64::max)
    }

    /// The eigenpairs of $T_k$, ascending.
    pub fn ritz(&self) -> Vec<Ritz> {
        let k = self.steps();
        let t = DMatrix::from_fn(k, k, |i, j| match i.abs_diff(j) {
            0 => self.diagonal[i],
            1 => self.off_diagonal[i.min(j)],
            _ => 0.0,
        });
        let eigen = SymmetricEigen::new(t);
        let beta = self.off_diagonal.last().copied().unwrap_or(0.0);
        let mut pairs: Vec<Ritz> = (0..k)
            .map(|i| {
                let coefficients: Vec<f64> = eigen.eigenvectors.column(i).iter().copied().collect();
                let residual = beta * coefficients[k - 1].abs();
                Ritz { value: eigen.eigenvalues[i], residual, coefficients }
            })
            .collect();
        pairs.sort_by(|a, b| a.value.total_cmp(&b.value));
        pairs
    }

    /// The Ritz vector $y = Q_ks$, a unit vector up to rounding; `None` before the first step.
    pub fn ritz_vector(&self, ritz: &Ritz) -> Option<V> {
        let mut y = self.basis.first()?.zeros_like();
        let c = Array2::from_shape_fn((self.steps(), 1), |(i, _)| ritz.coefficients.get(i).copied().unwrap_or(0.0));
        V::add_combinations(std::slice::from_mut(&mut y), &c, &self.basis);
        Some(y)
    }
}
