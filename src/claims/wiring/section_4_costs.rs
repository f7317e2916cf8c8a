#![doc = include_str!("../../../proofs/wiring/section-4-one-hot.md")]
#![doc = include_str!("../../../proofs/wiring/section-4-darts.md")]
#![doc = include_str!("../../../proofs/wiring/section-4-proxyless.md")]

use super::edge::{Edge, OPERATIONS, edges, library, pulled};
use crate::claims::{Check, Claim, Control, LimitPoint, Measure, Statement};

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

/// The cost is the derivative by the sampled gate.
pub fn one_hot_claim() -> Claim {
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

fn darts(case: &Edge, whole: bool) -> Measure {
    let (gates, n) = (case.softmax(), 8 * OPERATIONS);
    let (cost, slopes) = (case.cost(&gates), case.gate_slopes(&gates));
    let vectors = |a: &[f64], b: &[f64]| Measure::vectors(a, b, case.size(), n);
    vectors(&cost, &slopes)
        .and(vectors(&case.total_slopes(), &pulled(&gates, &cost, whole)))
        .and(vectors(&library(&gates, &slopes), &pulled(&gates, &cost, whole)))
}

/// DARTS.
pub fn darts_claim() -> Claim {
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

/// ProxylessNAS.
pub fn proxyless_claim() -> Claim {
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
