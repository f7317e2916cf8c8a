#![doc = include_str!("../../../proofs/influence/equation-1.md")]

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{
        Check, Claim, Control, Decision, Identity, Sides, Statement, Verdict,
        landscape::{self, Landscape},
        strategies,
    },
    enclosure::{Field, Symbolic, Undefined, dot, identity, lift, solve, solve_vector},
};

/// A training loss, and a validation loss $\tfrac12\lVert\theta-\tau\rVert^2+\tfrac12\lVert\alpha-a\rVert^2$.
#[derive(Debug, Clone, Serialize)]
struct Case {
    training: Landscape,
    /// $\tau$.
    weights: Vec<f64>,
    /// $a$.
    gates: Vec<f64>,
    /// A competitor: a displacement of the weights.
    weight_step: Vec<f64>,
    /// A competitor: a displacement of the gates.
    gate_step: Vec<f64>,
}

fn cases() -> impl Strategy<Value = Case> {
    (1usize..=3, 1usize..=6).prop_flat_map(|(p, n)| {
        let displacements = (strategies::integers(n), strategies::integers(p));
        let losses = (landscape::optimal(p, n), strategies::integers(n));
        (losses, strategies::integers(n), strategies::integers(p), displacements).prop_map(
            |((training, weight_gradient), weights, gates, (weight_step, gate_step))| Case {
                training: Landscape { ridges: Vec::new(), weight_gradient, ..training.with_bend(0.0) },
                weights,
                gates,
                weight_step,
                gate_step,
            },
        )
    })
}

/// How the weights follow the gates when $\alpha$ is chosen.
#[derive(Clone, Copy)]
enum Chosen {
    /// $\theta^\ast(\alpha)$.
    Following,
    /// Held fixed, as if $d\theta^\ast/d\alpha=0$.
    Fixed,
}

fn norm_squared<F: Field>(x: &DVector<F>) -> F {
    dot(x, x)
}

/// By how much a competitor is worse than what either arg min of Eq. (1) names, against a square: $\tfrac12\delta^\top H\delta$ for other weights, and
/// $\tfrac12\lVert Js\rVert^2+\tfrac12\lVert s\rVert^2$, $J=d\theta^\ast/d\alpha$, for other gates with weights of their own.
impl Identity for Chosen {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let half = F::one().over(&F::integer(2))?;
        let (tau, a) = (lift::<F>(&case.weights)?, lift::<F>(&case.gates)?);
        let training = case.training.quadratic::<F>()?;
        let jacobian = -solve(&training.hessian, &training.cross.transpose())?;
        let outer = |alpha: &DVector<F>| {
            let missed = training.minimiser(alpha)? - &tau;
            Ok::<F, Undefined>(half.clone() * (norm_squared(&missed) + norm_squared(&(alpha - &a))))
        };
        // θ*(α) = θ*(0) + Jα: the outer problem is linear least squares in α.
        let alpha = match self {
            Self::Following => {
                let start = training.minimiser(&a.map(|_| F::zero()))?;
                let normal = identity::<F>(a.len()) + jacobian.transpose() * &jacobian;
                solve_vector(&normal, &(&a + jacobian.transpose() * (&tau - start)))?
            }
            Self::Fixed => a.clone(),
        };
        let (theta, beside) = (training.minimiser(&alpha)?, lift::<F>(&case.weight_step)?);
        let inner = training.value(&(&theta + &beside), &alpha)? - training.value(&theta, &alpha)?;
        let step = lift::<F>(&case.gate_step)?;
        let excess = outer(&(&alpha + &step))? - outer(&alpha)?;
        let moved = &jacobian * &step;
        Ok(vec![
            [inner, half.clone() * dot(&beside, &(&training.hessian * &beside))],
            [excess, half * (norm_squared(&moved) + norm_squared(&step))],
        ])
    }
}

/// Eq. (1): the bilevel problem.
pub fn claim() -> Claim {
    let check = |chosen| Check::identity("quadratics with integer coefficients and competitors", cases(), chosen);
    Claim {
        id: "influence.equation-1",
        source: "influence, Eq. (1), section 2",
        hypotheses: &["both minima exist and are unique (here: strongly convex quadratics)"],
        printed: Statement {
            text: "min_α 𝓛_val(θ*(α), α) s.t. θ*(α) = argmin_θ 𝓛_train(θ, α)",
            decision: Decision::Definition(check(Chosen::Following)),
            expected: Verdict::Definition,
        },
        corrected: None,
        control: Some(Control {
            description: "α minimising 𝓛_val at fixed weights, as first-order DARTS does",
            check: check(Chosen::Fixed),
        }),
        proof: include_str!("../../../proofs/influence/equation-1.md"),
    }
}
