#![doc = include_str!("../../../proofs/snas/equation-7.md")]
#![doc = include_str!("../../../proofs/snas/equation-28.md")]
#![doc = include_str!("../../../proofs/snas/equation-28-variables.md")]
#![doc = include_str!("../../../proofs/snas/equation-28-score.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::concrete::{Binary, Draw};
use crate::{
    claims::{Check, Claim, Control, LimitPoint, Measure, Statement, strategies},
    linalg::Rounded,
};

/// A factor and the term it multiplies, by the operation.
type Term = Box<dyn Fn(&Case, usize) -> (f64, Rounded)>;

/// An edge with two operations into a scalar node, $x_j=Z^0o_0+Z^1o_1+r$, and a loss $\sum_mc_mx_j^m$ behind it.
#[derive(Debug, Clone, Serialize)]
struct Case {
    alpha: [f64; 2],
    temperature: f64,
    outputs: [f64; 2],
    rest: f64,
    /// $c_1,c_2,\dots$
    #[serde(rename = "loss_coefficients_of_x_x2_x3")]
    loss: Vec<f64>,
}

fn cases(degree: usize) -> impl Strategy<Value = Case> {
    let positive = || (1u8..=4).prop_map(f64::from);
    (
        [positive(), positive()],
        (1u8..=8).prop_map(|k| f64::from(k) / 4.0),
        [strategies::integer(), strategies::integer()],
        strategies::integer(),
        vec(strategies::integer(), 1..=degree),
    )
        .prop_map(|(alpha, temperature, outputs, rest, loss)| Case { alpha, temperature, outputs, rest, loss })
}

impl Case {
    fn binary(&self) -> Binary {
        Binary { alpha: self.alpha, temperature: self.temperature }
    }

    /// $\tilde O_{i,j}(x_i)=\mathbf Z^\top\mathbf O$.
    fn mixed(&self, draw: &Draw) -> f64 {
        draw.gates[0] * self.outputs[0] + draw.gates[1] * self.outputs[1]
    }

    /// The derivative of order `order` of the loss by $x_j$.
    fn loss(&self, draw: &Draw, order: i32) -> f64 {
        let x = self.mixed(draw) + self.rest;
        let terms = self.loss.iter().zip(1i32..).filter(|(_, m)| *m >= order);
        terms.map(|(c, m)| c * (0..order).map(|k| f64::from(m - k)).product::<f64>() * x.powi(m - order)).sum()
    }

    /// $\partial\tilde O/\partial\alpha^k$ along the noise held fixed.
    fn moved(&self, draw: &Draw, k: usize) -> f64 {
        let sign = if k == 1 { 1.0 } else { -1.0 };
        sign * draw.slope * (self.outputs[1] - self.outputs[0]) / self.alpha[k]
    }

    /// $\nabla_{\alpha^k}\ln p(\mathbf Z)$.
    fn score(&self, draw: &Draw, k: usize) -> f64 {
        let sign = if k == 1 { 1.0 } else { -1.0 };
        sign * draw.score / self.alpha[k]
    }

    /// The same with $|c_m|$, $|o|$ and $|r|$: what nothing cancels in.
    fn magnitudes(&self) -> Self {
        Self {
            outputs: self.outputs.map(f64::abs),
            rest: self.rest.abs(),
            loss: self.loss.iter().map(|c| c.abs()).collect(),
            ..*self
        }
    }

    /// $\mathbb E\lbrack f\rbrack $, `f` of the loss and the mixture of a case. Where their summands cancel, rounding is still that of the summands, so it is
    /// measured against $f$ at their [magnitudes](Self::magnitudes).
    fn expect(&self, f: impl Fn(&Self, &Draw) -> f64) -> Rounded {
        let (binary, magnitudes) = (self.binary(), self.magnitudes());
        Rounded { terms: binary.expect(|draw| f(&magnitudes, draw)).terms, ..binary.expect(|draw| f(self, draw)) }
    }

    /// $\mathbb E\lbrack \partial\mathcal L/\partial\alpha^k\rbrack $, the search gradient.
    fn search_gradient(&self, k: usize) -> Rounded {
        self.expect(|case, draw| case.loss(draw, 1) * self.moved(draw, k))
    }

    /// $\mathbb E\lbrack \nabla_{\alpha^k}\ln p\,\lbrack \partial\mathcal L/\partial x_j\tilde O\rbrack_c\rbrack $.
    fn policy_gradient(&self, k: usize) -> Rounded {
        self.expect(|case, draw| self.score(draw, k) * case.loss(draw, 1) * case.mixed(draw))
    }

    /// $\mathbb E\lbrack \tilde O\,\partial(\partial\mathcal L/\partial x_j)/\partial\alpha^k\rbrack $: what treating $\partial\mathcal L/\partial x_j$ as constant leaves out.
    fn dropped(&self, k: usize) -> Rounded {
        self.expect(|case, draw| case.mixed(draw) * case.loss(draw, 2) * self.moved(draw, k))
    }

    /// Terms that should add up to nothing.
    fn cancel(&self, terms: [impl Fn(&Self, usize) -> (f64, Rounded); 3]) -> Measure {
        super::worst((0..2).map(|k| {
            let parts = terms.each_ref().map(|term| term(self, k));
            let (sum, size, n) = parts
                .iter()
                .fold((0.0, 0.0, 0), |(sum, size, n), (c, x)| (sum + c * x.value, size + c.abs() * x.terms, n + x.n));
            Measure::equality(sum, 0.0, size, n)
                .with("search_gradient", parts[0].1.value)
                .with("policy_gradient", parts[1].1.value)
        }))
    }

    /// Search gradient minus policy gradient plus `share` times what is dropped.
    fn balance(&self, share: f64) -> Measure {
        let part: [Term; 3] = [
            Box::new(|case, k| (1.0, case.search_gradient(k))),
            Box::new(|case, k| (-1.0, case.policy_gradient(k))),
            Box::new(move |case, k| (share, case.dropped(k))),
        ];
        self.cancel(part)
    }
}

/// Eq. (7): the search gradient as a policy gradient.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-7",
        source: "snas, Eq. (7), section 2.3; Eq. (28), appendix D",
        hypotheses: &[
            "Z_{i,j} by Eq. (5) with λ > 0, p(Z_{i,j}) its density",
            "[·]_c a function of Z whose values are not differentiated by α",
            "a loss of any kind behind x_j, here polynomial",
        ],
        printed: Statement::refuted(
            "𝔼_{Z∼p(Z)}[∂𝓛/∂α_{i,j}^k] = 𝔼_{Z∼p(Z)}[∇_{α_{i,j}^k} log p(Z_{i,j}) [∂𝓛/∂x_j Õ_{i,j}(x_i)]_c]",
            Check::new(cases(3), |case| case.balance(0.0)),
        ),
        corrected: Some(Statement::holds(
            "𝔼[∂𝓛/∂α^k] = 𝔼[∇_{α^k} log p(Z_{i,j}) [∂𝓛/∂x_j Õ_{i,j}(x_i)]_c] − 𝔼[Õ_{i,j}(x_i)ᵀ ∂²𝓛/∂x_j² ∂x_j/∂α^k]; as printed where 𝓛 is affine in the gates of the edge",
            Check::all(vec![
                Check::new(cases(3), |case| case.balance(1.0)),
                Check::new(cases(1), |case| case.balance(0.0)),
            ]),
        )),
        control: Some(Control::new(
            "half of the term that is left out",
            Check::new(cases(3), |case| case.balance(0.5)),
        )),
        proof: include_str!("../../../proofs/snas/equation-7.md"),
    }
}

/// Eq. (28), lines 1–3: reparameterisation.
pub fn reparameterised() -> Claim {
    // The gates of line 3 differentiated under the integral by a central difference in ln α: f is analytic, so the order shows.
    let difference = |case: &Case, weight: f64| {
        let points: Vec<LimitPoint> = (4..=7)
            .map(|n| 0.5f64.powi(n))
            .map(|t| {
                let frozen = |case: &Case, shift: f64| {
                    let alpha = [case.alpha[0], case.alpha[1] * shift.exp()];
                    let moved = Binary { alpha, temperature: case.temperature };
                    let binary = case.binary();
                    // [∂𝓛/∂x_j Oᵀ]_c at the old α, f at the new, the same noise.
                    super::concrete::line(case.temperature.min(1.0) / 3.0, 0.0, |s| {
                        super::concrete::logistic(s) * case.loss(&binary.draw(s), 1) * case.mixed(&moved.draw(s))
                    })
                };
                let (up, down) = (frozen(case, t), frozen(case, -t));
                let terms = frozen(&case.magnitudes(), t).terms + frozen(&case.magnitudes(), -t).terms;
                let exact = case.search_gradient(1);
                let slope = (up.value - down.value) / (2.0 * t * case.alpha[1]);
                let rounding = up.n as f64 * f64::EPSILON * (exact.terms + terms / t);
                let size = exact.terms + f64::MIN_POSITIVE;
                LimitPoint { t, error: (slope * weight - exact.value).abs(), kept: size, rounding }
            })
            .collect();
        Measure::limit(&points)
    };
    Claim {
        id: "snas.equation-28",
        source: "snas, Eq. (28), lines 1 to 3, appendix D",
        hypotheses: &[
            "U_{i,j} uniform, α_{i,j} in f alone",
            "[·]_c held at its value for each U while f_α(−log(−log U)) is differentiated",
        ],
        printed: Statement::holds(
            "𝔼_{Z∼p(Z)}[∂𝓛/∂α_{i,j}^k] = 𝔼_{U∼Uniform}[∂𝓛/∂x_j O_{i,j}ᵀ(x_i) ∂f_α(−log(−log U))/∂α_{i,j}^k] = ∂/∂α_{i,j}^k ∫₀¹ p(U) [∂𝓛/∂x_j O_{i,j}ᵀ(x_i)]_c f_α(−log(−log U)) dU (extracted with α_1^k once)",
            Check::new(cases(3), move |case| difference(case, 1.0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the difference quotient doubled",
            Check::new(cases(3), move |case| difference(case, 2.0)),
        )),
        proof: include_str!("../../../proofs/snas/equation-28.md"),
    }
}

/// Eq. (28), line 3 to line 4: the change of variables.
pub fn variables() -> Claim {
    Claim {
        id: "snas.equation-28-variables",
        source: "snas, Eq. (28), line 3 to line 4, appendix D",
        hypotheses: &[
            "in line 3 [·]_c is constant for each U, as the line before it needs",
            "in line 4 [·]_c is constant for each Z, as the line after it needs",
        ],
        printed: Statement::refuted(
            "∂/∂α_{i,j}^k ∫₀¹ p(U_{i,j}) [∂𝓛/∂x_j O_{i,j}ᵀ(x_i)]_c f_α(−log(−log U_{i,j})) dU_{i,j} = ∂/∂α_{i,j}^k ∫ p(Z_{i,j}) [∂𝓛/∂x_j O_{i,j}ᵀ(x_i)]_c Z_{i,j} dZ_{i,j}",
            Check::new(cases(3), |case| case.balance(0.0)),
        ),
        corrected: Some(Statement::holds(
            "the right side exceeds the left by 𝔼[Õ_{i,j}(x_i)ᵀ ∂²𝓛/∂x_j² ∂x_j/∂α_{i,j}^k], which vanishes where ∂𝓛/∂x_j does not depend on Z_{i,j}",
            Check::all(vec![
                Check::new(cases(3), |case| case.balance(1.0)),
                Check::new(cases(1), |case| case.balance(0.0)),
            ]),
        )),
        control: Some(Control::new("the excess counted twice", Check::new(cases(3), |case| case.balance(2.0)))),
        proof: concat!(
            include_str!("../../../proofs/snas/equation-28-variables.md"),
            "\n\n",
            include_str!("../../../proofs/snas/equation-7.md")
        ),
    }
}

/// The log-derivative trick for the function $\mathbf Z\mapsto\partial\mathcal L/\partial x_j\tilde O$, against the derivative of its expectation along the noise.
fn score(case: &Case, sign: f64) -> Measure {
    super::worst((0..2).map(|k| {
        let right = case.policy_gradient(k);
        let left = case.expect(|at, draw| case.moved(draw, k) * (at.loss(draw, 1) + at.mixed(draw) * at.loss(draw, 2)));
        Measure::equality(left.value, sign * right.value, left.terms + right.terms, left.n + right.n)
    }))
}

/// Eq. (28), line 4 to the last: the log-derivative trick.
pub fn log_derivative() -> Claim {
    Claim {
        id: "snas.equation-28-score",
        source: "snas, Eq. (28), lines 4 to 7, appendix D",
        hypotheses: &["[·]_c a function of Z alone, not of α", "p(Z_{i,j}) the density of Eq. (5), λ > 0"],
        printed: Statement::holds(
            "∂/∂α_{i,j}^k ∫ p(Z_{i,j}) [∂𝓛/∂x_j O_{i,j}ᵀ(x_i)]_c Z_{i,j} dZ_{i,j} = ∫ p(Z_{i,j}) ∂log p(Z_{i,j})/∂α_{i,j}^k [∂𝓛/∂x_j O_{i,j}ᵀ(x_i) Z_{i,j}]_c dZ_{i,j} = 𝔼_{Z∼p(Z)}[∇_{α_{i,j}^k} log p(Z_{i,j}) [∂𝓛/∂x_j Õ_{i,j}(x_i)]_c]",
            Check::new(cases(3), |case| score(case, 1.0)),
        ),
        corrected: None,
        control: Some(Control::new("the sign of the score flipped", Check::new(cases(3), |case| score(case, -1.0)))),
        proof: include_str!("../../../proofs/snas/equation-28-score.md"),
    }
}
