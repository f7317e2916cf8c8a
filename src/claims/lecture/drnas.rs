#![doc = include_str!("../../../proofs/lecture/drnas-simplex.md")]
#![doc = include_str!("../../../proofs/lecture/drnas-objective.md")]
#![doc = include_str!("../../../proofs/lecture/drnas-selection.md")]

use ndarray::Array2;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;
use statrs::function::gamma::{digamma, ln_gamma};

use crate::{
    claims::{
        Check, Claim, Control, Measure, Statement,
        snas::concrete::{line, sigmoid},
        strategies,
    },
    linalg::Rounded,
    relaxation::{Dirichlet, Draw, Relaxation, concentrations},
};

/// One edge: the parameters of its concentrations, and $\ln\gamma$ of its Gamma variables.
#[derive(Debug, Clone, Serialize)]
struct Sample {
    alpha: Vec<f64>,
    log_gammas: Vec<f64>,
}

fn samples() -> impl Strategy<Value = Sample> {
    (2usize..=6).prop_flat_map(|k| {
        (strategies::integers(k), strategies::integers(k)).prop_map(|(alpha, log_gammas)| Sample { alpha, log_gammas })
    })
}

fn row(entries: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((1, entries.len()), |(_, o)| entries[o])
}

impl Sample {
    /// The gates that belong to the Gamma variables: none below 0, and of sum 1. The variables themselves if not `divided` by their sum.
    fn measure(&self, divided: bool) -> Measure {
        let gates = Dirichlet::Beta.at(&row(&self.alpha), row(&self.log_gammas));
        let gates: Vec<f64> = if divided {
            gates.gates().iter().copied().collect()
        } else {
            self.log_gammas.iter().map(|g| g.exp()).collect()
        };
        let sum: f64 = gates.iter().sum();
        Measure::equality(sum, 1.0, sum, gates.len()).and(Measure::truth(gates.iter().all(|&z| z >= 0.0)))
    }
}

/// Where samples lie.
pub fn simplex() -> Claim {
    Claim {
        id: "lecture.drnas-simplex",
        source: "lecture, DrNAS",
        hypotheses: &["a sample: independent Gamma variables over their sum, as the library draws it"],
        printed: Statement::holds(
            "Dirichlet distribution samples from the standard K−1 simplex",
            Check::new(samples(), |case| case.measure(true)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the Gamma variables not divided by their sum",
            Check::new(samples(), |case| case.measure(false)),
        )),
        proof: include_str!("../../../proofs/lecture/drnas-simplex.md"),
    }
}

/// Two operations, $L_{val}=c_1\alpha_1+c_2\alpha_2+\tfrac12k\alpha_1^2$, and where $\beta$ is to stay.
#[derive(Debug, Clone, Serialize)]
struct Objective {
    beta: [f64; 2],
    anchor: [f64; 2],
    slopes: [f64; 2],
    bend: f64,
    /// $\lambda$.
    weight: f64,
}

fn objectives() -> impl Strategy<Value = Objective> {
    let positive = || (1u8..=4).prop_map(f64::from);
    let any = strategies::integer;
    ([positive(), positive()], [positive(), positive()], [any(), any()], any(), strategies::fraction())
        .prop_map(|(beta, anchor, slopes, bend, weight)| Objective { beta, anchor, slopes, bend, weight })
}

/// $\ln B(\beta)=\sum\ln\Gamma(\beta_i)-\ln\Gamma(\beta_{tot})$.
fn ln_beta(beta: [f64; 2]) -> f64 {
    ln_gamma(beta[0]) + ln_gamma(beta[1]) - ln_gamma(beta[0] + beta[1])
}

impl Objective {
    /// $\mathbb E_q\lbrack L_{val}\rbrack +\lambda D$ by integrating over $\alpha_1$, $D=\int q\ln(q/\hat q)$.
    fn integrated(&self) -> Rounded {
        let density = |beta: [f64; 2], ln: [f64; 2]| beta[0] * ln[0] + beta[1] * ln[1] - ln_beta(beta);
        line(0.25, 0.0, |y| {
            let (x, rest) = sigmoid(y);
            if x == 0.0 || rest == 0.0 {
                return 0.0;
            }
            // dα = α(1 − α) dy makes up for the exponents β − 1.
            let ln = [x.ln(), rest.ln()];
            let (q, anchor) = (density(self.beta, ln), density(self.anchor, ln));
            let loss = self.slopes[0] * x + self.slopes[1] * rest + 0.5 * self.bend * x * x;
            q.exp() * (loss + self.weight * (q - anchor))
        })
    }

    /// The same from moments and digamma, with the divergence of the anchor from $q$ if `turned`.
    fn closed(&self, turned: bool) -> Rounded {
        let total = self.beta[0] + self.beta[1];
        let p = self.beta[0] / total;
        let square = p * (self.beta[0] + 1.0) / (total + 1.0);
        let (of, from) = if turned { (self.anchor, self.beta) } else { (self.beta, self.anchor) };
        let mean = |i: usize| (of[i] - from[i]) * (digamma(of[i]) - digamma(of[0] + of[1]));
        let divergence = [ln_beta(from), -ln_beta(of), mean(0), mean(1)];
        let loss = [self.slopes[0] * p, self.slopes[1] * (1.0 - p), 0.5 * self.bend * square];
        Rounded::sum(loss.into_iter().chain(divergence.map(|d| self.weight * d)))
    }

    fn measure(&self, turned: bool) -> Measure {
        let (left, right) = (self.integrated(), self.closed(turned));
        // Between values of ln Γ of a magnitude of at most ln 7!.
        Measure::equality(left.value, right.value, left.terms + right.terms + 40.0 * self.weight, left.n)
    }
}

/// The objective.
pub fn objective() -> Claim {
    Claim {
        id: "lecture.drnas-objective",
        source: "lecture, DrNAS objective",
        hypotheses: &[
            "w* held; two operations, a loss of second degree",
            "d the divergence ∫ q ln(q/q̂) of Dir(β) from Dir(β̂), one of the two that the published code has; the other, half of the squared distance from β̂ = 1, is what the library's DrNAS descends",
        ],
        printed: Statement::defines(
            "min_β E_{q(α|β)}[L_val(w*(α), α)] + λ d(β, β̂), s.t. w* = argmin_w L_train(w, α), q(α|β) ∼ Dir(β)",
            Check::new(objectives(), |case| case.measure(false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the divergence of Dir(β̂) from Dir(β)",
            Check::new(objectives(), |case| case.measure(true)),
        )),
        proof: include_str!("../../../proofs/lecture/drnas-objective.md"),
    }
}

/// The strengths that the library selects by, in the order of $\beta$ (turned round if `least`), and the mean gates that they are.
fn ordered(alpha: &[f64], least: bool) -> Measure {
    let strengths = Dirichlet::Beta.strengths(&row(alpha));
    let beta: Vec<f64> = concentrations(&row(alpha)).iter().copied().collect();
    let total: f64 = beta.iter().sum();
    let seen: Vec<f64> = strengths.iter().copied().collect();
    // 𝔼[α_i] = Γ(β_i + 1)/Γ(β_i) · Γ(β_tot)/Γ(β_tot + 1).
    let means: Vec<f64> = beta
        .iter()
        .map(|b| (ln_gamma(b + 1.0) - ln_gamma(*b) + ln_gamma(total) - ln_gamma(total + 1.0)).exp())
        .collect();
    let pairs = (0..beta.len()).flat_map(|i| (0..beta.len()).map(move |j| (i, j)));
    let sign = if least { -1.0 } else { 1.0 };
    let same = pairs.into_iter().all(|(i, j)| beta[i] <= beta[j] || sign * seen[i] > sign * seen[j]);
    // ln Γ of at most 6 · 5 is below 75.
    Measure::vectors(&seen, &means, 150.0, 4).and(Measure::truth(same)).with_vector("beta", &beta)
}

/// What is selected by.
pub fn selection() -> Claim {
    let strategy = || (2usize..=6).prop_flat_map(strategies::integers);
    Claim {
        id: "lecture.drnas-selection",
        source: "lecture, DrNAS, architecture selection",
        hypotheses: &["the operations of one edge; the library selects by the mean gates"],
        printed: Statement::defines(
            "Architecture selection: magnitude of β",
            Check::new(strategy(), |alpha| ordered(alpha, false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the least β",
            Check::new(vec(-4i8..=4, 1..=5).prop_map(distinct), |alpha| ordered(alpha, true)),
        )),
        proof: include_str!("../../../proofs/lecture/drnas-selection.md"),
    }
}

/// Parameters that are not all alike.
fn distinct(rest: Vec<i8>) -> Vec<f64> {
    let most = rest.iter().copied().max().unwrap_or(0);
    rest.into_iter().chain([most + 1]).map(f64::from).collect()
}
