#![doc = include_str!("../../../proofs/influence/section-2-quadratic.md")]

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use super::expansion::{Kind, Nudge, nudges};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement, strategies},
    enclosure::{Dual, Field, Symbolic, Undefined, dot, lift},
};

/// A loss, and a point with a direction: the gates and the weights themselves.
#[derive(Debug, Clone, Serialize)]
struct Case {
    along: Nudge,
    weights: Vec<f64>,
}

/// With a ridge that is to bend it, or without.
fn cases(bent: bool) -> impl Strategy<Value = Case> {
    nudges(Kind { bent, optimal_gates: false }).prop_flat_map(|along| {
        let weights = strategies::integers(along.loss.shape().1);
        (Just(along), weights).prop_map(|(along, weights)| Case { along, weights })
    })
}

/// $\frac{d^3}{dt^3}$ of the loss, and of the cube of each ridge's argument, from a point in the direction of itself against 0.
///
/// The point is any, and so is the direction; third derivatives are known from those along all directions.
struct Third;

impl Identity for Third {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let time: Dual<Dual<Dual<F>>> = Dual::variable(Dual::variable(Dual::variable(F::one())));
        let moved = |x: &[f64]| Ok::<_, Undefined>(lift::<Dual<Dual<Dual<F>>>>(x)?.map(|x| x * time.clone()));
        let (theta, alpha) = (moved(&case.weights)?, moved(&case.along.direction)?);
        let loss = &case.along.loss;
        let cube = |ridge: &crate::claims::landscape::Ridge| {
            let argument = |u: &[f64], x: &DVector<Dual<Dual<Dual<F>>>>| Ok::<_, Undefined>(dot(&lift(u)?, x));
            Ok::<_, Undefined>((argument(&ridge.weights, &theta)? + argument(&ridge.gates, &alpha)?).power(3))
        };
        let cubes = loss.ridges.iter().map(cube).collect::<Result<Vec<_>, _>>()?;
        let value = cubes.into_iter().fold(loss.quadratic()?.value(&theta, &alpha)?, |sum, cube| sum + cube);
        Ok(vec![[value.slope.slope.slope, F::zero()]])
    }
}

/// Quadratic losses.
pub fn claim() -> Claim {
    let check =
        |bent| Check::identity("losses with integer coefficients, integer points and directions", cases(bent), Third);
    Claim {
        id: "influence.section-2-quadratic",
        source: "influence, 'For the quadratic loss', section 2",
        hypotheses: &[
            "a loss that is quadratic in weights and gates; third derivatives at any point along any direction",
        ],
        printed: Statement::holds(
            "For the quadratic loss, the third-order derivatives of the loss are zero or very small",
            check(false),
        ),
        corrected: None,
        control: Some(Control::new("the cube of a linear function added", check(true))),
        proof: include_str!("../../../proofs/influence/section-2-quadratic.md"),
    }
}
