#![doc = include_str!("../../../proofs/lecture/bilevel.md")]
#![doc = include_str!("../../../proofs/lecture/step.md")]
#![doc = include_str!("../../../proofs/lecture/sharpness.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, LimitPoint, Measure, Statement, influence, strategies},
    enclosure::{Field, Undefined, inner, numbers, sum},
};

/// The bilevel problem, with $w$ for the weights.
pub fn claim() -> Claim {
    let paper = influence::equation_1::claim();
    Claim {
        id: "lecture.bilevel",
        source: "lecture, Continuous Relaxation",
        printed: Statement { text: "min_α L_val(w*(α), α) s.t. w*(α) = argmin_w L_train(w, α)", ..paper.printed },
        proof: concat!(
            include_str!("../../../proofs/lecture/bilevel.md"),
            "\n\n",
            include_str!("../../../proofs/influence/equation-1.md")
        ),
        ..paper
    }
}

/// A training loss $\tfrac12\sum_ih_i(w_i-w_i^\ast)^2$ in its eigenbasis, and where the weights are.
#[derive(Debug, Clone, Serialize)]
struct Step {
    curvature: Vec<f64>,
    /// $w-w^\ast$.
    distance: Vec<f64>,
    /// $\eta\max_ih_i$, below 2.
    rate: f64,
}

fn steps() -> impl Strategy<Value = Step> {
    (1usize..=6).prop_flat_map(|n| {
        let nonzero = (1i8..=4, any::<bool>()).prop_map(|(x, s)| f64::from(if s { -x } else { x }));
        (vec((1u8..=8).prop_map(f64::from), n), vec(nonzero, n), (1u8..=15).prop_map(|k| f64::from(k) / 8.0))
            .prop_map(|(curvature, distance, rate)| Step { curvature, distance, rate })
    })
}

impl Step {
    /// $\lVert w'-w^\ast\rVert$ after a step of size `eta`.
    fn after(&self, eta: f64) -> f64 {
        self.curvature.iter().zip(&self.distance).map(|(h, d)| ((1.0 - eta * h) * d).powi(2)).sum::<f64>().sqrt()
    }

    fn before(&self) -> f64 {
        self.distance.iter().map(|d| d * d).sum::<f64>().sqrt()
    }

    fn eta(&self) -> f64 {
        self.rate / self.curvature.iter().copied().fold(0.0, f64::max)
    }

    /// $\lVert w'-w^\ast\rVert^2$ and $\rho^{2k}\lVert w-w^\ast\rVert^2$, $\rho=\max_i\lvert1-\eta h_i\rvert$ and $k$ the power.
    fn squares<F: Field + PartialOrd>(&self, power: u32) -> Result<[F; 2], Undefined> {
        let (curvature, distance) = (numbers::<F>(&self.curvature)?, numbers::<F>(&self.distance)?);
        let larger = |a: F, b: F| if a < b { b } else { a };
        let largest = curvature.iter().cloned().fold(F::zero(), larger);
        let eta = F::number(self.rate)?.over(&largest)?;
        let shares: Vec<F> = curvature.into_iter().map(|h| (F::one() - eta.clone() * h).squared()).collect();
        let squares: Vec<F> = distance.iter().map(Field::squared).collect();
        let rho = shares.iter().cloned().fold(F::zero(), larger);
        Ok([inner(&shares, &squares), rho.power(power) * sum(squares)])
    }

    /// $\lVert w'-w^\ast\rVert\le\rho^k\lVert w-w^\ast\rVert$: in floating point, by squares in fractions, and for each eigenvalue on a box.
    fn contracts(power: u32, sides: &'static [(&'static str, f64, f64)]) -> Check {
        let sampled = move |case: &Self| {
            case.squares::<f64>(power).map_or(Measure::truth(false), |[after, bound]| {
                Measure::at_most(after.sqrt(), bound.sqrt(), case.before(), 4 * case.curvature.len())
            })
        };
        Check::new(steps(), sampled)
            .exactly("both squares as fractions", steps(), move |case| {
                let [after, bound] = case.squares::<RBig>(power)?;
                Ok(Exactly::at_most(&after, &bound))
            })
            .enclosed("(ρ^k)² ≥ (1 − ηλ)² with |1 − ηλ| = sρ, k the power", sides, move |x| {
                Ok(x[1].squared() * (x[1].squared().power(power - 1) - x[0].squared()))
            })
    }
}

/// One step for the inner minimisation.
pub fn step() -> Claim {
    Claim {
        id: "lecture.step",
        source: "lecture, How to solve bi-level optimization?",
        hypotheses: &[
            "approximate: w' → w* as the step is small, η → 0, as first-order methods have it",
            "a strongly convex training loss, here quadratic; w not yet w*",
        ],
        printed: Statement::refuted(
            "Time consuming to compute w* exactly ⇒ approximate by one SGD step: w' ← w − η∇_w L_train(w, α)",
            Check::new(steps(), |case| {
                let points: Vec<LimitPoint> = (4..=10)
                    .map(|n| 0.5f64.powi(n))
                    .map(|t| LimitPoint {
                        t,
                        error: case.after(t * case.eta()),
                        kept: case.before(),
                        rounding: 8.0 * f64::EPSILON * case.before(),
                    })
                    .collect();
                Measure::limit(&points)
            }),
        ),
        corrected: Some(Statement::holds(
            "‖w' − w*‖ ≤ max_i |1 − ηλ_i| ‖w − w*‖ with λ_i the eigenvalues of the training Hessian: nearer for 0 < η < 2/λ_max, and w* itself only when w* is one Newton step away in every direction",
            Step::contracts(1, &[("s", 0.0, 1.0), ("ρ", 0.0, 8.0)]),
        )),
        control: Some(Control::new(
            "the square of that factor",
            Step::contracts(2, &[("s", 0.75, 1.0), ("ρ", 0.125, 0.5)]),
        )),
        proof: include_str!("../../../proofs/lecture/step.md"),
    }
}

/// $L_{val}=\tfrac12a\alpha^2+b\alpha w+\tfrac12hw^2+gw+p\alpha+q(\alpha-\alpha^\ast)^3$ and $w^\ast(\alpha)=-c\alpha$, $\alpha^\ast$ the solution of the bilevel problem.
#[derive(Debug, Clone, Serialize)]
struct Bilevel {
    a: f64,
    b: f64,
    c: f64,
    h: f64,
    g: f64,
    p: f64,
    q: f64,
}

fn bilevels() -> impl Strategy<Value = Bilevel> {
    let any = strategies::integer;
    (1u8..=4, any(), any(), 0u8..=4, any(), any(), any()).prop_map(|(a, b, c, h, g, p, q)| Bilevel {
        a: f64::from(a) + 2.0 * (b * c).abs(),
        b,
        c,
        h: f64::from(h),
        g,
        p,
        q,
    })
}

impl Bilevel {
    /// The expansion about $\alpha^\ast$ at $w^\ast$, with `share` of the gradient.
    fn limit(&self, share: f64) -> Measure {
        let Self { a, b, c, h, g, p, q } = *self;
        let alpha = (g * c - p) / (a - 2.0 * b * c + h * c * c);
        let w = -c * alpha;
        let slope = a * alpha + b * w + p;
        let value = |d: f64| {
            let x = alpha + d;
            [0.5 * a * x * x, b * x * w, 0.5 * h * w * w, g * w, p * x, q * d * d * d]
        };
        let points: Vec<LimitPoint> = (3..=9)
            .map(|n| 0.5f64.powi(n))
            .map(|t| {
                let (after, before) = (value(t), value(0.0));
                let kept = 0.5 * a * t * t;
                let error = after.iter().sum::<f64>() - before.iter().sum::<f64>() - kept - share * slope * t;
                let size: f64 = after.iter().chain(&before).map(|x| x.abs()).sum();
                // The slope cancels at the magnitude of its own terms.
                let own = (a * alpha).abs() + (b * w).abs() + p.abs();
                LimitPoint { t, error: error.abs(), kept, rounding: 8.0 * f64::EPSILON * (size + own * t) }
            })
            .collect();
        Measure::limit(&points).with("slope_at_the_solution", slope)
    }
}

/// The gap by sharpness.
pub fn sharpness() -> Claim {
    Claim {
        id: "lecture.sharpness",
        source: "lecture, Reason 1: sharpness of the solution",
        hypotheses: &[
            "α* the continuous solution of the bilevel problem, w* = w*(α*) held fixed",
            "ᾱ → α*",
            "L_val three times differentiable",
        ],
        printed: Statement::refuted(
            "L_val(w*, ᾱ) ≈ L_val(w*, α*) + 1/2 (ᾱ − α*)ᵀ H (ᾱ − α*), H = ∇²_α L_val(w*, α*)",
            Check::new(bilevels(), |case| case.limit(0.0)),
        ),
        corrected: Some(Statement::holds(
            "L_val(w*, ᾱ) ≈ L_val(w*, α*) + (ᾱ − α*)ᵀ ∇_α L_val(w*, α*) + 1/2 (ᾱ − α*)ᵀ H (ᾱ − α*); at a solution ∇_α L_val = −(dw*/dα)ᵀ ∇_w L_val, zero where w* is stationary for L_val too",
            Check::new(bilevels(), |case| case.limit(1.0)),
        )),
        control: Some(Control::new("half of the gradient", Check::new(bilevels(), |case| case.limit(0.5)))),
        proof: include_str!("../../../proofs/lecture/sharpness.md"),
    }
}
