#![doc = include_str!("../../../proofs/wiring/equation-4.md")]
#![doc = include_str!("../../../proofs/wiring/equation-4-darts.md")]

use super::edge::{Edge, OPERATIONS, OVER, edges, pairs, pulled};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, inner, sum},
};

/// $\mathbb E_Z\lbrack\nabla\log p(Z)\,c(Z)\rbrack$, the score $e_k-p$, against $\nabla_\alpha\sum_kp_kc_k$ with the costs held; the score without $-p$ if not `centred`.
struct Local {
    centred: bool,
}

impl Identity for Local {
    type Case = Edge;

    fn sides<F: Symbolic>(&self, edge: &Edge) -> Result<Sides<F>, Undefined> {
        let (p, cost) = (edge.softmax::<F>()?, edge.selected_costs::<F>()?);
        let by_logit = |l: usize| {
            let mean = if self.centred { p[l].clone() } else { F::zero() };
            let score = |k: usize| if k == l { F::one() - mean.clone() } else { -mean.clone() };
            let left = sum((0..OPERATIONS).map(|k| p[k].clone() * score(k) * cost[k].clone()));
            let slopes: Vec<F> = edge.softmax_along(l)?.into_iter().map(|z| z.slope).collect();
            Ok([left, inner(&slopes, &cost)])
        };
        (0..OPERATIONS).map(by_logit).collect()
    }
}

/// Eq. 4: architecture optimisation as local cost minimisation.
pub fn claim() -> Claim {
    let check = |centred| Check::identity(OVER, edges(), Local { centred });
    Claim {
        id: "wiring.equation-4",
        source: "wiring, Eq. 4, section 4, for SNAS at its discrete limit (DSNAS)",
        hypotheses: &[
            "Z_{i,j} ∼ p_α one-hot",
            "C(Z_{i,j}) = ∂𝓛/∂Z_{i,j}^s at the sample, a constant for the derivative by α",
        ],
        printed: Statement::holds(
            "E_{p(Z)}[∇_α log p(Z_{i,j}) [C(Z_{i,j})]_c] = ∂/∂α_{i,j} E_{Z_{i,j} ∼ p(Z_{i,j})}[C(Z_{i,j})]",
            check(true),
        ),
        corrected: None,
        control: Some(Control::new("the score e_k without −p", check(false))),
        proof: include_str!("../../../proofs/wiring/equation-4.md"),
    }
}

/// Which costs stand beside $\partial p/\partial\alpha$.
enum Costs {
    /// Each at its own one-hot gates.
    Selected,
    /// All at the mixture.
    Mixture,
    /// All at the gates of the operation of the largest logit.
    MostProbable,
}

/// DARTS's gradient against $\sum_k\frac{\partial p_k}{\partial\alpha}c_k$.
impl Identity for Costs {
    type Case = Edge;

    fn sides<F: Symbolic>(&self, edge: &Edge) -> Result<Sides<F>, Undefined> {
        let gates = edge.softmax::<F>()?;
        let cost = match self {
            Self::Selected => edge.selected_costs()?,
            Self::Mixture => edge.cost(&gates)?,
            Self::MostProbable => {
                let top = (0..OPERATIONS).max_by(|&a, &b| edge.logits[a].total_cmp(&edge.logits[b])).unwrap_or(0);
                edge.cost(&edge.sampling(top).one_hot::<F>())?
            }
        };
        Ok(pairs(edge.total_slopes()?, pulled(&gates, &cost, true)).collect())
    }
}

/// Eq. 4 and DARTS.
pub fn darts() -> Claim {
    let check = |costs| Check::identity(OVER, edges(), costs);
    Claim {
        id: "wiring.equation-4-darts",
        source: "wiring, Eq. 4, section 4, for DARTS",
        hypotheses: &[
            "Ẑ = softmax(α) = p(Z)",
            "C(Z_{i,j}) = ∂𝓛/∂Z_{i,j}^s at the one-hot Z over which the expectation runs",
        ],
        printed: Statement::refuted(
            "Seeing the consistency in these gradients, we reformulate architecture optimization in existing differentiable NAS frameworks as a local cost optimization with: ∂/∂α_{i,j} E_{Z_{i,j}∼p(Z_{i,j})}[C(Z_{i,j})], C(Z_{i,j}) = ∂𝓛/∂Z_{i,j}^s",
            check(Costs::Selected),
        ),
        corrected: Some(Statement::holds(
            "∂𝓛^DARTS/∂α_{i,j} = Σ_k ∂p(Z^k)/∂α_{i,j} C_k(Ẑ) with all costs at the mixture Ẑ; the same as Eq. 4 only where the loss is affine in the gates of the edge",
            check(Costs::Mixture),
        )),
        control: Some(Control::new(
            "all costs at the gates of the most probable operation",
            check(Costs::MostProbable),
        )),
        proof: include_str!("../../../proofs/wiring/equation-4-darts.md"),
    }
}
