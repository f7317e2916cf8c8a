//! The problem on which every second-order prediction is exact: a quadratic with chosen spectrum.
//!
//! With $z$ the gates as a vector of length $EO$ (row-major), each of the two losses is
//! $$L(\theta, Z) = \tfrac12\theta^\top H\theta + \theta^\top(b + Bz) + c^\top z + \tfrac12 z^\top A z + l_0,$$
//! so that $\partial L/\partial\theta = H\theta + b + Bz$, $C = B^\top\theta + c + Az$, $M = B^\top$, and every third derivative
//! vanishes. $b$ is the mean of one offset $b_i$ an example, $\partial\ell_i/\partial\theta = H\theta + b_i + Bz$.
//! $\theta^\ast(Z) = -H^{-1}(b + Bz)$.

use nalgebra::{Cholesky, DMatrix, DVector};
use ndarray::{Array1, Array2, Axis};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Bilevel, SolveError, Supernet};
use crate::linalg::{DenseSymmetric, LinearOperator, SymmetryError, TestRatio, Vector, samples};

/// Why the coefficients make no quadratic.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuadraticError {
    /// An array does not fit the others.
    #[error("{name} has shape {given:?}, expected {expected:?} for d weights and E·O gates")]
    Shape {
        /// Which coefficient.
        name: &'static str,
        /// Its shape.
        given: Vec<usize>,
        /// The shape that fits.
        expected: Vec<usize>,
    },
    /// $H$ or $A$ is not symmetric.
    #[error("{name}: {source}")]
    Symmetry {
        /// Which coefficient.
        name: &'static str,
        /// What is wrong.
        source: SymmetryError,
    },
}

/// The coefficients of one loss, training or validation.
#[derive(Debug, Clone)]
pub struct Coefficients {
    /// $H$, $d\times d$, symmetric.
    pub hessian: Array2<f64>,
    /// $B = M^\top$, $d\times EO$.
    pub cross: Array2<f64>,
    /// $A$, $EO\times EO$, symmetric.
    pub gate_hessian: Array2<f64>,
    /// $b_i$, one example a row, $n\times d$.
    pub offsets: Array2<f64>,
    /// $c$, length $EO$.
    pub gate_offset: Array1<f64>,
    /// $l_0$.
    pub constant: f64,
}

impl Coefficients {
    /// Random coefficients around a Hessian with the given eigenvalues, for `gates` gates and `examples` examples.
    ///
    /// $H$ is rotated by three random reflections; $A$ and the rest are standard normal, so $A$ is indefinite.
    pub fn random<R: Rng + ?Sized>(eigenvalues: &[f64], gates: usize, examples: usize, rng: &mut R) -> Self {
        let d = eigenvalues.len();
        let mut normal = |shape: (usize, usize)| Array2::from_shape_fn(shape, |_| StandardNormal.sample(&mut *rng));
        let reflections: Vec<Array1<f64>> = normal((3, d)).rows().into_iter().map(|row| row.to_owned()).collect();
        let half: Array2<f64> = normal((gates, gates));
        Self {
            hessian: samples::with_spectrum(eigenvalues, &reflections),
            cross: normal((d, gates)),
            gate_hessian: &half + &half.t(),
            offsets: normal((examples, d)),
            gate_offset: normal((1, gates)).row(0).to_owned(),
            constant: 1.0,
        }
    }

    fn check(&self, d: usize, gates: usize) -> Result<(), QuadraticError> {
        let shapes = [
            ("hessian", self.hessian.shape(), vec![d, d]),
            ("cross", self.cross.shape(), vec![d, gates]),
            ("gate_hessian", self.gate_hessian.shape(), vec![gates, gates]),
            ("offsets", self.offsets.shape(), vec![self.offsets.nrows().max(1), d]),
            ("gate_offset", self.gate_offset.shape(), vec![gates]),
        ];
        for (name, given, expected) in shapes {
            if given != expected {
                return Err(QuadraticError::Shape { name, given: given.to_vec(), expected });
            }
        }
        for (name, matrix) in [("hessian", &self.hessian), ("gate_hessian", &self.gate_hessian)] {
            DenseSymmetric::new(matrix.clone()).map_err(|source| QuadraticError::Symmetry { name, source })?;
        }
        Ok(())
    }
}

/// Which of the two losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The loss that defines $\theta^\ast$.
    Training,
    /// The loss the gates are judged on.
    Validation,
}

/// A bilevel problem whose two losses are quadratic.
#[derive(Debug, Clone)]
pub struct Quadratic {
    shape: (usize, usize),
    training: Coefficients,
    validation: Coefficients,
}

impl Quadratic {
    /// The problem with gates of shape $(E, O)$ and the given losses.
    ///
    /// # Errors
    /// [`QuadraticError`] when an array does not fit or a Hessian is not symmetric.
    pub fn new(
        shape: (usize, usize),
        training: Coefficients,
        validation: Coefficients,
    ) -> Result<Self, QuadraticError> {
        let d = training.hessian.nrows();
        training.check(d, shape.0 * shape.1)?;
        validation.check(d, shape.0 * shape.1)?;
        Ok(Self { shape, training, validation })
    }

    /// The coefficients of a loss.
    pub fn coefficients(&self, split: Split) -> &Coefficients {
        match split {
            Split::Training => &self.training,
            Split::Validation => &self.validation,
        }
    }

    fn as_gates(&self, flat: Array1<f64>) -> Array2<f64> {
        flat.into_shape_with_order(self.shape).expect("a vector of E·O entries, as checked when the problem was made")
    }
}

fn flat(gates: &Array2<f64>) -> Array1<f64> {
    gates.iter().copied().collect()
}

impl Supernet for Quadratic {
    type Vector = Array1<f64>;
    type Batch = Split;
    type Gradients = Array2<f64>;

    fn gate_shape(&self) -> (usize, usize) {
        self.shape
    }

    fn weight_count(&self) -> usize {
        self.training.hessian.nrows()
    }

    fn loss(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Split) -> f64 {
        let (k, z) = (self.coefficients(*batch), flat(gates));
        let linear = mean(&k.offsets) + k.cross.dot(&z) + 0.5 * k.hessian.dot(weights);
        weights.dot(&linear) + z.dot(&(&k.gate_offset + 0.5 * k.gate_hessian.dot(&z))) + k.constant
    }

    fn gradient(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Split) -> Array1<f64> {
        let k = self.coefficients(*batch);
        k.hessian.dot(weights) + mean(&k.offsets) + k.cross.dot(&flat(gates))
    }

    fn cost(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Split) -> Array2<f64> {
        let k = self.coefficients(*batch);
        self.as_gates(k.cross.t().dot(weights) + &k.gate_offset + k.gate_hessian.dot(&flat(gates)))
    }

    fn hessian_product(&self, _: &Array1<f64>, _: &Array2<f64>, batch: &Split, v: &Array1<f64>) -> Array1<f64> {
        self.coefficients(*batch).hessian.dot(v)
    }

    fn cross_product(&self, _: &Array1<f64>, _: &Array2<f64>, batch: &Split, v: &Array1<f64>) -> Array2<f64> {
        self.as_gates(self.coefficients(*batch).cross.t().dot(v))
    }

    fn cross_adjoint(&self, _: &Array1<f64>, _: &Array2<f64>, batch: &Split, u: &Array2<f64>) -> Array1<f64> {
        self.coefficients(*batch).cross.dot(&flat(u))
    }

    fn gate_hessian_product(&self, _: &Array1<f64>, _: &Array2<f64>, batch: &Split, u: &Array2<f64>) -> Array2<f64> {
        self.as_gates(self.coefficients(*batch).gate_hessian.dot(&flat(u)))
    }

    fn gradients(&self, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Split, group: usize) -> Array2<f64> {
        let k = self.coefficients(*batch);
        let shared = k.hessian.dot(weights) + k.cross.dot(&flat(gates));
        let groups: Vec<Array1<f64>> =
            k.offsets.axis_chunks_iter(Axis(0), group.max(1)).map(|rows| mean(&rows.to_owned()) + &shared).collect();
        Array2::from_shape_fn((groups.len(), self.weight_count()), |(i, j)| groups[i][j])
    }
}

fn mean(offsets: &Array2<f64>) -> Array1<f64> {
    offsets.sum_axis(Axis(0)) / offsets.nrows() as f64
}

impl Bilevel for Quadratic {
    fn training(&self) -> &Split {
        &Split::Training
    }

    fn validation(&self) -> &Split {
        &Split::Validation
    }

    /// $-H^{-1}(b+Bz)$ by Cholesky, refined once; `start` only sets where the refinement begins.
    fn solve(&self, gates: &Array2<f64>, start: &Array1<f64>) -> Result<Array1<f64>, SolveError> {
        let d = self.weight_count();
        let matrix = &self.training.hessian;
        let summands = mean(&self.training.offsets).norm()
            + self.training.cross.mapv(f64::abs).dot(&flat(gates).mapv(f64::abs)).norm();
        let fail = |gradient_norm: f64, wanted: f64, iterations, advice: &str| SolveError {
            gradient_norm,
            wanted,
            iterations,
            advice: advice.to_owned(),
        };
        let Some(factor) = Cholesky::new(DMatrix::from_fn(d, d, |i, j| matrix[(i, j)])) else {
            let advice =
                "the training Hessian is not positive definite, so there is no minimum: choose a positive spectrum";
            return Err(fail(self.gradient(start, gates, &Split::Training).norm(), 0.0, 0, advice));
        };
        let norm = DenseSymmetric::new(matrix.clone()).ok().and_then(|h| h.norm_bound()).unwrap_or(f64::INFINITY);
        let mut weights = start.clone();
        let (mut ratio, mut size) = (TestRatio(f64::NAN), f64::NAN);
        for _ in 0..3 {
            let gradient = self.gradient(&weights, gates, &Split::Training);
            let step = factor.solve(&DVector::from_column_slice(&gradient.to_vec()));
            weights.zip_mut_with(&Array1::from(step.as_slice().to_vec()), |w, s| *w -= s);
            let residual = self.gradient(&weights, gates, &Split::Training).norm();
            // Relative to the summands of the target: they may cancel, and their rounding stays.
            let scale = norm * weights.norm() + summands;
            ratio = TestRatio::quotient(residual, scale * d as f64 * f64::EPSILON);
            size = residual;
        }
        if ratio.passes() {
            Ok(weights)
        } else {
            let advice = "the training Hessian is too ill-conditioned for f64, or an entry is not finite";
            Err(fail(size, size * TestRatio::PASS / ratio.0, 3, advice))
        }
    }
}
