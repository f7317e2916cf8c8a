#![doc = include_str!("../../../proofs/poster/corollary-1.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::theorem_1::{Printed, printed_cases};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, strategies},
    enclosure::{Interval, Undefined},
    linalg::TestRatio,
};

/// $L(\theta,\alpha)=\sum_i\tfrac12x_i^2-\tfrac{m_i}6x_i^3$, $x=\theta-\alpha c$, one gate, on the box $-c_i\tau\le x_i\le0$, where $\alpha$ goes from 0 to
/// $\tau$ and $m_i=z_i/(c_i\tau)$. The minimiser $\theta^\ast(\alpha)=\alpha c$ is linear in $\alpha$: $K$ has no terms beyond those printed.
#[derive(Debug, Clone, Serialize)]
struct Case {
    /// $c_i$, what a unit of the gate moves weight $i$ by.
    shift: Vec<f64>,
    /// $z_i$, the growth of the curvature along the way.
    bend: Vec<f64>,
    /// $\tau=\lVert\Delta\alpha\rVert$.
    change: f64,
}

fn cases() -> impl Strategy<Value = Case> {
    // One weight in half of the cases: there the corrected bound is nearly attained.
    prop_oneof![Just(1), 1usize..=9].prop_flat_map(|n| {
        (
            vec((1u8..=64).prop_map(f64::from), n),
            vec(strategies::fraction().prop_map(|z| z / 8.0), n),
            strategies::fraction(),
        )
            .prop_map(|(shift, bend, change)| Case { shift, bend, change })
    })
}

/// The constants of the corollary on the box, each exact or the smallest bound there is.
struct Constants {
    /// $\sup|\partial L/\partial\alpha|$, the Lipschitz constant of Assumption 1.
    gate_slope: f64,
    /// $\sup\lVert\partial^2L/\partial\theta\partial\alpha\rVert$, Assumption 3.
    cross: f64,
    /// The larger of $\sup\lVert\partial^2L/\partial\theta\partial\theta\rVert$ and its Lipschitz constant: the printed "twice differentiable with
    /// constant $C_H$" may mean either.
    hessian: f64,
    /// $\lambda=\sigma_{\min}$: the curvature is 1 at $x=0$ and grows from there.
    strong: f64,
    /// $\max|\partial^3L/\partial\theta^3|$, a diagonal tensor.
    third: f64,
}

impl Case {
    fn terms(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.shift.iter().zip(&self.bend).map(|(&c, &z)| (c, z, c * self.change))
    }

    fn constants(&self) -> Constants {
        // At x = −y the slope is −y(1 + z/2) and the curvature 1 + z, z = my.
        let third = self.terms().map(|(_, z, y)| z / y).fold(0.0, f64::max);
        Constants {
            gate_slope: self.terms().map(|(c, z, y)| c * y * (1.0 + z / 2.0)).sum(),
            cross: self.terms().map(|(c, z, _)| (c * (1.0 + z)).powi(2)).sum::<f64>().sqrt(),
            hessian: self.terms().map(|(_, z, _)| 1.0 + z).fold(third, f64::max),
            strong: 1.0,
            third,
        }
    }

    /// $E$: Eq. (5) takes the minimum to be $f-\frac{f'^2}{2f''}$ at $x=-y$; it is 0.
    fn error(&self) -> f64 {
        self.terms()
            .map(|(_, z, y)| y * y * (0.5 + z / 6.0 - (1.0 + z / 2.0).powi(2) / (2.0 * (1.0 + z))))
            .sum::<f64>()
            .abs()
    }

    /// $E\le\text{bound}$.
    fn compare(&self, bound: impl Fn(&Constants) -> f64) -> Measure {
        let constants = self.constants();
        let size: f64 = self.terms().map(|(_, _, y)| y * y).sum();
        Measure::at_most(self.error(), bound(&constants), size, self.shift.len() + 8)
            .with("gate_lipschitz", constants.gate_slope)
            .with("cross_bound", constants.cross)
            .with("hessian_constant", constants.hessian)
            .with("max_third_derivative", constants.third)
    }

    /// As printed: $\frac K6\max|\partial^3L|$.
    fn printed(&self) -> Measure {
        let t = self.change;
        self.compare(|c| {
            let first = c.gate_slope / c.strong * t;
            let second = c.hessian * c.cross * c.cross / (2.0 * c.strong * c.strong * c.strong) * t * t;
            (first + second) / 6.0 * c.third
        })
    }

    /// $\frac{\text{factor}}6(C_a\lVert\Delta\alpha\rVert/\lambda)^3\max|\partial^3L|$.
    fn corrected(&self, factor: f64) -> Measure {
        self.compare(|c| factor / 6.0 * (c.cross * self.change / c.strong).powi(3) * c.third)
    }
}

/// For one weight: $E=\frac{y^2z}6\frac{1+z/4}{1+z}$ against `factor` times $\frac{y^2z}6(1+z)^3$, both over $y^2z/6$.
fn enclosed(z: Interval, factor: f64) -> Result<Interval, Undefined> {
    let (one, grown) = (Interval::from(1.0), Interval::from(1.0) + z);
    let error = (one + z * Interval::from(0.25)).over(grown)?;
    Ok(Interval::from(factor) * grown.square() * grown - error)
}

const INEQUALITY: &str = "6(bound − E)/(y²z) ≥ 0 for one weight, z the growth of the curvature on the way";
const GROWTH: &[(&str, f64, f64)] = &[("z", 1.0 / 64.0, 8.0)];

/// Corollary 1: how far Eq. (5) is from the truth.
pub fn claim() -> Claim {
    Claim {
        id: "poster.corollary-1",
        source: "poster, Corollary 1, part II",
        hypotheses: &[
            "∂𝓛(θ*, α)/∂θ = 0 and ∂𝓛(θ̂*, α̂)/∂θ = 0, or, as Theorem 1 prints it on the poster, ∂𝓛(θ*, α̂)/∂θ = 0",
            "Assumptions 1–3 of the paper on a box that holds every point used: C_L, C_H, C_a, λ = σ_min",
            "‖Δα‖ of any size; the minimiser is linear in α, so that o(‖Δα‖²) = 0",
        ],
        printed: Statement {
            text: "E = ‖𝓛(θ̂*, α̂) − 𝓛̂(θ̂*, α̂)‖ ≤ K/6 max|∂³𝓛/∂θ³|, where K = C_L/λ ‖Δα‖ + C_H C_a²/(2σ_min² λ) ‖Δα‖² + o(‖Δα‖²)",
            decision: Decision::Assertion(Check::all(vec![
                // Under the hypothesis that the poster's Theorem 1 prints, on losses without third derivatives: the bound is 0 for any K.
                Check::new(printed_cases().prop_map(Printed::flat), |case| match case.seen(0.0) {
                    Some(seen) => Measure::at_most((seen.truth - seen.predicted).abs(), 0.0, seen.size, seen.n),
                    None => Measure::ratio(TestRatio(f64::NAN)),
                }),
                // One loss for both, and the exponent.
                Check::new(cases(), Case::printed),
            ])),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "with ∂𝓛(θ*, α)/∂θ = 0 and ∂𝓛(θ̂*, α̂)/∂θ = 0, E ≤ K³/6 max|∂³𝓛(·, α̂)/∂θ³| with K = C_a/λ ‖Δα‖ and no further term; λ and the maximum over any convex set that holds θ*, θ̂* and θ* − H⁻¹∂𝓛(θ*, α̂)/∂θ",
            decision: Decision::Assertion(Check::new(cases(), |case| case.corrected(1.0)).enclosed(
                INEQUALITY,
                GROWTH,
                |z| enclosed(z[0], 1.0),
            )),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected bound halved",
            check: Check::new(cases(), |case| case.corrected(0.5))
                .enclosed(INEQUALITY, GROWTH, |z| enclosed(z[0], 0.5)),
        }),
        proof: include_str!("../../../proofs/poster/corollary-1.md"),
    }
}
