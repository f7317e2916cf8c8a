#![doc = include_str!("../../../proofs/wiring/section-4-snas.md")]
#![doc = include_str!("../../../proofs/wiring/section-4-dsnas.md")]

use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Identity, LimitPoint, Measure, Sides, Statement, identity, strategies},
    enclosure::{Dual, Field, Symbolic, Undefined},
};

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

/// What the score is multiplied with.
#[derive(Debug, Clone, Copy)]
enum Credit {
    /// $\partial\mathcal L/\partial\tilde Z\,\tilde Z=(qs+c)s$.
    Cost,
    /// $\mathcal L=(\frac12qs+c)s$.
    Loss,
    /// $(qs+2c)s$.
    Twice,
}

impl Credit {
    fn of<F: Field>(self, case: &Pair, s: &F) -> Result<F, Undefined> {
        let (q, c) = (F::number(case.quadratic)?, F::number(case.linear)?);
        let (q, c) = match self {
            Self::Cost => (q, c),
            Self::Loss => (q.over(&F::integer(2))?, c),
            Self::Twice => (q, F::integer(2) * c),
        };
        Ok((q * s.clone() + c) * s.clone())
    }
}

/// $\partial\mathcal L/\partial\log\alpha_1$ along the path of the sample, and the score times the credit, at $\sigma(x)$ and $s$.
///
/// The density of the sample moves with $\log\alpha_1$: its score is $\tanh(x/2)=2\sigma(x)-1$.
fn integrands<F: Field>(case: &Pair, credit: Credit, [sigma, s]: [&F; 2]) -> Result<[F; 2], Undefined> {
    let slope = F::number(case.quadratic)? * s.clone() + F::number(case.linear)?;
    let moved = (s.clone() * (F::one() - s.clone())).over(&F::number(case.temperature)?)?;
    let score = F::integer(2) * sigma.clone() - F::one();
    Ok([slope * moved, score * credit.of(case, s)?])
}

/// Both expectations, by the trapezoidal rule.
fn expectations(case: &Pair, credit: Credit) -> Measure {
    let side = |which: usize| {
        logistic(case, |x, s| integrands(case, credit, [&sigmoid(x), &s]).map_or(f64::NAN, |sides| sides[which]))
    };
    let ((left, a, n), (right, b, _)) = (side(0), side(1));
    Measure::equality(left, right, a + b, n)
}

/// A point of the line, with what stands for $e^x$ and $e^{(x+b)/\lambda}$ over the rationals.
#[derive(Debug, Clone, Serialize)]
struct Point {
    case: Pair,
    x: f64,
    exponentials: [f64; 2],
}

/// The integrands differ by the derivative of $f\mathcal L$, $f=\sigma(1-\sigma)$ the density, which vanishes at both ends of the line: their integrals are equal.
impl Identity for Credit {
    type Case = Point;

    fn sides<F: Symbolic>(&self, point: &Point) -> Result<Sides<F>, Undefined> {
        let (case, x) = (&point.case, Dual::<F>::variable(F::number(point.x)?));
        let shifted = (x.clone() + Dual::number(case.log_odds)?).over(&Dual::number(case.temperature)?)?;
        let gate = |x: Dual<F>, symbol: f64| {
            let e = x.exp_or(symbol)?;
            e.over(&(Dual::integer(1) + e.clone()))
        };
        let (sigma, s) = (gate(x, point.exponentials[0])?, gate(shifted, point.exponentials[1])?);
        let density = sigma.clone() * (Dual::integer(1) - sigma.clone());
        let [path, scored] = integrands(case, *self, [&sigma.value, &s.value])?;
        let primitive = density.clone() * Self::Loss.of(case, &s)?;
        Ok(vec![[density.value * (path - scored), primitive.slope]])
    }
}

/// The equality of the expectations, on pairs with such $q$, and of the integrands up to a derivative.
fn search_gradient(quadratic: impl Strategy<Value = f64> + Clone + Send + Sync + 'static, credit: Credit) -> Check {
    let symbol = || (1u8..=64).prop_map(f64::from).no_shrink();
    let points = (pairs(quadratic.clone()), strategies::integer(), [symbol(), symbol()])
        .prop_map(|(case, x, exponentials)| Point { case, x, exponentials });
    Check::new(pairs(quadratic), move |case| expectations(case, credit)).exactly(
        "the difference of the integrands as a derivative, any positive numbers for e^x and e^((x + b)/λ)",
        points,
        move |point| identity::exactly(&credit, point),
    )
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
            Check::new(pairs(strategies::integer()), |case| expectations(case, Credit::Cost)),
        ),
        corrected: Some(Statement::holds(
            "E_{p(Z̃)}[∂𝓛/∂α_{i,j}^k] = E_{p(Z̃)}[∇_{α_{i,j}^k} log p(Z̃) 𝓛(Z̃)]; the printed cost in place of 𝓛 where 𝓛 is affine in Z̃_{i,j}",
            Check::all(vec![
                search_gradient(strategies::integer(), Credit::Loss),
                search_gradient(Just(0.0), Credit::Cost),
            ]),
        )),
        control: Some(Control::new("the loss twice", search_gradient(strategies::integer(), Credit::Twice))),
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
