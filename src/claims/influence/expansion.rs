//! One loss, weights optimal at the origin, gates moved along a direction: what the expansions of sections 3 and 4 are compared on.

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use super::{column, undecided};
use crate::claims::{
    LimitPoint, Measure,
    landscape::{self, Landscape},
    strategies,
};
use crate::linalg::TestRatio;

/// $\theta^\ast=0$ at $\alpha=0$, $\Delta\alpha=t\,\delta$.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Nudge {
    pub(super) loss: Landscape,
    pub(super) direction: Vec<f64>,
}

/// What the truth is after a nudge.
pub(super) struct Moved {
    /// $\Delta\alpha$.
    pub(super) gates: DVector<f64>,
    /// $\Delta\theta=\hat\theta^\ast-\theta^\ast=\hat\theta^\ast$.
    pub(super) weights: DVector<f64>,
    /// $\mathcal L(\hat\theta^\ast,\hat\alpha)-\mathcal L(\theta^\ast,\alpha)$.
    pub(super) change: f64,
    /// $\sum|\text{terms}|$ of the change.
    pub(super) size: f64,
}

/// What an approximation says after a nudge: its value, its kept terms, the magnitude of what it summed.
pub(super) struct Said {
    pub(super) value: f64,
    pub(super) kept: Vec<f64>,
    pub(super) size: f64,
}

impl Nudge {
    /// $\hat\theta^\ast$ and the true change for $\Delta\alpha=t\delta$.
    pub(super) fn moved(&self, t: f64) -> Option<Moved> {
        let gates = column(&self.direction) * t;
        let weights = self.loss.minimise(&gates)?;
        let (after, s1) = self.loss.value(&weights, &gates);
        let (before, s2) = self.loss.value(&(&weights * 0.0), &(&gates * 0.0));
        Some(Moved { gates, weights, change: after - before, size: s1 + s2 })
    }

    /// The origins $\theta^\ast=0$, $\alpha=0$.
    pub(super) fn origin(&self) -> (DVector<f64>, DVector<f64>) {
        let (p, n) = self.loss.shape();
        (DVector::zeros(n), DVector::zeros(p))
    }

    /// By how much the arguments of the bends move for $t=1$, plus 1: with $t$ divided by it the expansions are asymptotic.
    pub(super) fn reach(&self) -> Option<f64> {
        let (theta, alpha) = self.origin();
        let d = column(&self.direction);
        let response = self.loss.hessian(&theta, &alpha).cholesky()?.solve(&self.loss.cross(&theta, &alpha).tr_mul(&d));
        let moves =
            self.loss.ridges.iter().map(|r| column(&r.weights).dot(&response).abs() + column(&r.gates).dot(&d).abs());
        Some(1.0 + moves.sum::<f64>())
    }

    /// `approximation` of the true change in the limit $t\to0$.
    pub(super) fn limit(&self, approximation: impl Fn(&Moved) -> Option<Said>) -> Measure {
        self.limit_of(|moved| Some((moved.change, approximation(moved)?)))
    }

    /// As [`Nudge::limit`], for a truth other than the change of the loss.
    pub(super) fn limit_of(&self, compare: impl Fn(&Moved) -> Option<(f64, Said)>) -> Measure {
        let n = self.direction.len() + self.loss.shape().1;
        let point = |t: f64| {
            let moved = self.moved(t)?;
            let (truth, said) = compare(&moved)?;
            let size = moved.size + said.size + said.kept.iter().map(|x| x.abs()).sum::<f64>();
            let rounding = n as f64 * f64::EPSILON * size;
            Some(LimitPoint { t, error: (truth - said.value).abs(), kept: smallest(&said.kept), rounding })
        };
        let measure = || {
            let reach = self.reach()?;
            let points = limit_points(reach, point)?;
            let whole = self.moved(1.0)?;
            let (truth, said) = compare(&whole)?;
            Some(Measure::limit(&points).with("true_at_t_1", truth).with("approximation_at_t_1", said.value))
        };
        measure().unwrap_or_else(undecided)
    }
}

/// `point` at $t=2^{-2},\dots,2^{-14}$ over `reach`, each the worst of $t$, $\tfrac45t$ and $(\tfrac45)^2t$; those above rounding.
///
/// "Tends to 0" is a statement about the largest relative error below $t$: an error that happens to cross zero at one $t$ is not small there.
/// Two orders that balance at the largest $t$ flatten an octave or two, which more octaves outweigh. Fewer than [`FITTED`] points above
/// rounding leave nothing to fit, and nothing that fails to vanish: an error of the order of a kept term stands above rounding at all of them.
pub(in crate::claims) fn limit_points(
    reach: f64,
    point: impl Fn(f64) -> Option<LimitPoint>,
) -> Option<Vec<LimitPoint>> {
    let relative = |p: &LimitPoint| if p.error == 0.0 { 0.0 } else { p.error / p.kept };
    let worst = |t: f64| {
        let [a, b, c] = [point(t)?, point(0.8 * t)?, point(0.64 * t)?];
        let worse = |x: LimitPoint, y: LimitPoint| if relative(&y) > relative(&x) { y } else { x };
        Some(LimitPoint { t, ..worse(worse(a, b), c) })
    };
    let mut points = (2..=14).map(|k| worst(0.5f64.powi(k) / reach)).collect::<Option<Vec<_>>>()?;
    points.retain(|p| p.error.is_nan() || p.error > TestRatio::PASS * p.rounding);
    Some(if points.len() < FITTED { Vec::new() } else { points })
}

/// The fewest points an order is fitted to: four octaves.
const FITTED: usize = 5;

/// The smallest magnitude that is not zero: a term which vanishes is not kept. 0 when all vanish, so that any error is then too large.
pub(super) fn smallest(terms: &[f64]) -> f64 {
    terms.iter().map(|x| x.abs()).filter(|x| *x > 0.0).reduce(f64::min).unwrap_or(0.0)
}

/// What the cases of an expansion satisfy besides $\partial\mathcal L(\theta^\ast,\alpha)/\partial\theta=0$.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Third derivatives that are not zero.
    pub(super) bent: bool,
    /// $\partial\mathcal L(\theta^\ast,\alpha)/\partial\alpha=0$ too: the gates are optimal, and strictly so.
    pub(super) optimal_gates: bool,
}

/// Nudges of a loss with $\begin{pmatrix}G&M^\top\\M&H\end{pmatrix}$ positive definite and $M\delta\ne0$: the weights do respond.
pub(super) fn nudges(kind: Kind) -> impl Strategy<Value = Nudge> {
    (1usize..=3, 1usize..=6).prop_flat_map(move |(p, n)| {
        (landscape::optimal(p, n), landscape::direction(p), strategies::integers(p)).prop_map(
            move |(mut loss, mut direction, slope)| {
                // The first weight feels every gate alike in sign, so its response to gates that all grow cannot cancel.
                loss.cross.iter_mut().for_each(|row| row[0] = 1.0 + row[0].abs());
                direction.iter_mut().for_each(|d| *d = d.abs());
                // H ⪰ I, so MᵀH⁻¹M ⪯ MᵀM: adding that to G keeps the whole positive definite, and its entries integers.
                let cross = strategies::matrix(&loss.cross);
                let gates = strategies::matrix(&loss.gate_hessian) + &cross * cross.transpose();
                loss.gate_hessian = strategies::rows(&gates);
                loss.ridges.truncate(usize::from(kind.bent));
                // The bend pulls the first weight the same way.
                for ridge in &mut loss.ridges {
                    ridge.weights[0] = ridge.weights[0].abs();
                    ridge.gates.iter_mut().for_each(|w| *w = w.abs());
                }
                // No integer combination cancels an irrational bend, so that a kept term is zero exactly or not at all.
                loss.bend = if kind.bent { std::f64::consts::FRAC_1_SQRT_2 } else { 0.0 };
                if !kind.optimal_gates {
                    loss.gate_gradient = slope;
                }
                Nudge { loss, direction }
            },
        )
    })
}
