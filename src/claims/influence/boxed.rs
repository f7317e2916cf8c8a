//! A cubic on a box, with the constants of Assumptions 1–3 in closed form: what Corollary 1 is decided on.
//!
//! $$\mathcal L(\theta,\alpha)=\tfrac12\lambda_0\theta^2+m\,\theta\alpha+\tfrac c6\theta^3,\qquad |\theta|\le r,\ |\alpha|\le r,$$
//! one weight, one gate, $c>0$ and $c\,r\le\lambda_0/2$, so that the curvature $\lambda_0+c\theta$ stays positive on the box.

use proptest::prelude::*;
use serde::Serialize;

use crate::claims::strategies;

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
pub(super) struct Constants {
    /// $C_f$: Lipschitz in $\theta$.
    pub(super) in_weights: f64,
    /// $C_L$: Lipschitz in $\alpha$.
    pub(super) in_gates: f64,
    /// $C_H$: the Lipschitz constant of the Hessian, which is also $\max\lvert\partial^3\mathcal L/\partial\theta^3\rvert$.
    pub(super) hessian: f64,
    /// $\lambda$: the strong convexity in $\theta$, which is also the smallest singular value of the Hessian.
    pub(super) convexity: f64,
    /// $C_a$: the bound of the mixed derivative.
    pub(super) cross: f64,
}

impl Boxed {
    /// $\mathcal L(\theta,\alpha)$.
    pub(super) fn loss(&self, theta: f64, alpha: f64) -> f64 {
        0.5 * self.curvature * theta * theta + self.mixed * theta * alpha + self.third * theta.powi(3) / 6.0
    }

    /// $\partial\mathcal L/\partial\theta$.
    pub(super) fn gradient(&self, theta: f64, alpha: f64) -> f64 {
        self.curvature * theta + self.mixed * alpha + 0.5 * self.third * theta * theta
    }

    /// $\partial^2\mathcal L/\partial\theta^2$.
    pub(super) fn hessian(&self, theta: f64) -> f64 {
        self.curvature + self.third * theta
    }

    /// $\sum|\text{terms}|$ of the loss and its derivatives anywhere on the box.
    pub(super) fn size(&self) -> f64 {
        self.curvature + self.mixed + self.third
    }

    /// $\theta^\ast(\alpha)$: the root of the gradient near 0, in the form that does not cancel.
    pub(super) fn minimiser(&self, alpha: f64) -> f64 {
        let slope = self.mixed * alpha;
        -2.0 * slope / (self.curvature + (self.curvature * self.curvature - 2.0 * self.third * slope).sqrt())
    }

    /// The largest $|\alpha|$ for which $\theta^\ast(\alpha)$, and the Newton step towards it, stay on the box.
    pub(super) fn reach(&self) -> f64 {
        self.radius.min(self.radius * self.constants().convexity / self.mixed)
    }

    /// Each maximum is attained at a corner.
    pub(super) fn constants(&self) -> Constants {
        let r = self.radius;
        Constants {
            in_weights: self.curvature * r + self.mixed * r + 0.5 * self.third * r * r,
            in_gates: self.mixed * r,
            hessian: self.third,
            convexity: self.curvature - self.third * r,
            cross: self.mixed,
        }
    }
}

/// A box with two points of it, as fractions of the radius in eighths.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Pairs {
    pub(super) on: Boxed,
    /// $\theta_1,\theta_2,\alpha_1,\alpha_2$.
    pub(super) points: [f64; 4],
}

/// Boxes with the corners and two points between.
pub(super) fn pairs() -> impl Strategy<Value = Pairs> {
    (boxes(), [-8i8..=8, -8i8..=8, -8i8..=8, -8i8..=8]).prop_map(|(on, eighths)| {
        let points = eighths.map(|k| f64::from(k) / 8.0 * on.radius);
        Pairs { on, points }
    })
}
