#![doc = include_str!("../../../proofs/influence/equation-3.md")]

use super::{
    equation_2::{self, Case},
    expansion, undecided,
};
use crate::claims::{Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict};

/// What $\theta^\ast$ under $\frac{d}{d\varepsilon}$ is.
#[derive(Clone, Copy)]
enum Weights {
    /// The optimum of the upweighted risk.
    Following,
    /// The optimum of the risk, whatever $\varepsilon$.
    Fixed,
}

/// The change of the test loss against $\varepsilon$ times Eq. (3), as $\varepsilon\to0$.
fn measure(case: &Case, weights: Weights) -> Measure {
    let test = case.trained();
    let points = || {
        let start = case.trained_with(0.0)?;
        let response = case.hessian().cholesky()?.solve(&case.gradient(0, &start));
        let slope = case.gradient(test, &start);
        let influence = -slope.dot(&response);
        expansion::limit_points(case.reach(), |t| {
            let moved = match weights {
                Weights::Following => case.trained_with(t)?,
                Weights::Fixed => start.clone(),
            };
            let (after, before) = (case.loss(test, &moved), case.loss(test, &start));
            // κ reaches the loss through its slope at the weights.
            let size = (1.0 + slope.norm()) * (start.norm() + t * response.norm()) + after + before;
            Some(LimitPoint {
                t,
                error: (after - before - t * influence).abs(),
                // A derivative: what matters is the error over ε, also where the inner product, or the slope, is zero.
                kept: t * (1.0 + slope.norm()) * response.norm(),
                rounding: case.solve_rounding() * size,
            })
        })
    };
    points().map_or_else(undecided, |points| Measure::limit(&points))
}

/// Eq. (3): the influence of a sample on the loss of a test point.
pub fn claim() -> Claim {
    Claim {
        id: "influence.equation-3",
        source: "influence, Eq. (3), section 2",
        hypotheses: &[
            "those of equation-2",
            "θ* under d/dε the optimum of the upweighted risk, as in the derivation the paper refers to (Eq. (2) writes it θ̂*)",
            "z_test not among the training samples, or among them",
        ],
        printed: Statement {
            text: "𝓘(z, 𝓛) = d𝓛(z_test, θ*)/dε = −∇_θ𝓛(z_test, θ*)ᵀ H_{θ*}⁻¹ ∇_θ𝓛(z, θ*)",
            decision: Decision::Assertion(Check::new(equation_2::cases(), |case| measure(case, Weights::Following))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "θ* without its hat taken for the optimum of the risk that is not upweighted: the derivative of a constant",
            check: Check::new(equation_2::cases(), |case| measure(case, Weights::Fixed)),
        }),
        proof: include_str!("../../../proofs/influence/equation-3.md"),
    }
}
