//! Solutions to about thirty digits: refinement with residuals and solutions in double-double arithmetic around an LU in `f64`.
//!
//! Slow and obvious: a dense matrix of double-doubles, products term by term.

use ndarray::{Array1, Array2};

/// An unevaluated sum of two `f64`, the second below half an ulp of the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Double(pub f64, pub f64);

impl Double {
    pub const ZERO: Self = Self(0.0, 0.0);

    pub fn of(x: f64) -> Self {
        Self(x, 0.0)
    }

    fn sum(a: f64, b: f64) -> Self {
        let s = a + b;
        let t = s - a;
        Self(s, (a - (s - t)) + (b - t))
    }

    fn quick(a: f64, b: f64) -> Self {
        let s = a + b;
        Self(s, b - (s - a))
    }

    pub fn add(self, other: Self) -> Self {
        let (s, t) = (Self::sum(self.0, other.0), Self::sum(self.1, other.1));
        let s = Self::quick(s.0, s.1 + t.0);
        Self::quick(s.0, s.1 + t.1)
    }

    pub fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }

    pub fn mul(self, other: Self) -> Self {
        let p = self.0 * other.0;
        let e = self.0.mul_add(other.0, -p);
        Self::quick(p, e + (self.0 * other.1 + self.1 * other.0))
    }

    /// By a number of rows: one Newton step from the rounded quotient.
    pub fn div(self, by: f64) -> Self {
        let q = self.0 / by;
        let r = self.add(Self::of(q).mul(Self::of(by)).neg());
        Self::quick(q, (r.0 + r.1) / by)
    }
}

/// sym(H) + ηI.
pub fn hessian(h: &Array2<f64>, damping: f64) -> Array2<Double> {
    Array2::from_shape_fn(h.dim(), |(i, j)| {
        let mean = Double::of(h[(i, j)]).add(Double::of(h[(j, i)])).mul(Double::of(0.5));
        if i == j { mean.add(Double::of(damping)) } else { mean }
    })
}

/// ηI + GᵀG/N.
pub fn gradients(g: &Array2<f64>, damping: f64) -> Array2<Double> {
    let n = g.ncols();
    Array2::from_shape_fn((n, n), |(i, j)| {
        let sum = g.rows().into_iter().fold(Double::ZERO, |s, row| s.add(Double::of(row[i]).mul(Double::of(row[j]))));
        let mean = sum.div(g.nrows() as f64);
        if i == j { mean.add(Double::of(damping)) } else { mean }
    })
}

/// A⁻¹v, for condition numbers to about 1e14.
pub fn solve(a: &Array2<Double>, v: &Array1<f64>) -> Vec<Double> {
    let n = v.len();
    let lu = nalgebra::DMatrix::from_fn(n, n, |i, j| a[(i, j)].0).lu();
    let mut x = vec![Double::ZERO; n];
    let mut last = f64::INFINITY;
    for _ in 0..200 {
        let residual = nalgebra::DVector::from_fn(n, |i, _| {
            let product = (0..n).fold(Double::ZERO, |s, j| s.add(a[(i, j)].mul(x[j])));
            let r = Double::of(v[i]).add(product.neg());
            r.0 + r.1
        });
        let correction = lu.solve(&residual).expect("nonsingular");
        if correction.norm() >= last / 2.0 {
            break;
        }
        last = correction.norm();
        for (x, c) in x.iter_mut().zip(correction.iter()) {
            *x = x.add(Double::of(*c));
        }
        if last == 0.0 {
            break;
        }
    }
    x
}

/// ‖X − x‖₂, of a column as written against the oracle's.
pub fn distance(written: impl IntoIterator<Item = f64>, exact: &[Double]) -> f64 {
    let mut squares = 0.0;
    let mut scale = 0.0f64;
    let differences: Vec<f64> = written
        .into_iter()
        .zip(exact)
        .map(|(w, x)| {
            let d = Double::of(w).add(x.neg());
            d.0 + d.1
        })
        .collect();
    for d in &differences {
        scale = scale.max(d.abs());
    }
    if scale == 0.0 {
        return 0.0;
    }
    for d in differences {
        squares += (d / scale) * (d / scale);
    }
    scale * f64::sqrt(squares)
}
