#![doc = include_str!("../../../proofs/wiring/section-4-snas.md")]
#![doc = include_str!("../../../proofs/wiring/section-4-dsnas.md")]

use proptest::prelude::*;
use serde::Serialize;

use crate::claims::{Check, Claim, Control, LimitPoint, Measure, Statement, strategies};

/// Two operations whose relaxed gate is $s=\sigma((x+b)/\lambda)$ with $x$ logistic, and a loss $\frac12qs^2+cs$ in it.
#[derive(Debug, Clone, Serialize)]
struct Pair {
    /// $b=\log\alpha_1-\log\alpha_2$.
    log_odds: f64,
    temperature: f64,
    quadratic: f64,
    linear: f64,
}

fn pairs(
    quadratic: impl Strategy<Value = f64> + Clone + Send + Sync + 'static,
) -> impl Strategy<Value = Pair> + Send + Sync {
    (strategies::integer(), prop_oneof![Just(0.5), Just(1.0), Just(2.0)], quadratic, prop_oneof![-4i8..=-1, 1i8..=4])
        .prop_map(|(b, temperature, quadratic, linear)| Pair {
            log_odds: b / 2.0,
            temperature,
            quadratic,
            linear: f64::from(linear),
        })
}

/// $\sigma(x)$.
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// $\mathbb E[f(x,s)]$ over the logistic variable, by the trapezoidal rule, and that of $|f|$ with the nodes. $f$ is analytic in a strip of
/// half-width $\pi\min(1,\lambda)$, so a step of $\min(1,\lambda)/4$ leaves an error of $e^{-8\pi^2}$; beyond $|x|=45$ lies less than $\epsilon^2$.
fn logistic(case: &Pair, f: impl Fn(f64, f64) -> f64) -> (f64, f64, usize) {
    let step = case.temperature.min(1.0) / 4.0;
    let reach = (45.0 / step) as i32;
    let (mut value, mut size) = (0.0, 0.0);
    for i in -reach..=reach {
        let x = f64::from(i) * step;
        let s = sigmoid((x + case.log_odds) / case.temperature);
        let term = step * sigmoid(x) * sigmoid(-x) * f(x, s);
        value += term;
        size += term.abs();
    }
    (value, size, 2 * reach as usize + 1)
}

/// $\mathbb E[\partial\mathcal L/\partial\log\alpha_1]$ by the path of the sample against the score times `bracket`.
fn search_gradient(case: &Pair, bracket: impl Fn(f64) -> f64) -> Measure {
    let slope = |s: f64| case.quadratic * s + case.linear;
    let (left, a, n) = logistic(case, |_, s| slope(s) * s * (1.0 - s) / case.temperature);
    // The density of the sample moves with log α: its score is tanh(x/2) = 2σ(x) − 1.
    let (right, b, _) = logistic(case, |x, s| (2.0 * sigmoid(x) - 1.0) * bracket(s));
    Measure::equality(left, right, a + b, n)
}

/// The search gradient of SNAS as a policy gradient.
pub fn snas() -> Claim {
    Claim {
        id: "wiring.section-4-snas",
        source: "wiring, the display at the start of section 4 (after SNAS)",
        hypotheses: &[
            "Z̃ = (s, 1 − s) of two operations with Gumbel noise, p its density",
            "a loss that is a polynomial of degree 2 in Z̃; [·]_c evaluated at the sample, constant for the derivative by α",
        ],
        printed: Statement::refuted(
            "E_{p(Z̃)}[∂𝓛/∂α_{i,j}^k] = E_{p(Z̃)}[∇_{α_{i,j}^k} log p(Z̃) [∂𝓛/∂x_j O_{i,j}ᵀ(x_i) Z̃_{i,j}]_c]",
            Check::new(pairs(strategies::integer()), |case| {
                search_gradient(case, |s| (case.quadratic * s + case.linear) * s)
            }),
        ),
        corrected: Some(Statement::holds(
            "E_{p(Z̃)}[∂𝓛/∂α_{i,j}^k] = E_{p(Z̃)}[∇_{α_{i,j}^k} log p(Z̃) 𝓛(Z̃)]; the printed cost in place of 𝓛 where 𝓛 is affine in Z̃_{i,j}",
            Check::all(vec![
                Check::new(pairs(strategies::integer()), |case| {
                    search_gradient(case, |s| (0.5 * case.quadratic * s + case.linear) * s)
                }),
                Check::new(pairs(Just(0.0)), |case| search_gradient(case, |s| (case.quadratic * s + case.linear) * s)),
            ]),
        )),
        control: Some(Control::new(
            "the loss twice",
            Check::new(pairs(strategies::integer()), |case| {
                search_gradient(case, |s| (case.quadratic * s + 2.0 * case.linear) * s)
            }),
        )),
        proof: include_str!("../../../proofs/wiring/section-4-snas.md"),
    }
}

/// The printed cost $c(s)=(qs+c)s+(1-s)$ under the score, as $\lambda\to0$, against $\mathbb E_{p(Z)}[\nabla\log p(Z)\,C(Z)]$ with
/// $C(e_1)=q+c$ and $C(e_2)=1$, or without $C(e_2)$.
///
/// With $f=\sigma(1-\sigma)$ the density and $y=(x+b)/\lambda$ the difference is $\lambda\int h(\lambda y-b)\,[c(\sigma(y))-c([y>0])]\,dy$,
/// $h=(2\sigma-1)f=-f'$, and $\int_{-b}^\infty h=f(b)$: nothing cancels, so Simpson's rule on each side of $y=0$ will do.
fn discrete(case: &Pair, subtracted: bool) -> Measure {
    let (share, cost) = (sigmoid(case.log_odds), |s: f64| (case.quadratic * s + case.linear) * s + (1.0 - s));
    let density = share * (1.0 - share);
    let second = f64::from(u8::from(subtracted));
    // Σ_k p_k ∂log p_k/∂log α_1 C(e_k), and what the relaxed expectation tends to.
    let printed = share * (1.0 - share) * cost(1.0) - (1.0 - share) * share * second * cost(0.0);
    let limit = density * (cost(1.0) - cost(0.0));
    let density_slope = |x: f64| (2.0 * sigmoid(x) - 1.0) * sigmoid(x) * sigmoid(-x);
    let points: Vec<LimitPoint> = (6..13)
        .map(|i| {
            let t = 0.5f64.powi(i);
            let side = |sign: f64| {
                let at = |k: i32| {
                    let y = sign * f64::from(k) / 32.0;
                    let step = if sign > 0.0 { cost(1.0) } else { cost(0.0) };
                    density_slope(t * y - case.log_odds) * (cost(sigmoid(y)) - step)
                };
                let inner: f64 = (1..1280).map(|k| if k % 2 == 1 { 4.0 * at(k) } else { 2.0 * at(k) }).sum();
                (at(0) + inner) / 96.0
            };
            let error = (t * (side(1.0) + side(-1.0)) + limit - printed).abs();
            LimitPoint {
                t,
                error,
                kept: density,
                rounding: 2560.0 * f64::EPSILON * t * (1.0 + case.quadratic.abs() + case.linear.abs()),
            }
        })
        .collect();
    Measure::limit(&points)
}

/// The same at the discrete limit.
pub fn dsnas() -> Claim {
    Claim {
        id: "wiring.section-4-dsnas",
        source: "wiring, the display after 'at the discrete limit', section 4 (after DSNAS)",
        hypotheses: &["as for section-4-snas", "λ → 0 with α fixed; Z one-hot with p(Z = e_1) = α_1/(α_1 + α_2)"],
        printed: Statement::holds(
            "at the discrete limit lim_{λ→0} Z̃ = Z, the gradient above comes E_{p(Z)}[∇_{α_{i,j}^k} log p(Z_{i,j}) [∂𝓛/∂x_j Σ_k O_{i,j}^k(x_i) Z_{i,j}^k]_c]",
            Check::new(pairs(strategies::integer()), |case| discrete(case, true)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the cost of the second operation not subtracted",
            Check::new(pairs(strategies::integer()), |case| discrete(case, false)),
        )),
        proof: include_str!("../../../proofs/wiring/section-4-dsnas.md"),
    }
}
