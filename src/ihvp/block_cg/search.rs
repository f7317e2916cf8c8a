//! The vectors that a block searches with, changed in place.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, Axis, concatenate};

use crate::{ihvp::orthonormal::orthonormalise, linalg::Vector};

/// $R=Q\Phi$, the directions $P$ with $AP$, and the directions $S$ of columns that left with their products.
pub(super) struct Search<V> {
    pub q: Vec<V>,
    pub phi: Array2<f64>,
    pub p: Vec<V>,
    /// $AP$ from the product to the next directions.
    pub w: Vec<V>,
    pub kept: Vec<V>,
    pub kept_products: Vec<V>,
}

/// What one iteration leaves behind: $G$ and its inverse, and the old $\Phi$.
pub(super) struct Step {
    pub g: Array2<f64>,
    pub inverse: Array2<f64>,
    pub phi: Array2<f64>,
}

impl<V: Vector> Search<V> {
    /// From $Q\Phi$: the first directions are $Q$.
    pub fn from_residuals(q: Vec<V>, phi: Array2<f64>) -> Self {
        Self { p: q.clone(), q, phi, w: Vec::new(), kept: Vec::new(), kept_products: Vec::new() }
    }

    /// $P\leftarrow Q-P\,G^{-1}(AP)^\top Q-S(AS)^\top Q$, `inverse` being $G^{-1}$.
    pub fn advance(&mut self, inverse: &Array2<f64>) {
        let c = inverse.dot(&V::gram(&self.w, &self.q));
        self.w.clear();
        replace(&mut self.p, &-c);
        for (p, q) in self.p.iter_mut().zip(&self.q) {
            p.axpy(1.0, q);
        }
        if !self.kept.is_empty() {
            let c = V::gram(&self.kept_products, &self.p);
            V::add_combinations(&mut self.p, &-c, &self.kept);
        }
    }

    /// Goes on with the columns of $\Phi$ at the places `remaining`.
    pub fn shrink(&mut self, remaining: &[usize], step: &Step) {
        let (before, _) = basis(&step.phi.select(Axis(1), remaining));
        let n = complement(&before);
        let (u, phi) = basis(&self.phi.select(Axis(1), remaining));
        replace(&mut self.q, &u);
        self.phi = phi;
        if n.ncols() == 0 {
            return self.advance(&step.inverse);
        }
        // PT = [S, D] with [S, D]ᵀA[S, D] = I: S = PN, and D = PG⁻¹Φ_c, each normalised.
        let s = n.dot(&inverse_root(&n.t().dot(&step.g).dot(&n)));
        let d = step.inverse.dot(&before);
        let d = d.dot(&inverse_root(&before.t().dot(&d)));
        let rest = Array2::eye(d.ncols());
        let t = concatenate![Axis(1), s, d];
        for (vectors, kept) in [(&mut self.p, &mut self.kept), (&mut self.w, &mut self.kept_products)] {
            replace(vectors, &t);
            kept.extend(vectors.drain(..n.ncols()));
        }
        self.advance(&rest);
    }
}

/// $X\leftarrow XC$ in place; $C$ has no more columns than $X$.
fn replace<V: Vector>(xs: &mut Vec<V>, c: &Array2<f64>) {
    V::transform(xs, c);
    xs.truncate(c.ncols());
}

/// An orthonormal basis of the columns of a small matrix, as columns, and their coefficients in it.
fn basis(matrix: &Array2<f64>) -> (Array2<f64>, Array2<f64>) {
    let (u, coefficients): (Vec<Array1<f64>>, _) =
        orthonormalise(matrix.columns().into_iter().map(|column| column.to_owned()).collect());
    (Array2::from_shape_fn((matrix.nrows(), u.len()), |(i, j)| u[j][i]), coefficients)
}

/// An orthonormal basis of what is orthogonal to the orthonormal columns of $U\in\mathbb R^{s\times r}$.
fn complement(u: &Array2<f64>) -> Array2<f64> {
    let s = u.nrows();
    let projector = u.dot(&u.t());
    let SymmetricEigen { eigenvectors, eigenvalues } =
        SymmetricEigen::new(DMatrix::<f64>::from_fn(s, s, |i, j| projector[(i, j)]));
    // The eigenvalues of a projector are 0 and 1.
    let zeros: Vec<usize> = (0..s).filter(|&l| eigenvalues[l].round() == 0.0).collect();
    Array2::from_shape_fn((s, zeros.len()), |(i, l)| eigenvectors[(i, zeros[l])])
}

/// $M$ with $M^\top GM=I$, for positive definite $G$.
fn inverse_root(g: &Array2<f64>) -> Array2<f64> {
    let s = g.nrows();
    let SymmetricEigen { eigenvectors, eigenvalues } =
        SymmetricEigen::new(DMatrix::from_fn(s, s, |i, j| 0.5 * (g[(i, j)] + g[(j, i)])));
    Array2::from_shape_fn((s, s), |(i, l)| eigenvectors[(i, l)] / eigenvalues[l].sqrt())
}
