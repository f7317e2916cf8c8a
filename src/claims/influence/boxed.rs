//! A cubic on a box, with the constants of Assumptions 1–3 in closed form: what Corollary 1 is decided on.
//!
//! $$\mathcal L(\theta,\alpha)=\tfrac12\lambda_0\theta^2+m\,\theta\alpha+\tfrac c6\theta^3,\qquad |\theta|\le r,\ |\alpha|\le r,$$
//! one weight, one gate, $c>0$ and $c\,r\le\lambda_0/2$, so that the curvature $\lambda_0+c\theta$ stays positive on the box.

use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::strategies,
    enclosure::{Field, Undefined},
};

/// The cubic and its box.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Boxed {
    /// $\lambda_0$.
    pub(super) curvature: f64,
    /// $m$.
    pub(super) mixed: f64,
    /// $c$.
    pub(super) third: f64,
    /// $r$.
    pub(super) radius: f64,
}

/// Radii of $\tfrac18,\tfrac14,\tfrac12,1$.
pub(super) fn boxes() -> impl Strategy<Value = Boxed> {
    (1u8..=4, 1u8..=4, strategies::fraction(), 0i32..=3).prop_map(|(curvature, mixed, share, octaves)| {
        let radius = 0.5f64.powi(octaves);
        let curvature = f64::from(curvature);
        Boxed { curvature, mixed: f64::from(mixed), third: 0.5 * share * curvature / radius, radius }
    })
}

/// The smallest constants that satisfy Assumptions 1–3 on the box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Constants<F> {
    /// $C_f$: Lipschitz in $\theta$.
    pub(super) in_weights: F,
    /// $C_L$: Lipschitz in $\alpha$.
    pub(super) in_gates: F,
    /// $C_H$: the Lipschitz constant of the Hessian, which is also $\max\lvert\partial^3\mathcal L/\partial\theta^3\rvert$.
    pub(super) hessian: F,
    /// $\lambda$: the strong convexity in $\theta$, which is also the smallest singular value of the Hessian.
    pub(super) convexity: F,
    /// $C_a$: the bound of the mixed derivative.
    pub(super) cross: F,
}

impl Boxed {
    /// The cubic over any field.
    pub(super) fn cubic<F: Field>(&self) -> Result<Cubic<F>, Undefined> {
        Ok(Cubic {
            curvature: F::number(self.curvature)?,
            mixed: F::number(self.mixed)?,
            third: F::number(self.third)?,
            radius: F::number(self.radius)?,
        })
    }

    /// $\theta^\ast(\alpha)$: the root of the gradient near 0, in the form that does not cancel.
    pub(super) fn minimiser(&self, alpha: f64) -> f64 {
        let slope = self.mixed * alpha;
        -2.0 * slope / (self.curvature + (self.curvature * self.curvature - 2.0 * self.third * slope).sqrt())
    }

    /// The largest $|\alpha|$ for which $\theta^\ast(\alpha)$, and the Newton step towards it, stay on the box.
    pub(super) fn reach(&self) -> Result<f64, Undefined> {
        Ok(self.radius.min(self.radius * self.cubic::<f64>()?.constants()?.convexity / self.mixed))
    }
}

/// [`Boxed`] over any field.
#[derive(Debug, Clone)]
pub(super) struct Cubic<F> {
    /// $\lambda_0$.
    pub(super) curvature: F,
    /// $m$.
    pub(super) mixed: F,
    /// $c$.
    pub(super) third: F,
    /// $r$.
    pub(super) radius: F,
}

impl<F: Field> Cubic<F> {
    /// $\mathcal L(\theta,\alpha)$.
    pub(super) fn loss(&self, theta: &F, alpha: &F) -> Result<F, Undefined> {
        let square = (self.curvature.clone() * theta.squared()).over(&F::integer(2))?;
        let cube = (self.third.clone() * theta.power(3)).over(&F::integer(6))?;
        Ok(square + self.mixed.clone() * theta.clone() * alpha.clone() + cube)
    }

    /// $\partial\mathcal L/\partial\theta$.
    pub(super) fn gradient(&self, theta: &F, alpha: &F) -> Result<F, Undefined> {
        let bent = (self.third.clone() * theta.squared()).over(&F::integer(2))?;
        Ok(self.curvature.clone() * theta.clone() + self.mixed.clone() * alpha.clone() + bent)
    }

    /// $\partial^2\mathcal L/\partial\theta^2$.
    pub(super) fn hessian(&self, theta: &F) -> F {
        self.curvature.clone() + self.third.clone() * theta.clone()
    }

    /// Each maximum is attained at a corner.
    pub(super) fn constants(&self) -> Result<Constants<F>, Undefined> {
        let r = self.radius.clone();
        Ok(Constants {
            in_weights: self.gradient(&r, &r)?,
            in_gates: self.mixed.clone() * r.clone(),
            hessian: self.third.clone(),
            convexity: self.hessian(&-r),
            cross: self.mixed.clone(),
        })
    }

    /// A point of the box from its shares of the radius.
    pub(super) fn point<const N: usize>(&self, shares: [f64; N]) -> Result<[F; N], Undefined> {
        let numbers = shares.iter().map(|&x| Ok(F::number(x)? * self.radius.clone())).collect::<Result<Vec<F>, _>>()?;
        Ok(std::array::from_fn(|k| numbers[k].clone()))
    }
}

/// The parameters of all boxes drawn, a share $x$ of the radius for each of two weights, and one for a gate.
pub(super) const BOXES: &[(&str, f64, f64)] = &[
    ("λ_0", 1.0, 4.0),
    ("m", 1.0, 4.0),
    ("c", 0.0, 16.0),
    ("r", 0.125, 1.0),
    ("x_1", -1.0, 1.0),
    ("x_2", -1.0, 1.0),
    ("z", -1.0, 1.0),
];

/// A box with two points of it, as shares of the radius in eighths.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Pairs {
    pub(super) on: Boxed,
    /// $x_1,x_2$ and $z_1,z_2$: $\theta_i=x_ir$, $\alpha_i=z_ir$.
    pub(super) shares: [f64; 4],
}

/// Boxes with the corners and two points between.
pub(super) fn pairs() -> impl Strategy<Value = Pairs> {
    (boxes(), [-8i8..=8, -8i8..=8, -8i8..=8, -8i8..=8])
        .prop_map(|(on, eighths)| Pairs { on, shares: eighths.map(|k| f64::from(k) / 8.0) })
}

/// What the instances of an identity about them are, for a reader.
pub(super) const OVER: &str = "cubics on boxes, coefficients and points dyadic fractions";
