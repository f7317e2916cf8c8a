//! Bounds on what the predictions drop.
//!
//! Let $F(\Delta)=L(\theta+\Delta,\hat Z)-L(\theta,\hat Z)$ and $Q(\Delta)=g^\top\Delta+\frac12\Delta^\top H\Delta$. Two hypotheses on the third derivative are used:
//!
//! - *bounded*: $|D^3L[v,v,v]|\le T\lVert v\rVert^3$ everywhere on the segment. Then $|F(\Delta)-Q(\Delta)|\le\frac T6\lVert\Delta\rVert^3$ (Taylor).
//! - *generalised self-concordant*: $|D^3L[v,v,v]|\le R\lVert v\rVert\,D^2L[v,v]$. Along the segment $\phi(t)=D^2L(\theta+t\Delta)[\Delta,\Delta]$ satisfies
//!   $|\phi'|\le S\phi$ with $S=R\lVert\Delta\rVert$, so $e^{-St}\le\phi(t)/\phi(0)\le e^{St}$ (Grönwall) and, integrating twice,
//!   $$\frac{e^{-S}+S-1}{S^2}\,\Delta^\top H\Delta\le F(\Delta)-g^\top\Delta\le\frac{e^S-S-1}{S^2}\,\Delta^\top H\Delta .$$
//!
//! # Influence
//! Let $N=-H^{-1}g$ minimise $Q$ and $D=\hat\theta^\ast-\theta^\ast$ minimise $F$; Eq. 5 puts $Q(N)=-\frac12g^\top H^{-1}g$ for $F(D)$. Because each minimises its own,
//! $$F(D)-Q(N)\le F(N)-Q(N),\qquad F(D)-Q(N)\ge F(D)-Q(D),$$
//! so the error is at most the larger of the remainder above $Q$ at $N$ and the remainder below $Q$ at $D$. When $L$ is $\lambda$-strongly
//! convex, $\lVert N\rVert,\lVert D\rVert\le\lVert g\rVert/\lambda$, which makes it $\frac T6(\lVert g\rVert/\lambda)^3$ before any retraining: what Corollary 1 of `influence` should say,
//! since $g$ vanishes at $Z$ and $\lVert g\rVert\le C_a\lVert\Delta Z\rVert$ with $C_a$ the bound on $M$.

use crate::{linalg::Vector, problem::Supernet};
use ndarray::Array2;

/// The size of a displacement in the two norms that matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Displacement {
    /// $\lVert\Delta\rVert_2$.
    pub norm: f64,
    /// $\Delta^\top H\Delta$, $H$ where the displacement starts.
    pub curvature: f64,
}

impl Displacement {
    /// Measures `step` with the Hessian of `batch` at (`weights`, `gates`).
    pub fn new<P: Supernet + ?Sized>(
        problem: &P,
        weights: &P::Vector,
        gates: &Array2<f64>,
        batch: &P::Batch,
        step: &P::Vector,
    ) -> Self {
        let curvature = problem.hessian_product(weights, gates, batch, step).dot(step);
        Self { norm: step.norm(), curvature }
    }
}

/// What is known of the third derivative in the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ThirdDerivative {
    /// $|D^3L\lbrack v,v,v\rbrack|\le T\lVert v\rVert^3$.
    Bounded(f64),
    /// $|D^3L\lbrack v,v,v\rbrack|\le R\lVert v\rVert\,D^2L\lbrack v,v\rbrack$.
    SelfConcordant(f64),
}

impl ThirdDerivative {
    /// The most by which $F(\Delta)$ can lie above $Q(\Delta)$.
    pub fn above(&self, step: Displacement) -> f64 {
        match self {
            Self::Bounded(third) => third / 6.0 * step.norm.powi(3),
            Self::SelfConcordant(constant) => step.curvature * excess(constant * step.norm),
        }
    }

    /// The most by which $F(\Delta)$ can lie below $Q(\Delta)$.
    pub fn below(&self, step: Displacement) -> f64 {
        match self {
            Self::Bounded(third) => third / 6.0 * step.norm.powi(3),
            Self::SelfConcordant(constant) => -step.curvature * excess(-constant * step.norm),
        }
    }

    /// A bound on the error of Eq. 5 with an exact inverse, given Newton's step $N$ and the displacement $D$ of the retrained weights.
    pub fn influence_error(&self, newton: Displacement, retrained: Displacement) -> f64 {
        self.above(newton).max(self.below(retrained))
    }

    /// A bound on the error of Eq. 5 before any retraining, from $\lVert g\rVert$ at $(\theta^\ast,\hat Z)$, Newton's step and strong convexity.
    ///
    /// For a self-concordant loss, $F(D)\le0$ gives $\psi\,D^\top HD\le-g^\top D\le\delta\sqrt{D^\top HD}$ with $\psi=(e^{-S}+S-1)/S^2$, $S=R\lVert g\rVert/\lambda$ and the
    /// Newton decrement $\delta^2=N^\top HN$, hence $D^\top HD\le\delta^2/\psi^2$.
    pub fn influence_error_a_priori(&self, newton: Displacement, gradient_norm: f64, strong_convexity: f64) -> f64 {
        let reach = gradient_norm / strong_convexity;
        let curvature = match self {
            Self::Bounded(_) => f64::NAN,
            Self::SelfConcordant(constant) => newton.curvature / (0.5 + excess(-constant * reach)).powi(2),
        };
        self.influence_error(newton, Displacement { norm: reach, curvature })
    }
}

/// $(e^S-S-1)/S^2-\frac12 = \frac S6+\frac{S^2}{24}+\cdots$, without cancellation.
fn excess(s: f64) -> f64 {
    if s.abs() < 1.0 {
        // The terms S^k/(k+2)! fall below rounding after 18 of them.
        let (mut term, mut sum) = (0.5, 0.0);
        for k in 1..=18 {
            term *= s / f64::from(k + 2);
            sum += term;
        }
        sum
    } else {
        (s.exp() - s - 1.0) / (s * s) - 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_branches_of_the_excess_meet() {
        for s in [1.0f64, -1.0] {
            let direct = (s.exp() - s - 1.0) / (s * s) - 0.5;
            assert!(crate::linalg::TestRatio::identity(excess(s * (1.0 - 1e-16)), direct, s.exp() + 2.5, 4).passes());
        }
        // Both against the series, with more terms than either needs.
        for s in [-6.0f64, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 6.0] {
            let (mut term, mut sum, mut size) = (0.5, 0.0, 0.5 + (s.exp() + s.abs() + 1.0) / (s * s));
            for k in 1..80 {
                term *= s / f64::from(k + 2);
                (sum, size) = (sum + term, size + f64::abs(term));
            }
            assert!(crate::linalg::TestRatio::identity(excess(s), sum, size, 4).passes(), "{s}");
        }
        assert_eq!(excess(0.0), 0.0);
        assert!(excess(1e-9) > 0.0 && excess(-1e-9) < 0.0);
    }
}
