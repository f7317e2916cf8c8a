//! The empirical Fisher.

use super::LinearOperator;
use crate::linalg::{Panel, gamma};

/// The empirical Fisher of a panel, $F=\frac1N G^\top G$: positive semidefinite by construction.
#[derive(Debug, Clone)]
pub struct Fisher<P> {
    panel: P,
    squared_norm: f64,
}

impl<P: Panel> Fisher<P> {
    /// The Fisher of the rows of `panel`.
    pub fn new(panel: P) -> Self {
        let squared_norm = panel.squared_norm();
        Self { panel, squared_norm }
    }

    /// The same where $\lVert G\rVert_F^2$ is known already, from $\operatorname{tr}GG^\top$ say.
    pub(crate) fn with_squared_norm(panel: P, squared_norm: f64) -> Self {
        Self { panel, squared_norm }
    }

    /// The panel.
    pub fn panel(&self) -> &P {
        &self.panel
    }

    /// $\operatorname{tr} F = \lVert G\rVert_F^2/N$, an upper bound on $\lambda_{\max}$.
    pub fn trace(&self) -> f64 {
        self.squared_norm / self.panel.rows() as f64
    }
}

impl<P: Panel> LinearOperator for Fisher<P> {
    type Vector = P::Vector;

    fn dim(&self) -> usize {
        self.panel.dim()
    }

    fn apply(&self, x: &P::Vector, y: &mut P::Vector) {
        let c = self.panel.apply(x) / self.panel.rows() as f64;
        self.panel.apply_adjoint(&c, 0.0, y);
    }

    fn apply_block(&self, xs: &[P::Vector], ys: &mut [P::Vector]) {
        let c = self.panel.apply_many(xs) / self.panel.rows() as f64;
        self.panel.apply_adjoint_many(&c, 0.0, ys);
    }

    /// Two products: $\gamma_{N+d+2}\lVert |G|^\top|G||x|\rVert/N\le\gamma_{N+d+2}\lVert G\rVert_F^2\lVert x\rVert/N$.
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        Some(gamma(self.panel.rows() + self.dim() + 2, epsilon) * self.norm_bound()? * x_norm)
    }

    fn lower_bound(&self) -> Option<f64> {
        Some(0.0)
    }

    fn norm_bound(&self) -> Option<f64> {
        Some(self.trace() * (1.0 + gamma(self.panel.rows() + self.dim() + 1, f64::EPSILON)))
    }
}
