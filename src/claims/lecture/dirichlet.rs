#![doc = include_str!("../../../proofs/lecture/dirichlet-sparse.md")]
#![doc = include_str!("../../../proofs/lecture/dirichlet-dense.md")]
#![doc = include_str!("../../../proofs/lecture/drnas-gradient.md")]
#![doc = include_str!("../../../proofs/lecture/drnas-trace.md")]

use dashu_ratio::RBig;
use num_dual::{Dual64, DualNum};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;
use statrs::function::gamma::ln_gamma;

use crate::{
    claims::{
        Check, Claim, Control, Exactly, Identity, LimitPoint, Measure, Sides, Statement,
        snas::concrete::{line, sigmoid},
    },
    enclosure::{Field, Symbolic, Undefined, numbers},
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

/// Of a [`Trace`], with $p=\beta_1/\beta_{tot}$.
struct Expected<F> {
    /// $\mathbb E_q\lbrack L\rbrack $.
    loss: F,
    /// $\tilde L(\mu)=L(\beta/\beta_{tot})$.
    at_mean: F,
    /// $\operatorname{tr}\nabla_\mu^2\tilde L$.
    trace: F,
    /// $\operatorname{tr}(\operatorname{Cov}(\alpha)\nabla_\alpha^2L)=k\,p(1-p)/(\beta_{tot}+1)$.
    covariance: F,
}

impl Trace {
    fn expected<F: Field>(&self) -> Result<Expected<F>, Undefined> {
        let (beta, slopes, bend) = (numbers::<F>(&self.beta)?, numbers::<F>(&self.slopes)?, F::number(self.bend)?);
        let (one, two) = (F::one(), F::integer(2));
        let total = beta[0].clone() + beta[1].clone();
        let p = beta[0].over(&total)?;
        let linear = slopes[0].clone() * p.clone() + slopes[1].clone() * (one.clone() - p.clone());
        let square = p.clone() * (beta[0].clone() + one.clone()).over(&(total.clone() + one.clone()))?;
        let half = bend.over(&two)?;
        // With two logits ∇² is h (1, −1; −1, 1), h the second derivative by their difference.
        let s = p.clone() * (one.clone() - p.clone());
        let slope = slopes[0].clone() - slopes[1].clone() + bend.clone() * p.clone();
        let h = slope * s.clone() * (one.clone() - two.clone() * p.clone()) + bend.clone() * s.squared();
        Ok(Expected {
            loss: linear.clone() + half.clone() * square,
            at_mean: linear + half * p.squared(),
            trace: two * h,
            covariance: (bend * s).over(&(total + one))?,
        })
    }

    /// $L+C\operatorname{tr}\nabla_\mu^2\tilde L$ at the mean is at most the expectation.
    fn controlled(&self) -> Result<Exactly, Undefined> {
        let Expected { loss, at_mean, trace, .. } = self.expected::<RBig>()?;
        let bound = &at_mean + RBig::number(self.constant)? * &trace;
        Ok(Exactly::truth(bound <= loss)
            .with("expected_loss", &loss)
            .with("loss_at_the_mean", &at_mean)
            .with("trace", &trace))
    }
}

/// The expectation against the value at the mean and this many halves of the trace with the covariance.
struct Halves(i32);

impl Identity for Halves {
    type Case = Trace;

    fn sides<F: Symbolic>(&self, case: &Trace) -> Result<Sides<F>, Undefined> {
        let Expected { loss, at_mean, covariance, .. } = case.expected::<F>()?;
        let share = F::integer(self.0).over(&F::integer(2))?;
        Ok(vec![[loss, at_mean + share * covariance]])
    }
}

/// The trace that DrNAS is said to control.
pub fn trace() -> Claim {
    const OVER: &str = "integer concentrations and losses";
    let check = |halves| Check::identity(OVER, traces(), Halves(halves));
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
            Check::exact(OVER, traces(), Trace::controlled),
        ),
        corrected: Some(Statement::holds(
            "E_{q(α|β)}(L_val(w*, α)) = L_val(w*, ᾱ) + 1/2 tr(Cov(α) ∇²_α L_val(w*, ᾱ)) for L_val of second degree in α, Cov(α) = (diag ᾱ − ᾱᾱᵀ)/(β_tot + 1): the curvature in α, not in μ",
            check(1),
        )),
        control: Some(Control::new("without the 1/2", check(2))),
        proof: include_str!("../../../proofs/lecture/drnas-trace.md"),
    }
}
