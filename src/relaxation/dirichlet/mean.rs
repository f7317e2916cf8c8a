//! The mean of the Dirichlet, $Z_{eo}=\beta_{eo}/S_e$, $S_e=\sum_o\beta_{eo}$: DrNAS without its noise.
//!
//! Where $L$ is affine in each edge's gates and the edges are independent, $L$ at the mean is $\mathbb E\,L$ itself. With $\dot\beta=\beta'(\alpha)\circ u$,
//! $$\frac{\partial Z_{eo}}{\partial\alpha_{ej}}=\frac{\beta'_{ej}}{S_e}(\delta_{oj}-Z_{eo}),\qquad
//! (J^\top C)_{ej}=\frac{\beta'_{ej}}{S_e}\big(C_{ej}-\langle Z_e,C_e\rangle\big).$$
//! $\beta=\mathrm{elu}(\alpha)+1$ has a continuous slope but $\beta''=e^\alpha$ below 0 and 0 above: at 0 itself the second derivative here is that from below, where the
//! slope was taken as well.

use ndarray::{Array1, Array2, Axis, Zip};

use super::{concentration_slope, concentrations};
use crate::relaxation::{Draw, Smooth, present};

/// The mean at some $\alpha$; everything is evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct DirichletMean {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// $\beta'$.
    slopes: Array2<f64>,
    /// $\beta''$.
    curvatures: Array2<f64>,
    /// $S_e$.
    totals: Array1<f64>,
}

impl DirichletMean {
    /// The mean at `alpha`.
    pub fn at(alpha: &Array2<f64>) -> Self {
        let mut gates = concentrations(alpha);
        let totals = gates.sum_axis(Axis(1));
        gates /= &totals.view().insert_axis(Axis(1));
        let curvature = |a: f64| if a > 0.0 { 0.0 } else { a.exp() };
        Self {
            gates,
            active: present(alpha),
            slopes: alpha.mapv(concentration_slope),
            curvatures: alpha.mapv(curvature),
            totals,
        }
    }

    /// $Z$.
    pub fn into_gates(self) -> Array2<f64> {
        self.gates
    }

    /// $C_{eo}-\langle Z_e,C_e\rangle$.
    fn centred(&self, cost: &Array2<f64>) -> Array2<f64> {
        cost - &(&self.gates * cost).sum_axis(Axis(1)).insert_axis(Axis(1))
    }
}

impl Draw for DirichletMean {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        &self.slopes * &self.centred(cost) / self.totals.view().insert_axis(Axis(1))
    }
}

impl Smooth for DirichletMean {
    /// $(\dot\beta-Z\dot S)/S$.
    fn push(&self, u: &Array2<f64>) -> Array2<f64> {
        let moved = &self.slopes * u;
        let total = moved.sum_axis(Axis(1)).insert_axis(Axis(1));
        (moved - &self.gates * &total) / self.totals.view().insert_axis(Axis(1))
    }

    /// $\frac1S\big(\beta''\circ u\circ(C-\langle Z,C\rangle)-\beta'\langle\dot Z,C\rangle-\frac{\dot S}S\,\beta'\circ(C-\langle Z,C\rangle)\big)$.
    fn bend(&self, cost: &Array2<f64>, u: &Array2<f64>) -> Array2<f64> {
        let totals = self.totals.view().insert_axis(Axis(1));
        let growth = (&self.slopes * u).sum_axis(Axis(1)).insert_axis(Axis(1)) / totals;
        let mean_moved = (self.push(u) * cost).sum_axis(Axis(1)).insert_axis(Axis(1));
        let mut out = self.centred(cost);
        Zip::from(&mut out)
            .and(&self.slopes)
            .and(&self.curvatures)
            .and(u)
            .and_broadcast(&growth)
            .for_each(|out, &slope, &curvature, &u, &growth| *out *= curvature * u - slope * growth);
        (out - &self.slopes * &mean_moved) / totals
    }
}
