#![doc = include_str!("../../../proofs/lecture/dirichlet-sparse.md")]
#![doc = include_str!("../../../proofs/lecture/dirichlet-dense.md")]
#![doc = include_str!("../../../proofs/lecture/drnas-gradient.md")]
#![doc = include_str!("../../../proofs/lecture/drnas-trace.md")]

use num_dual::{Dual64, DualNum};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;
use statrs::function::gamma::ln_gamma;

use crate::claims::{
    Check, Claim, Control, LimitPoint, Measure, Statement,
    snas::concrete::{line, sigmoid},
};

fn shapes() -> impl Strategy<Value = Vec<f64>> {
    vec((1u8..=8).prop_map(f64::from), 2..=5)
}

/// $\mathbb E\lbrack \alpha_i^2\rbrack $ by the normalising integrals, $\ln\Gamma$ of each.
fn second_moment(beta: &[f64], i: usize) -> f64 {
    let total: f64 = beta.iter().sum();
    (ln_gamma(beta[i] + 2.0) - ln_gamma(beta[i]) + ln_gamma(total) - ln_gamma(total + 2.0)).exp()
}

/// A quantity of $\operatorname{Dir}(s\beta)$ that should vanish as $t\to0$.
fn vanishes(beta: &[f64], scale: impl Fn(f64) -> f64, quantity: impl Fn(&[f64]) -> f64) -> Measure {
    let points: Vec<LimitPoint> = (5..=9)
        .map(|n| 0.5f64.powi(n))
        .map(|t| {
            let scaled: Vec<f64> = beta.iter().map(|b| b * scale(t)).collect();
            let total: f64 = scaled.iter().sum();
            // ln Γ(x) has a relative error of a few ε at a magnitude of at most x ln x + ln(1/x).
            let rounding = 64.0 * f64::EPSILON * (1.0 + (total + 2.0) * (total + 2.0).ln() + t.ln().abs());
            LimitPoint { t, error: quantity(&scaled).abs(), kept: 1.0, rounding }
        })
        .collect();
    Measure::limit(&points)
}

/// $\operatorname{Var}(\alpha_1)$.
fn variance(beta: &[f64]) -> f64 {
    let p = beta[0] / beta.iter().sum::<f64>();
    second_moment(beta, 0) - p * p
}

/// Small concentrations.
pub fn sparse() -> Claim {
    let spread = |beta: &[f64]| 1.0 - (0..beta.len()).map(|i| second_moment(beta, i)).sum::<f64>();
    let lacking = |beta: &[f64]| {
        let p = beta[0] / beta.iter().sum::<f64>();
        p * (1.0 - p) - variance(beta)
    };
    Claim {
        id: "lecture.dirichlet-sparse",
        source: "lecture, DrNAS",
        hypotheses: &[
            "β = t b, t → 0, b fixed",
            "sparse: 𝔼[1 − Σα_i²] → 0, which is zero for one-hot α alone; high variance: p(1 − p), the most that a mean p allows",
        ],
        printed: Statement::holds(
            "β ≪ 1 leads to sparse samples with high variance",
            Check::all(vec![
                Check::new(shapes(), move |beta| vanishes(beta, |t| t, spread)),
                Check::new(shapes(), move |beta| vanishes(beta, |t| t, lacking)),
            ]),
        ),
        corrected: None,
        control: Some(Control::new("β → b", Check::new(shapes(), move |beta| vanishes(beta, |t| 1.0 + t, spread)))),
        proof: include_str!("../../../proofs/lecture/dirichlet-sparse.md"),
    }
}

/// Large concentrations.
pub fn dense() -> Claim {
    Claim {
        id: "lecture.dirichlet-dense",
        source: "lecture, DrNAS",
        hypotheses: &["β = b/t, t → 0, b fixed", "low variance: → 0; dense: then every α_i is near its mean p_i > 0"],
        printed: Statement::holds(
            "β ≫ 1 leads to dense samples with low variance",
            Check::new(shapes(), |beta| vanishes(beta, |t| 1.0 / t, variance)),
        ),
        corrected: None,
        control: Some(Control::new("β → b", Check::new(shapes(), |beta| vanishes(beta, |t| 1.0 + t, variance)))),
        proof: include_str!("../../../proofs/lecture/dirichlet-dense.md"),
    }
}

/// A monomial $\alpha_j^a\prod_{i\ne j}\alpha_i^{n_i}$, $N=\sum n_i$, under a Dirichlet distribution with $\beta_{tot}-\beta_j=b$.
#[derive(Debug, Clone, Serialize)]
struct Monomial {
    beta: f64,
    others: u32,
    own_power: u32,
    other_power: u32,
}

fn monomials() -> impl Strategy<Value = Monomial> {
    (1u8..=8, 1u32..=4, 0u32..=3, 0u32..=3).prop_map(|(beta, others, own_power, other_power)| Monomial {
        beta: f64::from(beta) / 2.0,
        others,
        own_power,
        other_power,
    })
}

impl Monomial {
    /// $F_{Beta}(x\mid\beta,b)=x^\beta\sum_{m<b}\frac{(\beta)_m}{m!}(1-x)^m$ for an integer $b$, and its derivative by $\beta$.
    fn distribution(&self, x: f64, rest: f64) -> Dual64 {
        let beta = Dual64::from(self.beta).derivative();
        let (mut sum, mut term) = (Dual64::from(0.0), Dual64::from(1.0));
        for m in 0..self.others {
            sum += term;
            term = term * (beta + f64::from(m)) * (rest / f64::from(m + 1));
        }
        (beta * x.ln()).exp() * sum
    }

    /// $\frac{d}{d\beta_j}\mathbb E\lbrack x^a(1-x)^N\rbrack $ from the closed moments; the factor of the other components is common to both sides.
    fn truth(&self) -> f64 {
        let beta = Dual64::from(self.beta).derivative();
        let b = f64::from(self.others);
        let rising = |x: Dual64, n: u32| (0..n).fold(Dual64::from(1.0), |product, m| product * (x + f64::from(m)));
        (rising(beta, self.own_power) * rising(b.into(), self.other_power)
            / rising(beta + b, self.own_power + self.other_power))
        .eps
    }

    /// $\mathbb E\bigl\lbrack \sum_i\frac{\partial\varphi}{\partial\alpha_i}\frac{d\alpha_i}{d\beta_j}\bigr\rbrack $ by the printed derivative; its density cancels. `divided` by $1-\alpha_j$ or not.
    fn measure(&self, divided: bool) -> Measure {
        let (a, n) = (self.own_power as i32, self.other_power as i32);
        let seen = line(0.25, 0.0, |y| {
            let (x, rest) = sigmoid(y);
            if x == 0.0 || rest == 0.0 {
                return 0.0;
            }
            let own = if a == 0 { 0.0 } else { f64::from(a) * x.powi(a - 1) * rest.powi(n) };
            let others = if n == 0 { 0.0 } else { f64::from(n) * x.powi(a) * rest.powi(n - 1) };
            let factor = if divided { 1.0 } else { rest };
            -self.distribution(x, rest).eps * (own - others) * factor * x * rest
        });
        Measure::equality(seen.value, self.truth(), seen.terms + self.truth().abs(), seen.n)
    }
}

/// The pathwise derivative of a Dirichlet sample.
pub fn gradient() -> Claim {
    Claim {
        id: "lecture.drnas-gradient",
        source: "lecture, DrNAS, gradient computation",
        hypotheses: &[
            "β_tot − β_j held fixed while F_Beta is differentiated by β_j",
            "a derivative of samples is right if 𝔼[Σ_i ∂φ/∂α_i dα_i/dβ_j] = d𝔼[φ]/dβ_j for monomials φ",
            "β_tot − β_j an integer here, so that F_Beta is elementary",
        ],
        printed: Statement::holds(
            "dα_i/dβ_j = −(∂F_Beta/∂β_j (α_j|β_j, β_tot − β_j) / f_Beta(α_j|β_j, β_tot − β_j)) × ((δ_ij − α_i)/(1 − α_j))",
            Check::new(monomials(), |case| case.measure(true)),
        ),
        corrected: None,
        control: Some(Control::new(
            "without the division by 1 − α_j",
            Check::new(monomials(), |case| case.measure(false)),
        )),
        proof: include_str!("../../../proofs/lecture/drnas-gradient.md"),
    }
}

/// Two operations, $L_{val}=c_1\alpha_1+c_2\alpha_2+\tfrac12k\alpha_1^2$ with $\beta_1<\beta_2$, $c_1>c_2$, $k\ge0$: $\nabla^2_\mu\tilde L$ is positive semidefinite.
#[derive(Debug, Clone, Serialize)]
struct Trace {
    beta: [f64; 2],
    slopes: [f64; 2],
    bend: f64,
    /// $C>0$.
    constant: f64,
}

fn traces() -> impl Strategy<Value = Trace> {
    let positive = || (1u8..=4).prop_map(f64::from);
    (positive(), positive(), (-4i8..=4).prop_map(f64::from), positive(), (0u8..=4).prop_map(f64::from), positive())
        .prop_map(|(b, more, c, above, bend, constant)| Trace {
            beta: [b, b + more],
            slopes: [c + above, c],
            bend,
            constant,
        })
}

impl Trace {
    /// $\mathbb E_q\lbrack L\rbrack $, $\tilde L(\mu)=L(\beta/\beta_{tot})$, and the trace of $\nabla_\mu^2\tilde L$.
    fn sides(&self) -> [f64; 3] {
        let total = self.beta[0] + self.beta[1];
        let p = self.beta[0] / total;
        let linear = self.slopes[0] * p + self.slopes[1] * (1.0 - p);
        let square = self.beta[0] * (self.beta[0] + 1.0) / (total * (total + 1.0));
        // With two logits ∇² is h (1, −1; −1, 1), h the second derivative by their difference.
        let s = p * (1.0 - p);
        let h = (self.slopes[0] - self.slopes[1] + self.bend * p) * s * (1.0 - 2.0 * p) + self.bend * s * s;
        [linear + 0.5 * self.bend * square, linear + 0.5 * self.bend * p * p, 2.0 * h]
    }

    fn covariance(&self, half: f64) -> Measure {
        let [expected, at_mean, _] = self.sides();
        let total = self.beta[0] + self.beta[1];
        let p = self.beta[0] / total;
        let size = self.slopes[0].abs() + self.slopes[1].abs() + self.bend;
        Measure::equality(expected, at_mean + half * self.bend * p * (1.0 - p) / (total + 1.0), size, 8)
    }
}

/// The trace that DrNAS is said to control.
pub fn trace() -> Claim {
    Claim {
        id: "lecture.drnas-trace",
        source: "lecture, DrNAS, trace norm",
        hypotheses: &[
            "C > 0 (it is not named); ∇²_μ L̃ positive semidefinite; w held at w*",
            "μ with Softmax(μ) the mean of q(α|β)",
            "two operations",
        ],
        printed: Statement::refuted(
            "E_{q(α|β)}(L_val(w, α)) ≳ L̃_val(w*, μ) + C · tr(∇²_μ L̃_val(w*, μ)) with L̃_val(w*, μ) = L_val(w*, Softmax(μ))",
            Check::new(traces(), |case| {
                let [expected, at_mean, trace] = case.sides();
                let size = case.slopes[0].abs() + case.slopes[1].abs() + case.bend + case.constant * trace;
                Measure::at_most(at_mean + case.constant * trace, expected, size, 8)
                    .with("expected_loss", expected)
                    .with("loss_at_the_mean", at_mean)
                    .with("trace", trace)
            }),
        ),
        corrected: Some(Statement::holds(
            "E_{q(α|β)}(L_val(w*, α)) = L_val(w*, ᾱ) + 1/2 tr(Cov(α) ∇²_α L_val(w*, ᾱ)) for L_val of second degree in α, Cov(α) = (diag ᾱ − ᾱᾱᵀ)/(β_tot + 1): the curvature in α, not in μ",
            Check::new(traces(), |case| case.covariance(0.5)),
        )),
        control: Some(Control::new("without the 1/2", Check::new(traces(), |case| case.covariance(1.0)))),
        proof: include_str!("../../../proofs/lecture/drnas-trace.md"),
    }
}
