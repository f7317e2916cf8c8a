#![doc = include_str!("../../../proofs/wiring/section-4-one-hot.md")]
#![doc = include_str!("../../../proofs/wiring/section-4-darts.md")]
#![doc = include_str!("../../../proofs/wiring/section-4-proxyless.md")]

use super::edge::{Edge, OPERATIONS, OVER, edges, pairs, pulled};
use crate::{
    claims::{Check, Claim, Control, Identity, LimitPoint, Measure, Sides, Statement},
    enclosure::{Symbolic, Undefined, inner},
};

/// $C=\sum_k\frac{\partial\mathcal L}{\partial x_j}O_kZ_k$ against $\frac{\partial\mathcal L}{\partial x_j^i}x_j^i$ and $\partial\mathcal L/\partial Z^s$, at one-hot gates or, if `softened`, at a softmax.
struct OneHot {
    softened: bool,
}

impl Identity for OneHot {
    type Case = Edge;

    fn sides<F: Symbolic>(&self, edge: &Edge) -> Result<Sides<F>, Undefined> {
        let gates = if self.softened { edge.softmax::<F>()? } else { edge.one_hot() };
        let product = inner(&edge.cotangent(&gates)?, &edge.map(&gates)?);
        let slope = edge.gate_slopes(&gates)?[edge.sampled].clone();
        Ok(vec![[inner(&edge.cost(&gates)?, &gates), product.clone()], [product, slope]])
    }
}

/// The cost is the derivative by the sampled gate.
pub fn one_hot_claim() -> Claim {
    let check = |softened| Check::identity(OVER, edges(), OneHot { softened });
    Claim {
        id: "wiring.section-4-one-hot",
        source: "wiring, the display of C(Z_{i,j}) after that of DSNAS, section 4",
        hypotheses: &[
            "Z_{i,j} one-hot, s the selected operation",
            "x_j^i what edge (i, j) adds to node j, so that ∂𝓛/∂x_j^i = ∂𝓛/∂x_j",
        ],
        printed: Statement::holds(
            "C(Z_{i,j}) = Σ_k ∂𝓛/∂x_j O_{i,j}^k(x_i) Z_{i,j}^k = ∂𝓛/∂x_j^i x_j^i = ∂𝓛/∂Z_{i,j}^s",
            check(false),
        ),
        corrected: None,
        control: Some(Control::new("softmax gates in place of one-hot ones", check(true))),
        proof: include_str!("../../../proofs/wiring/section-4-one-hot.md"),
    }
}

/// The derivative by $\alpha$ against each product of the display, and with the Jacobian of the softmax written out, without its second part unless `whole`.
struct Darts {
    whole: bool,
}

impl Identity for Darts {
    type Case = Edge;

    fn sides<F: Symbolic>(&self, edge: &Edge) -> Result<Sides<F>, Undefined> {
        let gates = edge.softmax::<F>()?;
        let (g, cost, slopes) = (edge.cotangent(&gates)?, edge.cost(&gates)?, edge.gate_slopes(&gates)?);
        let total = edge.total_slopes::<F>()?;
        let mut out: Sides<F> = pairs(total.clone(), pulled(&gates, &cost, self.whole)).collect();
        for (l, total) in total.into_iter().enumerate() {
            let moved = edge.softmax_along::<F>(l)?;
            let node: Vec<F> = edge.map(&moved)?.into_iter().map(|x| x.slope).collect();
            let gates: Vec<F> = moved.into_iter().map(|z| z.slope).collect();
            for product in [inner(&g, &node), inner(&cost, &gates), inner(&slopes, &gates)] {
                out.push([total.clone(), product]);
            }
        }
        Ok(out)
    }
}

/// DARTS.
pub fn darts_claim() -> Claim {
    let check = |whole| Check::identity(OVER, edges(), Darts { whole });
    Claim {
        id: "wiring.section-4-darts",
        source: "wiring, the display of DARTS above Eq. 4, section 4; appendix B.1",
        hypotheses: &["Ẑ = softmax(α), edge by edge", "C(Ẑ) = ∂𝓛/∂Ẑ one number an operation"],
        printed: Statement::holds(
            "∂𝓛/∂α_{i,j} = (∂𝓛/∂x_j)(∂x_j/∂α_{i,j}) = [∂𝓛/∂x_j O_{i,j}(x_i)]_c ∂Ẑ_{i,j}/∂α_{i,j} = [∂𝓛/∂Ẑ_{i,j}]_c ∂Ẑ_{i,j}/∂α_{i,j} = ∂Ẑ_{i,j}/∂α_{i,j} C(Ẑ_{i,j})",
            check(true),
        ),
        corrected: None,
        control: Some(Control::new("the Jacobian's diagonal part diag(Ẑ) alone", check(false))),
        proof: include_str!("../../../proofs/wiring/section-4-darts.md"),
    }
}

/// Gates $p_k\sim t\,w_k$ for all but the sampled operation, and a loss whose cost there is $0$ for it, $1$ and $2$ for the others.
fn proxyless(case: &Edge, wrong: bool) -> Result<Measure, Undefined> {
    let vertex = case.one_hot::<f64>();
    // Costs that differ, so that something is kept: what the slope of the loss can always bring about is written down here.
    let at_vertex: Vec<f64> = (0..OPERATIONS).map(|k| ((k + OPERATIONS - case.sampled) % OPERATIONS) as f64).collect();
    let other = case.sampling((case.sampled + 1) % OPERATIONS).one_hot::<f64>();
    let start = case.cost(&vertex)?;
    let cost = |z: &[f64]| -> Result<Vec<f64>, Undefined> {
        Ok(pairs(case.cost(z)?, start.clone()).zip(&at_vertex).map(|([a, b], c)| c + (a - b)).collect())
    };
    let points: Vec<LimitPoint> = (4..12)
        .map(|i| {
            let t = 0.5f64.powi(i);
            let weights: Vec<f64> =
                (0..OPERATIONS).map(|k| if k == case.sampled { 1.0 } else { t * case.logits[k].exp() }).collect();
            let total: f64 = weights.iter().sum();
            let soft: Vec<f64> = weights.iter().map(|w| w / total).collect();
            let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
            let exact = pulled(&soft, &cost(&soft)?, true);
            let hard = pulled(&soft, &cost(if wrong { &other } else { &vertex })?, true);
            let error: Vec<f64> = exact.iter().zip(&hard).map(|(a, b)| a - b).collect();
            let rounding = 24.0 * f64::EPSILON * t * (case.size() + 8.0);
            Ok(LimitPoint { t, error: norm(&error), kept: norm(&hard), rounding })
        })
        .collect::<Result<_, Undefined>>()?;
    Ok(Measure::limit(&points))
}

/// ProxylessNAS.
pub fn proxyless_claim() -> Claim {
    let check = |wrong| Check::new(edges(), move |case| proxyless(case, wrong).unwrap_or(Measure::truth(false)));
    Claim {
        id: "wiring.section-4-proxyless",
        source: "wiring, the display of ProxylessNAS above Eq. 4, section 4; appendix B.2",
        hypotheses: &[
            "≈ in the limit in which the relaxation becomes its sample, Ẑ → Z",
            "the costs at Z differ, so that something is kept",
        ],
        printed: Statement::holds(
            "∂𝓛/∂α_{i,j} = ∂𝓛/∂Ẑ_{i,j} ∂Ẑ_{i,j}/∂α_{i,j} ≈ Σ_k [∂𝓛/∂Z_{i,j}^k]_c ∂Ẑ_{i,j}^k/∂α_{i,j} = ∂Ẑ_{i,j}/∂α_{i,j} C(Z_{i,j})",
            check(false),
        ),
        corrected: None,
        control: Some(Control::new("the costs at another operation than the sampled one", check(true))),
        proof: include_str!("../../../proofs/wiring/section-4-proxyless.md"),
    }
}
