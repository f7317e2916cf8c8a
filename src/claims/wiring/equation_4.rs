#![doc = include_str!("../../../proofs/wiring/equation-4.md")]
#![doc = include_str!("../../../proofs/wiring/equation-4-darts.md")]

use num_dual::{Dual64, DualNum};

use super::edge::{Edge, OPERATIONS, edges, library};
use crate::claims::{Check, Claim, Control, Measure, Statement};

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

/// Eq. 4: architecture optimisation as local cost minimisation.
pub fn claim() -> Claim {
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

/// Eq. 4 and DARTS.
pub fn darts() -> Claim {
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
