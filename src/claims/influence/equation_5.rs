#![doc = include_str!("../../../proofs/influence/equation-5.md")]

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{
        self, Check, Claim, Control, Identity, Statement,
        flat::Flat,
        landscape::{self, Landscape},
        strategies,
    },
    enclosure::{Field, Symbolic, Undefined, dot, lift, solve_vector},
};

/// A loss, any weights $\theta^\ast$ at $\alpha=0$, and gates $\hat\alpha$ at which $\hat\theta^\ast$ is stationary for that same loss.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) loss: Landscape,
    /// $\theta^\ast$.
    pub(super) weights: Vec<f64>,
    /// $\hat\alpha$.
    pub(super) gates: Vec<f64>,
}

/// With or without third derivatives.
pub(super) fn cases(bent: bool) -> impl Strategy<Value = Case> {
    (1usize..=3, 1usize..=6).prop_flat_map(move |(p, n)| {
        let slopes = (strategies::integers(n), strategies::integers(p));
        (landscape::optimal(p, n), slopes, landscape::direction(n), strategies::integers(p)).prop_map(
            move |(mut loss, (weight_gradient, gate_gradient), weights, gates)| {
                (loss.weight_gradient, loss.gate_gradient) = (weight_gradient, gate_gradient);
                loss.ridges.truncate(usize::from(bent));
                loss.bend = f64::from(u8::from(bent));
                Case { loss, weights, gates }
            },
        )
    })
}

/// Both sides of Eq. (5).
pub(super) struct Sides {
    /// $\mathcal L(\hat\theta^\ast,\hat\alpha)-\mathcal L(\theta^\ast,\alpha)$.
    pub(super) left: f64,
    /// The printed right-hand side.
    pub(super) right: f64,
    /// $\tfrac12 g^\top H^{-1}g$.
    pub(super) quadratic: f64,
    /// What rounding is relative to.
    pub(super) size: f64,
}

/// Eq. (5) with `halves` of $g^\top H^{-1}g$; weights go from `start` to `end` as $\alpha=0$ becomes `gates`.
pub(super) fn sides(
    loss: &Landscape,
    [start, end]: [&DVector<f64>; 2],
    gates: &DVector<f64>,
    halves: i32,
) -> Option<Sides> {
    let (after, s1) = loss.value(end, gates);
    let (before, s2) = loss.value(start, &(gates * 0.0));
    let (moved, s3) = loss.value(start, gates);
    let g = loss.weight_gradient(start, gates);
    let h = loss.hessian(start, gates);
    let step = h.clone().cholesky()?.solve(&g);
    // The rounding of g, relative to the terms it sums, reaches gᵀH⁻¹g through the step.
    let terms = h.norm() * (start.norm() + end.norm()) + g.norm();
    let size = s1 + s2 + s3 + terms * step.norm();
    let product = g.dot(&step);
    let [left, right] = equation([after, before, moved, product], halves).ok()?;
    Some(Sides { left, right, quadratic: 0.5 * product, size })
}

/// $\mathcal L(\hat\theta^\ast,\hat\alpha)$, $\mathcal L(\theta^\ast,\alpha)$, $\mathcal L(\theta^\ast,\hat\alpha)$ and $g^\top H^{-1}g$ of a quadratic, $g$ and $H$ at $(\theta^\ast,\hat\alpha)$;
/// weights go from `start` to `end` as $\alpha=0$ becomes `gates`.
pub(in crate::claims) fn parts<F: Field>(
    loss: &Flat<F>,
    [start, end]: [&DVector<F>; 2],
    gates: &DVector<F>,
) -> Result<[F; 4], Undefined> {
    let origin = gates.map(|_| F::zero());
    let g = loss.by_weights(start, gates);
    let product = dot(&g, &solve_vector(&loss.hessian, &g)?);
    Ok([loss.value(end, gates)?, loss.value(start, &origin)?, loss.value(start, gates)?, product])
}

/// Both sides of Eq. (5) from its [`parts`], with `halves` of $g^\top H^{-1}g$: $-1$ as printed.
pub(in crate::claims) fn equation<F: Field>(
    [after, before, moved, product]: [F; 4],
    halves: i32,
) -> Result<[F; 2], Undefined> {
    let share = F::integer(halves).over(&F::integer(2))?;
    Ok([after - before.clone(), moved - before + share * product])
}

/// Eq. (5) with so many halves.
struct Discretised {
    halves: i32,
}

impl Identity for Discretised {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<claims::Sides<F>, Undefined> {
        let (loss, start, gates) = (case.loss.quadratic()?, lift::<F>(&case.weights)?, lift(&case.gates)?);
        let parts = parts(&loss, [&start, &loss.minimiser(&gates)?], &gates)?;
        Ok(vec![equation(parts, self.halves)?])
    }
}

/// What the instances are, for a reader.
pub(in crate::claims) const OVER: &str = "quadratics with integer coefficients, integer weights and gates";

/// Eq. (5) where third and higher derivatives are exactly zero: an equality.
pub fn claim() -> Claim {
    let check = |halves| Check::identity(OVER, cases(false), Discretised { halves });
    Claim {
        id: "influence.equation-5",
        source: "influence, Eq. (5), Theorem 1, section 3",
        hypotheses: &[
            "third and higher derivatives of 𝓛 zero",
            "∂𝓛(θ̂*, α̂)/∂θ = 0 for the same loss 𝓛 whose change is estimated; θ* arbitrary",
            "∂²𝓛/∂θ∂θ nonsingular (here positive definite)",
        ],
        printed: Statement::holds(
            "Δ𝓛 = 𝓛(θ̂*, α̂) − 𝓛(θ*, α) ≈ 𝓛(θ*, α̂) − 𝓛(θ*, α) − 1/2 ∂𝓛(θ*, α̂)/∂θᵀ [∂²𝓛(θ*, α̂)/∂θ∂θ]⁻¹ ∂𝓛(θ*, α̂)/∂θ",
            check(-1),
        ),
        corrected: None,
        control: Some(Control::new("+1/2 instead of −1/2", check(1))),
        proof: include_str!("../../../proofs/influence/equation-5.md"),
    }
}
