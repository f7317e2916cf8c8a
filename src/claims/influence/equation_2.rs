#![doc = include_str!("../../../proofs/influence/equation-2.md")]

use nalgebra::{DMatrix, DVector};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{column, expansion, undecided};
use crate::claims::{Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict, strategies};

/// Least squares with an L2 term, $\mathcal L(z,\theta)=\tfrac12(x^\top\theta-y)^2+\tfrac12\lVert\theta\rVert^2$; the first sample is upweighted,
/// the last one is the test point $z_{\text{test}}$ and not trained on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    /// $x_i$.
    inputs: Vec<Vec<f64>>,
    /// $y_i$.
    targets: Vec<f64>,
    /// Whether the risk is a mean (or a sum) over the training set.
    pub(super) mean: bool,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    (3usize..=7, 1usize..=6).prop_flat_map(|(samples, n)| {
        (vec(strategies::integers(n), samples), strategies::integers(samples), any::<bool>())
            .prop_map(|(inputs, targets, mean)| Case { inputs, targets, mean })
    })
}

impl Case {
    pub(super) fn trained(&self) -> usize {
        self.inputs.len() - 1
    }

    /// $\nabla_\theta\mathcal L(z_i,\theta)$.
    pub(super) fn gradient(&self, i: usize, theta: &DVector<f64>) -> DVector<f64> {
        let x = column(&self.inputs[i]);
        &x * (x.dot(theta) - self.targets[i]) + theta
    }

    /// $\mathcal L(z_i,\theta)$.
    pub(super) fn loss(&self, i: usize, theta: &DVector<f64>) -> f64 {
        0.5 * (column(&self.inputs[i]).dot(theta) - self.targets[i]).powi(2) + 0.5 * theta.norm_squared()
    }

    /// The Hessian of the risk plus `weight` times the loss of sample 0, and the right-hand side of its normal equations.
    fn system(&self, weight: f64) -> (DMatrix<f64>, DVector<f64>) {
        let n = self.inputs[0].len();
        let each = if self.mean { 1.0 / self.trained() as f64 } else { 1.0 };
        let mut h = DMatrix::zeros(n, n);
        let mut b = DVector::zeros(n);
        for i in 0..self.trained() {
            let w = each + if i == 0 { weight } else { 0.0 };
            let x = column(&self.inputs[i]);
            h += (&x * x.transpose() + DMatrix::identity(n, n)) * w;
            b += x * (w * self.targets[i]);
        }
        (h, b)
    }

    /// $H_{\theta^\ast}$ of the risk that is minimised.
    pub(super) fn hessian(&self) -> DMatrix<f64> {
        self.system(0.0).0
    }

    /// $\hat\theta^\ast(\varepsilon)$: the minimiser of the risk plus $\varepsilon\,\mathcal L(z,\cdot)$.
    pub(super) fn trained_with(&self, epsilon: f64) -> Option<DVector<f64>> {
        let (h, b) = self.system(epsilon);
        Some(h.cholesky()?.solve(&b))
    }

    /// The inverse of an $\varepsilon$ that changes the Hessian by no more than itself.
    pub(super) fn reach(&self) -> f64 {
        (1.0 + column(&self.inputs[0]).norm_squared()) * self.trained() as f64
    }

    /// $n\epsilon\kappa$, what a solve adds.
    pub(super) fn solve_rounding(&self) -> f64 {
        let h = self.hessian();
        // λ_min ≥ 1 for a sum of at least one sample, ≥ 1/N·N = 1 for a mean: each sample contributes the identity.
        h.nrows() as f64 * f64::EPSILON * h.norm()
    }
}

/// $\hat\theta^\ast(\varepsilon)-\theta^\ast$ against $\varepsilon$ times Eq. (2) times `factor`, as $\varepsilon\to0$.
fn measure(case: &Case, factor: f64) -> Measure {
    let points = || {
        let start = case.trained_with(0.0)?;
        let influence = case.hessian().cholesky()?.solve(&case.gradient(0, &start)) * factor;
        expansion::limit_points(case.reach(), |t| {
            let moved = case.trained_with(t)?;
            let size = moved.norm() + start.norm() + influence.norm() * t;
            Some(LimitPoint {
                t,
                error: (&moved - &start - &influence * t).norm(),
                kept: (&influence * t).norm(),
                rounding: case.solve_rounding() * size,
            })
        })
    };
    points().map_or_else(undecided, |points| Measure::limit(&points))
}

/// Eq. (2): the influence of a sample on the weights.
pub fn claim() -> Claim {
    Claim {
        id: "influence.equation-2",
        source: "influence, Eq. (2), section 2",
        hypotheses: &[
            "θ* minimises the training risk, H its Hessian there, positive definite",
            "θ̂*(ε) minimises the risk plus ε 𝓛(z, ·); the derivative is at ε = 0",
            "the risk a mean or a sum, H that of the one minimised",
        ],
        printed: Statement {
            text: "𝓘(z, θ) = dθ̂*/dε = −H_{θ*}⁻¹ ∇_θ 𝓛(z, θ*)",
            decision: Decision::Assertion(Check::new(cases(), |case| measure(case, -1.0))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "the sign flipped: the influence of removing, not of upweighting",
            check: Check::new(cases(), |case| measure(case, 1.0)),
        }),
        proof: include_str!("../../../proofs/influence/equation-2.md"),
    }
}
