#![doc = include_str!("equation-2.md")]

use nalgebra::{DMatrix, DVector};
use nasproof::linalg::TestRatio;
use proptest::{collection::vec, prelude::*};

decided!("influence.equation-2", Holds);

/// Samples of the regression.
pub const SAMPLES: usize = 20;
/// Weights.
pub const WEIGHTS: usize = 8;

/// Ridge regression whose features fade over three decades, so that $\kappa$ reaches $10^6$.
#[derive(Debug, Clone)]
pub struct Regression {
    pub inputs: DMatrix<f64>,
    pub targets: DVector<f64>,
    pub ridge: f64,
}

pub fn regressions() -> impl Strategy<Value = Regression> {
    (vec(-1.0..1.0f64, SAMPLES * WEIGHTS), vec(-1.0..1.0f64, SAMPLES), -6.0..-1.0f64).prop_map(|(x, y, digits)| {
        let fade = |j: usize| 10f64.powf(-3.0 * j as f64 / (WEIGHTS - 1) as f64);
        Regression {
            inputs: DMatrix::from_fn(SAMPLES, WEIGHTS, |i, j| x[i * WEIGHTS + j] * fade(j)),
            targets: DVector::from_vec(y),
            ridge: 10f64.powf(digits),
        }
    })
}

impl Regression {
    /// Hessian and right-hand side for these weights of the samples.
    pub fn system(&self, weights: &[f64]) -> (DMatrix<f64>, DVector<f64>) {
        let w = DMatrix::from_diagonal(&DVector::from_row_slice(weights));
        let total: f64 = weights.iter().sum();
        let h =
            self.inputs.transpose() * &w * &self.inputs + DMatrix::identity(WEIGHTS, WEIGHTS) * (self.ridge * total);
        (h, self.inputs.transpose() * w * &self.targets)
    }

    pub fn gradient(&self, i: usize, theta: &DVector<f64>) -> DVector<f64> {
        let x = self.inputs.row(i).transpose();
        &x * (x.dot(theta) - self.targets[i]) + theta * self.ridge
    }
}

pub fn solve(h: &DMatrix<f64>, b: &DVector<f64>) -> DVector<f64> {
    h.clone().cholesky().unwrap().solve(b)
}

proptest! {
    /// Retraining with $\varepsilon$ more of a sample moves the weights by $-\varepsilon(H+\varepsilon A)^{-1}\nabla\mathcal L$, exactly; Eq. (2) is its slope at 0, and
    /// $\varepsilon=-\tfrac1N$ is retraining without the sample.
    #[test]
    fn retraining_follows_the_influence(case in regressions(), extra in 0.0..1.0f64) {
        let mean = [1.0 / SAMPLES as f64; SAMPLES];
        let (h, b) = case.system(&mean);
        let start = solve(&h, &b);
        let g = case.gradient(0, &start);
        for epsilon in [extra, -1.0 / SAMPLES as f64] {
            let mut weights = mean;
            weights[0] += epsilon;
            let (changed, b) = case.system(&weights);
            let moved = solve(&changed, &b);
            let residual = &changed * (&moved - &start) + &g * epsilon;
            let scale = (changed.norm() + h.norm()) * (moved.norm() + start.norm()) + b.norm() + g.norm();
            prop_assert!(TestRatio::quotient(residual.norm(), (SAMPLES + WEIGHTS) as f64 * f64::EPSILON * scale).passes());
        }
        // Mixing the conventions: the Hessian of the sum with the upweighting of the mean is small by N, not by rounding.
        let (sum, _) = case.system(&[1.0; SAMPLES]);
        let (right, wrong) = (solve(&h, &g), solve(&sum, &g));
        let condition = h.norm() / (case.ridge);
        let ratio = TestRatio::quotient((&right - &wrong * SAMPLES as f64).norm(), condition * right.norm() * SAMPLES as f64 * f64::EPSILON);
        prop_assert!(ratio.passes(), "{ratio}");
    }
}
