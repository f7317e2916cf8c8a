#![doc = include_str!("../../../proofs/lecture/sdarts-random.md")]
#![doc = include_str!("../../../proofs/lecture/sdarts-adversarial.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Identity, LimitPoint, Measure, Sides, Statement, strategies},
    enclosure::{Field, Symbolic, Undefined, inner, numbers, sum},
};

/// $L(A+\delta)=c_1\delta+c_2\delta^2+c_3\delta^3+c_4\delta^4$, $c_4>0$, and the half-width $\epsilon$.
#[derive(Debug, Clone, Serialize)]
struct Loss {
    coefficients: [f64; 3],
    fourth: f64,
    epsilon: f64,
}

fn losses() -> impl Strategy<Value = Loss> {
    let any = strategies::integer;
    ([any(), any(), any()], (1u8..=4).prop_map(f64::from), strategies::fraction())
        .prop_map(|(coefficients, fourth, epsilon)| Loss { coefficients, fourth, epsilon })
}

impl Loss {
    /// $\mathbb E\lbrack L\rbrack $ for $\delta\sim U\lbrack -\epsilon,\epsilon\rbrack $: $\mathbb E\delta^2=\epsilon^2/3$, $\mathbb E\delta^4=\epsilon^4/5$.
    fn uniform(&self, epsilon: f64) -> f64 {
        self.coefficients[1] * epsilon.powi(2) / 3.0 + self.fourth * epsilon.powi(4) / 5.0
    }

    /// $\mathbb E\lbrack L\rbrack $ for $\delta\sim N(0,\sigma^2)$: $\mathbb E\delta^2=\sigma^2$, $\mathbb E\delta^4=3\sigma^4$.
    fn normal(&self, variance: f64) -> f64 {
        self.coefficients[1] * variance + 3.0 * self.fourth * variance * variance
    }

    /// The two as $\epsilon\to0$, beside $\epsilon^2$; $\sigma^2=$ `share`$\cdot\epsilon^2$.
    fn limit(&self, share: f64) -> Measure {
        let points: Vec<LimitPoint> = (2..=7)
            .map(|n| 0.5f64.powi(n))
            .map(|t| {
                let error = (self.uniform(t) - self.normal(share * t * t)).abs();
                let size = (self.coefficients[1].abs() + self.fourth) * t * t;
                LimitPoint { t, error, kept: t * t, rounding: 8.0 * f64::EPSILON * size }
            })
            .collect();
        Measure::limit(&points)
    }
}

/// The random perturbation of a step and of the objective.
pub fn random() -> Claim {
    Claim {
        id: "lecture.sdarts-random",
        source: "lecture, SDARTS: each step, Random",
        hypotheses: &[
            "the step draws what the objective SDARTS-RS averages over, δ ∼ U[−ε, ε], at the matching variance σ² = ε²/3",
            "a loss of fourth degree in δ",
        ],
        printed: Statement::refuted(
            "w̄(α) = argmin_w E_{δ∼U[−ε,ε]} L_train(w, A + δ); each step: Random: α' ← α + N(0, σ²)",
            Check::new(losses(), |case| {
                let (u, n) = (case.uniform(case.epsilon), case.normal(case.epsilon.powi(2) / 3.0));
                Measure::equality(u, n, case.coefficients[1].abs() + case.fourth, 8)
            }),
        ),
        corrected: Some(Statement::holds(
            "with σ² = ε²/3 the expected losses agree up to O(ε⁴): E_U[L] − E_N[L] = −(2/15) c₄ ε⁴",
            Check::new(losses(), |case| case.limit(1.0 / 3.0)),
        )),
        control: Some(Control::new(
            "σ = ε",
            Check::new(
                losses().prop_map(|case| Loss { coefficients: [0.0, 1.0 + case.coefficients[1].abs(), 0.0], ..case }),
                |case| case.limit(1.0),
            ),
        )),
        proof: include_str!("../../../proofs/lecture/sdarts-random.md"),
    }
}

/// A gradient and a perturbation to compare with.
#[derive(Debug, Clone, Serialize)]
struct Ball {
    gradient: Vec<f64>,
    other: Vec<f64>,
    epsilon: f64,
}

fn balls() -> impl Strategy<Value = Ball> {
    (1usize..=5).prop_flat_map(|n| {
        let nonzero = (1i8..=4, any::<bool>()).prop_map(|(x, s)| f64::from(if s { -x } else { x }));
        (vec(nonzero, n), strategies::integers(n), strategies::fraction()).prop_map(|(gradient, other, epsilon)| Ball {
            gradient,
            other,
            epsilon,
        })
    })
}

/// With $g$ the gradient: $\lVert g\rVert^2\lVert\delta\rVert^2-\langle g,\delta\rangle^2$ is a sum of squares (Lagrange), so that no $\delta$ of the ball does better than $\epsilon\lVert g\rVert$;
/// and the square of what $\epsilon g/\lVert g\rVert$ does is that of `halves` halves of it.
struct Steepest {
    halves: i32,
}

impl Identity for Steepest {
    type Case = Ball;

    fn sides<F: Symbolic>(&self, ball: &Ball) -> Result<Sides<F>, Undefined> {
        let (g, other, epsilon) = (numbers::<F>(&ball.gradient)?, numbers::<F>(&ball.other)?, F::number(ball.epsilon)?);
        let pairs = (0..g.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let minor = |(i, j): (usize, usize)| g[i].clone() * other[j].clone() - g[j].clone() * other[i].clone();
        let length = inner(&g, &g);
        let short = length.clone() * inner(&other, &other) - inner(&g, &other).squared();
        let own = (epsilon.clone() * length.clone()).squared().over(&length)?;
        let best = (F::integer(self.halves) * epsilon).over(&F::integer(2))?.squared() * length;
        Ok(vec![[short, sum(pairs.map(|pair| minor(pair).squared()))], [own, best]])
    }
}

/// The adversarial step and the ball.
pub fn adversarial() -> Claim {
    let check = |halves| Check::identity("integer gradients and perturbations", balls(), Steepest { halves });
    Claim {
        id: "lecture.sdarts-adversarial",
        source: "lecture, SDARTS: each step, Adversarial",
        hypotheses: &["the step's perturbation one of those that the objective allows: ‖δ‖ ≤ ε", "any gradient"],
        printed: Statement::refuted(
            "w̄(α) = argmin_w max_{‖δ‖≤ε} L_train(w, A + δ); each step: Adversarial: α' ← α + ∇_α L_train(α, w)",
            Check::exact("integer gradients, ε in eighths", balls(), |ball| {
                let g = numbers::<RBig>(&ball.gradient)?;
                let (length, allowed) = (inner(&g, &g), RBig::number(ball.epsilon)?.squared());
                Ok(Exactly::truth(length <= allowed).with("squared_length", &length).with("squared_radius", &allowed))
            }),
        ),
        corrected: Some(Statement::holds(
            "δ = ε∇L/‖∇L‖ is in the ball, and no δ with ‖δ‖₂ ≤ ε has a larger first-order increase, ε‖∇L‖",
            check(2),
        )),
        control: Some(Control::new("half of that increase", check(1))),
        proof: include_str!("../../../proofs/lecture/sdarts-adversarial.md"),
    }
}
