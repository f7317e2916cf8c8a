//! Sections 2.2 and 4 and appendix B: one edge as the search systems see it.

use ndarray::Array2;
use num_dual::{Dual64, DualNum};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, LimitPoint, Measure, Statement, strategies},
    relaxation::softmax,
};

/// Operations on the edge.
const OPERATIONS: usize = 3;

/// One edge: $x_j=\sum_kZ_kO_k+r$ and a loss that is quadratic in $x_j$, so quadratic in the gates too.
#[derive(Debug, Clone, Serialize)]
struct Edge {
    /// $O_k$, one row an operation.
    outputs: Vec<Vec<f64>>,
    /// $r$: what the other edges add.
    rest: Vec<f64>,
    /// $\mathcal L=\frac12x^\top\operatorname{diag}(a)x+b^\top x$.
    curvature: Vec<f64>,
    slope: Vec<f64>,
    /// $\log\alpha$.
    logits: Vec<f64>,
    /// The operation that is sampled.
    sampled: usize,
}

fn edges() -> impl Strategy<Value = Edge> + Send + Sync {
    let n = 3;
    let vectors = [(); 4].map(|()| strategies::integers(n));
    (vec(strategies::integers(n), OPERATIONS), vectors, strategies::integers(OPERATIONS), 0..OPERATIONS).prop_map(
        |(outputs, [rest, curvature, slope, _], logits, sampled)| Edge {
            outputs,
            rest,
            curvature,
            slope,
            logits: logits.into_iter().map(|a| a / 4.0).collect(),
            sampled,
        },
    )
}

impl Edge {
    fn softmax(&self) -> Vec<f64> {
        let logits = Array2::from_shape_fn((1, OPERATIONS), |(_, k)| self.logits[k]);
        softmax::gates(&logits).iter().copied().collect()
    }

    fn one_hot(&self) -> Vec<f64> {
        (0..OPERATIONS).map(|k| f64::from(u8::from(k == self.sampled))).collect()
    }

    /// $\mathcal L$ over numbers that may carry a derivative.
    fn loss(&self, gates: &[Dual64]) -> Dual64 {
        (0..self.rest.len()).fold(Dual64::from(0.0), |sum, i| {
            let x = (0..OPERATIONS).fold(Dual64::from(self.rest[i]), |x, k| x + gates[k] * self.outputs[k][i]);
            sum + x * x * (0.5 * self.curvature[i]) + x * self.slope[i]
        })
    }

    /// $\partial\mathcal L/\partial x_j$.
    fn cotangent(&self, gates: &[f64]) -> Vec<f64> {
        (0..self.rest.len())
            .map(|i| {
                let x = self.rest[i] + (0..OPERATIONS).map(|k| gates[k] * self.outputs[k][i]).sum::<f64>();
                self.curvature[i] * x + self.slope[i]
            })
            .collect()
    }

    /// $\frac{\partial\mathcal L}{\partial x_j}O_k$, operation by operation.
    fn cost(&self, gates: &[f64]) -> Vec<f64> {
        let g = self.cotangent(gates);
        self.outputs.iter().map(|o| o.iter().zip(&g).map(|(o, g)| o * g).sum()).collect()
    }

    /// $\partial\mathcal L/\partial\hat Z$ by dual numbers.
    fn gate_slopes(&self, gates: &[f64]) -> Vec<f64> {
        let along =
            |k: usize| (0..OPERATIONS).map(|j| Dual64::new(gates[j], f64::from(u8::from(j == k)))).collect::<Vec<_>>();
        (0..OPERATIONS).map(|k| self.loss(&along(k)).eps).collect()
    }

    /// $\frac{d}{d\alpha}\mathcal L(\operatorname{softmax}\alpha)$ by dual numbers.
    fn total_slopes(&self) -> Vec<f64> {
        let along = |k: usize| {
            let exps: Vec<Dual64> =
                (0..OPERATIONS).map(|j| Dual64::new(self.logits[j], f64::from(u8::from(j == k))).exp()).collect();
            let total = exps.iter().fold(Dual64::from(0.0), |s, e| s + *e);
            exps.into_iter().map(|e| e / total).collect::<Vec<_>>()
        };
        (0..OPERATIONS).map(|k| self.loss(&along(k)).eps).collect()
    }

    /// A bound on the loss's terms and those of its derivatives: entries are at most 4, gates at most 1.
    fn size(&self) -> f64 {
        let entry = |v: &[f64]| v.iter().map(|x| x.abs()).sum::<f64>();
        let outputs: f64 = self.outputs.iter().map(|o| entry(o)).sum();
        (1.0 + outputs) * (entry(&self.curvature) * (entry(&self.rest) + outputs) + entry(&self.slope))
    }
}

/// $J^\top c$ with the Jacobian of the softmax, without $-ZZ^\top$ unless `whole`.
fn pulled(gates: &[f64], cost: &[f64], whole: bool) -> Vec<f64> {
    let mean = if whole { gates.iter().zip(cost).map(|(z, c)| z * c).sum() } else { 0.0 };
    gates.iter().zip(cost).map(|(z, c)| z * (c - mean)).collect()
}

/// The library's own product.
fn library(gates: &[f64], cost: &[f64]) -> Vec<f64> {
    let array = |v: &[f64]| Array2::from_shape_fn((1, v.len()), |(_, k)| v[k]);
    softmax::pull(&array(gates), &array(cost)).iter().copied().collect()
}

fn darts(case: &Edge, whole: bool) -> Measure {
    let (gates, n) = (case.softmax(), 8 * OPERATIONS);
    let (cost, slopes) = (case.cost(&gates), case.gate_slopes(&gates));
    let vectors = |a: &[f64], b: &[f64]| Measure::vectors(a, b, case.size(), n);
    vectors(&cost, &slopes)
        .and(vectors(&case.total_slopes(), &pulled(&gates, &cost, whole)))
        .and(vectors(&library(&gates, &slopes), &pulled(&gates, &cost, whole)))
}

fn section_4_darts() -> Claim {
    Claim {
        id: "wiring.section-4-darts",
        source: "wiring, the display of DARTS above Eq. 4, section 4; appendix B.1",
        hypotheses: &["Ẑ = softmax(α), edge by edge", "C(Ẑ) = ∂𝓛/∂Ẑ one number an operation"],
        printed: Statement::holds(
            "∂𝓛/∂α_{i,j} = (∂𝓛/∂x_j)(∂x_j/∂α_{i,j}) = [∂𝓛/∂x_j O_{i,j}(x_i)]_c ∂Ẑ_{i,j}/∂α_{i,j} = [∂𝓛/∂Ẑ_{i,j}]_c ∂Ẑ_{i,j}/∂α_{i,j} = ∂Ẑ_{i,j}/∂α_{i,j} C(Ẑ_{i,j})",
            Check::new(edges(), |case| darts(case, true)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the Jacobian's diagonal part diag(Ẑ) alone",
            Check::new(edges(), |case| darts(case, false)),
        )),
        proof: include_str!("../../../proofs/wiring/section-4-darts.md"),
    }
}

/// Eq. 1: a one-hot gate selects.
fn equation_1() -> Claim {
    let measure = |shift: usize| {
        move |case: &Edge| {
            let z = case.one_hot();
            let mixed: Vec<f64> =
                (0..case.rest.len()).map(|i| (0..OPERATIONS).map(|k| z[k] * case.outputs[k][i]).sum()).collect();
            Measure::vectors(&mixed, &case.outputs[(case.sampled + shift) % OPERATIONS], 1.0, OPERATIONS)
        }
    };
    Claim {
        id: "wiring.equation-1",
        source: "wiring, Eq. 1, section 2.2",
        hypotheses: &["Z_{i,j} one-hot"],
        printed: Statement::defines(
            "Õ_{i,j}(·) = Z_{i,j}ᵀ O_{i,j}(·): the output of the selected operation",
            Check::new(edges(), measure(0)),
        ),
        corrected: None,
        control: Some(Control::new("the output of the next operation", Check::new(edges(), measure(1)))),
        proof: include_str!("../../../proofs/wiring/equation-1.md"),
    }
}

/// $C=\sum_k\frac{\partial\mathcal L}{\partial x_j}O_kZ_k$ against $\partial\mathcal L/\partial Z^s$ at the gates given.
fn one_hot(case: &Edge, gates: &[f64]) -> Measure {
    let (cost, slopes) = (case.cost(gates), case.gate_slopes(gates));
    let sum: f64 = cost.iter().zip(gates).map(|(c, z)| c * z).sum();
    let map: Vec<f64> =
        (0..case.rest.len()).map(|i| (0..OPERATIONS).map(|k| gates[k] * case.outputs[k][i]).sum()).collect();
    let product: f64 = case.cotangent(gates).iter().zip(&map).map(|(g, x)| g * x).sum();
    let n = 4 * OPERATIONS;
    Measure::equality(sum, product, case.size(), n).and(Measure::equality(
        product,
        slopes[case.sampled],
        case.size(),
        n,
    ))
}

fn section_4_one_hot() -> Claim {
    Claim {
        id: "wiring.section-4-one-hot",
        source: "wiring, the display of C(Z_{i,j}) after that of DSNAS, section 4",
        hypotheses: &[
            "Z_{i,j} one-hot, s the selected operation",
            "x_j^i what edge (i, j) adds to node j, so that ∂𝓛/∂x_j^i = ∂𝓛/∂x_j",
        ],
        printed: Statement::holds(
            "C(Z_{i,j}) = Σ_k ∂𝓛/∂x_j O_{i,j}^k(x_i) Z_{i,j}^k = ∂𝓛/∂x_j^i x_j^i = ∂𝓛/∂Z_{i,j}^s",
            Check::new(edges(), |case| one_hot(case, &case.one_hot())),
        ),
        corrected: None,
        control: Some(Control::new(
            "softmax gates in place of one-hot ones",
            Check::new(edges(), |case| one_hot(case, &case.softmax())),
        )),
        proof: include_str!("../../../proofs/wiring/section-4-one-hot.md"),
    }
}

/// $\mathbb E_Z[\nabla\log p(Z)\,c(Z)]$ over the operations, the score $e_k-p$, without $-p$ if not `centred`.
fn score(case: &Edge, cost: &[f64], centred: bool) -> Vec<f64> {
    let p = case.softmax();
    (0..OPERATIONS)
        .map(|l| {
            (0..OPERATIONS)
                .map(|k| p[k] * (f64::from(u8::from(k == l)) - if centred { p[l] } else { 0.0 }) * cost[k])
                .sum()
        })
        .collect()
}

/// The cost of each operation when it is the one that is selected.
fn selected_costs(case: &Edge) -> Vec<f64> {
    (0..OPERATIONS)
        .map(|k| {
            let alone = Edge { sampled: k, ..case.clone() };
            alone.gate_slopes(&alone.one_hot())[k]
        })
        .collect()
}

fn equation_4() -> Claim {
    let measure = |centred: bool| {
        move |case: &Edge| {
            let cost = selected_costs(case);
            // ∂/∂α Σ_k p_k c_k with the costs held, by dual numbers.
            let along = |l: usize| {
                let exps: Vec<Dual64> =
                    (0..OPERATIONS).map(|j| Dual64::new(case.logits[j], f64::from(u8::from(j == l))).exp()).collect();
                let total = exps.iter().fold(Dual64::from(0.0), |s, e| s + *e);
                exps.iter().zip(&cost).fold(Dual64::from(0.0), |s, (e, &c)| s + *e / total * c).eps
            };
            let right: Vec<f64> = (0..OPERATIONS).map(along).collect();
            Measure::vectors(&score(case, &cost, centred), &right, case.size(), 8 * OPERATIONS)
        }
    };
    Claim {
        id: "wiring.equation-4",
        source: "wiring, Eq. 4, section 4, for SNAS at its discrete limit (DSNAS)",
        hypotheses: &[
            "Z_{i,j} ∼ p_α one-hot",
            "C(Z_{i,j}) = ∂𝓛/∂Z_{i,j}^s at the sample, a constant for the derivative by α",
        ],
        printed: Statement::holds(
            "E_{p(Z)}[∇_α log p(Z_{i,j}) [C(Z_{i,j})]_c] = ∂/∂α_{i,j} E_{Z_{i,j} ∼ p(Z_{i,j})}[C(Z_{i,j})]",
            Check::new(edges(), measure(true)),
        ),
        corrected: None,
        control: Some(Control::new("the score e_k without −p", Check::new(edges(), measure(false)))),
        proof: include_str!("../../../proofs/wiring/equation-4.md"),
    }
}

fn equation_4_darts() -> Claim {
    let measure = |cost: fn(&Edge) -> Vec<f64>| {
        move |case: &Edge| {
            let gates = case.softmax();
            Measure::vectors(&case.total_slopes(), &library(&gates, &cost(case)), case.size(), 8 * OPERATIONS)
                .with_vector("gates", &gates)
        }
    };
    Claim {
        id: "wiring.equation-4-darts",
        source: "wiring, Eq. 4, section 4, for DARTS",
        hypotheses: &[
            "Ẑ = softmax(α) = p(Z)",
            "C(Z_{i,j}) = ∂𝓛/∂Z_{i,j}^s at the one-hot Z over which the expectation runs",
        ],
        printed: Statement::refuted(
            "Seeing the consistency in these gradients, we reformulate architecture optimization in existing differentiable NAS frameworks as a local cost optimization with: ∂/∂α_{i,j} E_{Z_{i,j}∼p(Z_{i,j})}[C(Z_{i,j})], C(Z_{i,j}) = ∂𝓛/∂Z_{i,j}^s",
            Check::new(edges(), measure(selected_costs)),
        ),
        corrected: Some(Statement::holds(
            "∂𝓛^DARTS/∂α_{i,j} = Σ_k ∂p(Z^k)/∂α_{i,j} C_k(Ẑ) with all costs at the mixture Ẑ; the same as Eq. 4 only where the loss is affine in the gates of the edge",
            Check::new(edges(), measure(|case| case.cost(&case.softmax()))),
        )),
        control: Some(Control::new(
            "all costs at the gates of the most probable operation",
            Check::new(
                edges(),
                measure(|case| {
                    let gates = case.softmax();
                    let top = (0..OPERATIONS).max_by(|&a, &b| gates[a].total_cmp(&gates[b])).unwrap_or(0);
                    case.cost(&Edge { sampled: top, ..case.clone() }.one_hot())
                }),
            ),
        )),
        proof: include_str!("../../../proofs/wiring/equation-4-darts.md"),
    }
}

/// Gates $p_k\sim t\,w_k$ for all but the sampled operation, and a loss whose cost there is $0$ for it, $1$ and $2$ for the others.
fn proxyless(case: &Edge, wrong: bool) -> Measure {
    let vertex = case.one_hot();
    let change = |z: &[f64]| {
        let (a, b) = (case.cost(z), case.cost(&vertex));
        a.into_iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>()
    };
    // Costs that differ, so that something is kept: what the slope of the loss can always bring about is written down here.
    let at_vertex: Vec<f64> = (0..OPERATIONS).map(|k| ((k + OPERATIONS - case.sampled) % OPERATIONS) as f64).collect();
    let other = Edge { sampled: (case.sampled + 1) % OPERATIONS, ..case.clone() }.one_hot();
    let cost = |z: &[f64]| change(z).into_iter().zip(&at_vertex).map(|(d, c)| c + d).collect::<Vec<_>>();
    let points: Vec<LimitPoint> = (4..12)
        .map(|i| {
            let t = 0.5f64.powi(i);
            let weights: Vec<f64> =
                (0..OPERATIONS).map(|k| if k == case.sampled { 1.0 } else { t * case.logits[k].exp() }).collect();
            let total: f64 = weights.iter().sum();
            let soft: Vec<f64> = weights.iter().map(|w| w / total).collect();
            let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
            let exact = pulled(&soft, &cost(&soft), true);
            let hard = pulled(&soft, &cost(if wrong { &other } else { &vertex }), true);
            let error: Vec<f64> = exact.iter().zip(&hard).map(|(a, b)| a - b).collect();
            let rounding = 24.0 * f64::EPSILON * t * (case.size() + 8.0);
            LimitPoint { t, error: norm(&error), kept: norm(&hard), rounding }
        })
        .collect();
    Measure::limit(&points)
}

fn section_4_proxyless() -> Claim {
    Claim {
        id: "wiring.section-4-proxyless",
        source: "wiring, the display of ProxylessNAS above Eq. 4, section 4; appendix B.2",
        hypotheses: &[
            "≈ in the limit in which the relaxation becomes its sample, Ẑ → Z",
            "the costs at Z differ, so that something is kept",
        ],
        printed: Statement::holds(
            "∂𝓛/∂α_{i,j} = ∂𝓛/∂Ẑ_{i,j} ∂Ẑ_{i,j}/∂α_{i,j} ≈ Σ_k [∂𝓛/∂Z_{i,j}^k]_c ∂Ẑ_{i,j}^k/∂α_{i,j} = ∂Ẑ_{i,j}/∂α_{i,j} C(Z_{i,j})",
            Check::new(edges(), |case| proxyless(case, false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the costs at another operation than the sampled one",
            Check::new(edges(), |case| proxyless(case, true)),
        )),
        proof: include_str!("../../../proofs/wiring/section-4-proxyless.md"),
    }
}

/// Uniform variables and a temperature in eighths.
#[derive(Debug, Clone, Serialize)]
struct Relaxed {
    alpha: Vec<f64>,
    uniform: Vec<f64>,
    temperature: f64,
}

fn relaxed() -> impl Strategy<Value = Relaxed> + Send + Sync {
    (vec(strategies::fraction(), 4), vec((1u8..9).prop_map(|k| f64::from(k) / 9.0), 4), strategies::fraction())
        .prop_map(|(alpha, uniform, temperature)| Relaxed { alpha, uniform, temperature })
}

/// Both displays against the library's softmax of the same logits; the temperature of the noise dropped if not `divided`.
fn gumbel(case: &Relaxed, divided: bool) -> Measure {
    let noise: Vec<f64> = case.uniform.iter().map(|u| -(-u.ln()).ln()).collect();
    let compare = |noise: &[f64]| {
        let argument = |k: usize| case.alpha[k].ln() + noise[k];
        let logits = Array2::from_shape_fn((1, 4), |(_, k)| argument(k) / case.temperature);
        let seen: Vec<f64> = softmax::gates(&logits).iter().copied().collect();
        // α^{1/λ}e^{G/λ}, multiplied out.
        let power = if divided { 1.0 / case.temperature } else { 1.0 };
        let weight = |k: usize| case.alpha[k].powf(1.0 / case.temperature) * (noise[k] * power).exp();
        let total: f64 = (0..4).map(weight).sum();
        let literal: Vec<f64> = (0..4).map(|k| weight(k) / total).collect();
        let largest = logits.iter().fold(1.0f64, |m, x| m.max(x.abs()));
        Measure::vectors(&seen, &literal, 1.0 + largest / case.temperature, 4)
    };
    compare(&[0.0; 4]).and(compare(&noise))
}

fn section_2_2_gumbel() -> Claim {
    Claim {
        id: "wiring.section-2.2-gumbel",
        source: "wiring, the display before section 2.3",
        hypotheses: &["α positive, λ positive, U in (0, 1)"],
        printed: Statement::defines(
            "Ẑ^k = e^{(log α^k)/λ}/Σ_l e^{(log α^l)/λ}, Z̃^k = e^{(log α^k + G^k)/λ}/Σ_l e^{(log α^l + G^l)/λ}, G^k = −log(−log(U^k))",
            Check::new(relaxed(), |case| gumbel(case, true)),
        ),
        corrected: None,
        control: Some(Control::new("the noise not divided by λ", Check::new(relaxed(), |case| gumbel(case, false)))),
        proof: include_str!("../../../proofs/wiring/section-2.2-gumbel.md"),
    }
}

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

fn section_4_snas() -> Claim {
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

fn section_4_dsnas() -> Claim {
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

/// Losses of every pair of operations on two edges, and their probabilities.
#[derive(Debug, Clone, Serialize)]
struct Table {
    losses: Vec<Vec<f64>>,
    first: Vec<f64>,
    second: Vec<f64>,
}

fn equation_2() -> Claim {
    let strategy = || {
        (vec(strategies::integers(2), 3), vec(strategies::fraction(), 3), vec(strategies::fraction(), 2))
            .prop_map(|(losses, first, second)| Table { losses, first, second })
    };
    let measure = |weighted: bool| {
        move |case: &Table| {
            let gates = |weights: &[f64]| {
                let logits = Array2::from_shape_fn((1, weights.len()), |(_, k)| weights[k].ln());
                softmax::gates(&logits).iter().copied().collect::<Vec<_>>()
            };
            let (p, q) = (gates(&case.first), gates(&case.second));
            let pairs = || (0..3).flat_map(|i| (0..2).map(move |j| (i, j)));
            let weight = |(i, j): (usize, usize)| {
                let whole: f64 = case.first.iter().sum::<f64>() * case.second.iter().sum::<f64>();
                if weighted { case.first[i] * case.second[j] / whole } else { 1.0 / 6.0 }
            };
            let listed: f64 = pairs().map(|(i, j)| weight((i, j)) * case.losses[i][j]).sum();
            let iterated: f64 = (0..3).map(|i| p[i] * (0..2).map(|j| q[j] * case.losses[i][j]).sum::<f64>()).sum();
            Measure::equality(listed, iterated, 4.0, 12)
        }
    };
    Claim {
        id: "wiring.equation-2",
        source: "wiring, Eq. 2, section 2.2",
        hypotheses: &["the edges' operations are drawn independently, as p_α is a product over edges"],
        printed: Statement::defines("E_{Z∼p_α(Z)}[L_θ(Z)]", Check::new(strategy(), measure(true))),
        corrected: None,
        control: Some(Control::new("all architectures alike", Check::new(strategy(), measure(false)))),
        proof: include_str!("../../../proofs/wiring/equation-2.md"),
    }
}

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    vec![
        equation_1(),
        equation_2(),
        section_2_2_gumbel(),
        section_4_snas(),
        section_4_dsnas(),
        section_4_one_hot(),
        section_4_darts(),
        section_4_proxyless(),
        equation_4(),
        equation_4_darts(),
    ]
}
