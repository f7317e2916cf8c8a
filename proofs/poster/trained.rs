//! Trained quadratic supernets with a chosen spectrum: what the properties of these modules are drawn from.

use std::convert::Infallible;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use nasproof::{
    linalg::samples::{self, Sample},
    problem::{
        Bilevel, Hessian,
        quadratic::{Coefficients, Quadratic},
    },
    taylor::InverseHessian,
};
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};

/// A quadratic loss for training and validation alike, gates in [1/8, 1], weights optimal for them.
#[derive(Debug, Clone)]
pub struct Trained {
    pub problem: Quadratic,
    pub coefficients: Coefficients,
    pub sample: Sample,
    pub gates: Array2<f64>,
    pub weights: Array1<f64>,
}

fn array(rows: usize, columns: usize) -> impl Strategy<Value = Array2<f64>> {
    vec(-1.0..1.0f64, rows * columns).prop_map(move |x| Array2::from_shape_vec((rows, columns), x).unwrap())
}

/// $8\le n\le16$ weights, at least three distinct eigenvalues, $\kappa\le10^6$; 2 or 3 edges of 3 to 5 operations.
pub fn trained() -> impl Strategy<Value = Trained> {
    (samples::positive_definite(8..=16, 6.0), 2usize..=3, 3usize..=5).prop_flat_map(|(sample, edges, operations)| {
        let (n, p) = (sample.dim(), edges * operations);
        (Just(sample), array(n, p), array(p, p), array(1, n), array(1, p), vec(0.125..1.0f64, p)).prop_map(
            move |(sample, cross, half, offsets, gate_offset, gates)| {
                let coefficients = Coefficients {
                    hessian: sample.matrix.clone(),
                    cross,
                    gate_hessian: &half + &half.t(),
                    offsets,
                    gate_offset: gate_offset.row(0).to_owned(),
                    constant: 0.0,
                };
                let gates = Array2::from_shape_vec((edges, operations), gates).unwrap();
                Trained::new(sample, coefficients, gates)
            },
        )
    })
}

impl Trained {
    pub fn new(sample: Sample, coefficients: Coefficients, gates: Array2<f64>) -> Self {
        let problem = Quadratic::new(gates.dim(), coefficients.clone(), coefficients.clone()).unwrap();
        let weights = problem.solve(&gates, &Array1::zeros(sample.dim())).unwrap();
        Self { problem, coefficients, sample, gates, weights }
    }

    /// $H^{-1}v$ by Cholesky.
    pub fn inverse(&self) -> impl InverseHessian<Quadratic, Error = Infallible> + use<> {
        let factor = self.factor();
        move |_: &Hessian<'_, Quadratic>, vs: &[Array1<f64>]| -> Result<Vec<Array1<f64>>, Infallible> {
            Ok(vs.iter().map(|v| solve(&factor, v)).collect())
        }
    }

    pub fn factor(&self) -> Cholesky<f64, Dyn> {
        let n = self.sample.dim();
        DMatrix::from_fn(n, n, |i, j| self.sample.matrix[(i, j)]).cholesky().unwrap()
    }

    /// $\sum|\text{terms}|$ of the loss at a point.
    pub fn terms(&self, weights: &Array1<f64>, gates: &Array2<f64>) -> f64 {
        let k = &self.coefficients;
        let (t, z) = (weights.mapv(f64::abs), gates.iter().map(|z| z.abs()).collect::<Array1<f64>>());
        let abs = |a: &Array2<f64>| a.mapv(f64::abs);
        0.5 * t.dot(&abs(&k.hessian).dot(&t))
            + t.dot(&(abs(&k.offsets).row(0).to_owned() + abs(&k.cross).dot(&z)))
            + z.dot(&(k.gate_offset.mapv(f64::abs) + 0.5 * abs(&k.gate_hessian).dot(&z)))
    }

    /// What the rounding of $\tfrac12g^\top H^{-1}g$ is relative to, for a step $x=H^{-1}g$: that of $g$ reaches it as $\delta g^\top x$,
    /// $\lVert\delta g\rVert\le n\epsilon\lVert H\rVert\lVert\theta\rVert$, and that of the solve as $x^\top Ex$, $\lVert E\rVert\le n\epsilon\lVert H\rVert$.
    pub fn solved(&self, step: &Array1<f64>, weights: &Array1<f64>) -> f64 {
        self.sample.norm() * norm(step) * (norm(weights) + norm(step))
    }
}

pub fn solve(factor: &Cholesky<f64, Dyn>, v: &Array1<f64>) -> Array1<f64> {
    Array1::from(factor.solve(&DVector::from_column_slice(&v.to_vec())).as_slice().to_vec())
}

pub fn norm(x: &Array1<f64>) -> f64 {
    x.dot(x).sqrt()
}
