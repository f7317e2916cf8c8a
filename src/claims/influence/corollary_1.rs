#![doc = include_str!("../../../proofs/influence/corollary-1.md")]

use nalgebra::DVector;
use proptest::prelude::*;
use serde::Serialize;

use super::{
    boxed::{Boxed, boxes},
    column, equation_5,
    expansion::{self, Kind, Nudge, nudges},
    undecided,
};
use crate::{
    claims::{Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict},
    enclosure::{Interval, Undefined},
};

/// A box, and which way the gate moves from $\alpha=0$, where $\theta^\ast=0$.
#[derive(Debug, Clone, Serialize)]
struct Case {
    on: Boxed,
    /// $\hat\alpha$ as a fraction of the largest that stays on the box; signed.
    share: f64,
}

fn cases() -> impl Strategy<Value = Case> {
    (boxes(), crate::claims::strategies::fraction(), any::<bool>())
        .prop_map(|(on, share, up)| Case { on, share: if up { share } else { -share } })
}

impl Case {
    /// $E$ for $\Delta\alpha$ `alpha`, and the rounding of it.
    fn error(&self, alpha: f64) -> Result<(f64, f64), Undefined> {
        let (on, end) = (self.on.cubic::<f64>()?, self.on.minimiser(alpha));
        let g = on.gradient(&0.0, &alpha)?;
        let approximate = on.loss(&0.0, &alpha)? - 0.5 * g * g / on.hessian(&0.0);
        let rounding = 8.0 * f64::EPSILON * (g * end).abs();
        Ok(((approximate - on.loss(&end, &alpha)?).abs(), rounding))
    }
}

/// $E\le\frac{K^3}6\max\lvert\partial^3\mathcal L/\partial\theta^3\rvert$ with $K=K_0+o(\lVert\Delta\alpha\rVert^2)$: by how much $(6E/\max)^{1/3}$ exceeds $K_0$, relative to
/// $\lVert\Delta\alpha\rVert^2$, must vanish as $\Delta\alpha\to0$.
fn printed(case: &Case) -> Result<Measure, Undefined> {
    let on = case.on.cubic::<f64>()?;
    let c = on.constants()?;
    // "Twice differentiable with constant C_H" may bound the Hessian or its Lipschitz constant: the larger gives the larger K.
    let hessian = c.hessian.max(on.hessian(&on.radius));
    let at = |alpha: f64| {
        let t = alpha.abs();
        let (error, rounding) = case.error(alpha)?;
        let needed = (6.0 * error / c.hessian).cbrt();
        let granted = c.in_gates / c.convexity * t + hessian * c.cross.powi(2) / (2.0 * c.convexity.powi(3)) * t * t;
        // d(E^{1/3}) = dE / (3 E^{2/3}).
        let rounding = needed * rounding / (3.0 * error);
        Ok::<_, Undefined>((error, needed, granted, rounding))
    };
    let whole = case.share * case.on.reach()?;
    let points = expansion::limit_points(1.0, |t| {
        let alpha = whole * t;
        let (_, needed, granted, rounding) = at(alpha).ok()?;
        Some(LimitPoint { t: alpha.abs(), error: (needed - granted).max(0.0), kept: alpha * alpha, rounding })
    })
    .unwrap_or_default();
    // The largest change that the bound without its o already fails at is the easiest to check by hand.
    let shown = points.iter().filter(|p| p.error > 0.0).map(|p| p.t * whole.abs()).fold(0.0, f64::max);
    let (error, _, granted, _) = at(shown.copysign(whole))?;
    Ok(Measure::limit(&points)
        .with("change_of_alpha", shown.copysign(whole))
        .with("error", error)
        .with("bound_without_the_o", granted.powi(3) / 6.0 * c.hessian))
}

/// $E\le\frac{K^3}6\max\lvert\partial^3\mathcal L/\partial\theta^3\rvert$ with $K=\frac{C_a}\lambda\lVert\Delta\alpha\rVert$, times `factor`, on the box.
fn corrected(case: &Case, factor: f64) -> Result<Measure, Undefined> {
    let c = case.on.cubic::<f64>()?.constants()?;
    // Close in, where the bound is nearly attained.
    let alpha = case.share * case.on.reach()? / 64.0;
    let (error, rounding) = case.error(alpha)?;
    let reach = c.cross / c.convexity * alpha.abs();
    Ok(Measure::at_most(error, factor * reach.powi(3) / 6.0 * c.hessian, rounding / f64::EPSILON, 1))
}

/// The same bound for many weights and gates, where softplus bends: its constants hold everywhere.
fn many(case: &Nudge, factor: f64) -> Measure {
    let bound = || {
        let gates = column(&case.direction) / case.reach()?;
        let end = case.loss.minimise(&gates)?;
        let start: DVector<f64> = &end * 0.0;
        let sides = equation_5::sides(&case.loss, [&start, &end], &gates, -1)?;
        let [flat, cross] = [&case.loss.hessian, &case.loss.cross].map(|rows| crate::claims::strategies::matrix(rows));
        let lambda = flat.symmetric_eigenvalues().min();
        // |φ″| ≤ 1/4 and |φ‴| ≤ 1/(6√3) everywhere.
        let (mut mixed, mut third) = (cross.singular_values().max(), 0.0);
        for ridge in &case.loss.ridges {
            let (u, w) = (column(&ridge.weights).norm(), column(&ridge.gates).norm());
            mixed += case.loss.bend * u * w / 4.0;
            third += case.loss.bend * u.powi(3) / (6.0 * 3f64.sqrt());
        }
        let reach = mixed / lambda * gates.norm();
        Some(Measure::at_most(
            (sides.left - sides.right).abs(),
            factor * reach.powi(3) / 6.0 * third,
            sides.size,
            end.len(),
        ))
    };
    bound().unwrap_or_else(undecided)
}

/// $\rho=cr/\lambda_0$ and $\sigma$, the gate as a share of the largest that stays on the box.
const SHARES: &[(&str, f64, f64)] = &[("ρ", 0.0625, 0.5), ("σ", -1.0, 1.0)];

/// The bound for every cubic on every box, in its two shape parameters. With $q=\sigma\rho(1-\rho)=cm\alpha/\lambda_0^2$ and $\varphi=2/(1+\sqrt{1-2q})$, so that
/// $\theta^\ast=-(m\alpha/\lambda_0)\varphi$ and $\varphi=1+q\varphi^2/2$, the error is $\frac{(m\alpha)^2}{\lambda_0}|q|\,\bigl|\frac{\varphi^3}6-\frac{q\varphi^4}8\bigr|$ and the bound
/// $\frac{(m\alpha)^2}{\lambda_0}|q|\,\frac1{6(1-\rho)^3}$: the factor `share` of the second less the first.
fn enclosed(x: &[Interval], share: f64) -> Result<Interval, Undefined> {
    let number = Interval::from;
    let q = x[1] * x[0] * (number(1.0) - x[0]);
    let phi = number(2.0).over(number(1.0) + (number(1.0) - number(2.0) * q).sqrt()?)?;
    let cube = phi.square() * phi;
    let error = cube * (number(1.0).over(number(6.0))? - q * phi * number(0.125));
    let reach = number(1.0) - x[0];
    let bound = number(share).over(number(6.0) * reach.square() * reach)?;
    Ok(bound - error.abs())
}

const INEQUALITY: &str = "(bound − E) λ_0/((mα)²|q|) ≥ 0 for L = λ_0θ²/2 + mθα + cθ³/6";

/// Corollary 1: the error of Theorem 1.
pub fn claim() -> Claim {
    let bound = |share: f64| {
        Check::new(cases(), move |case| corrected(case, share).unwrap_or_else(|_| undecided())).enclosed(
            INEQUALITY,
            SHARES,
            move |x| enclosed(x, share),
        )
    };
    Claim {
        id: "influence.corollary-1",
        source: "influence, Corollary 1, section 3",
        hypotheses: &[
            "Assumptions 1–3 on a domain that holds θ*, θ̂* and the points between",
            "σ_min, not defined in the paper, the smallest singular value of the Hessian; ∂𝓛³/∂θ³ the third derivative, as on the poster",
            "E the error of Theorem 1, under its hypotheses",
            "o(‖Δα‖²) as Δα → 0",
        ],
        printed: Statement {
            text: "E = ‖𝓛(θ̂*, α̂) − 𝓛̃(θ̂*, α̂)‖ ≤ K³/6 max|∂𝓛³/∂θ³|, where K = C_L/λ ‖Δα‖ + C_H C_a²/(2σ²_min λ) ‖Δα‖² + o(‖Δα‖²)",
            decision: Decision::Assertion(Check::new(cases(), |case| printed(case).unwrap_or_else(|_| undecided()))),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "E ≤ K³/6 max‖∂³𝓛/∂θ³‖ with K = C_a/λ ‖Δα‖, for every Δα: no further terms",
            decision: Decision::Assertion(Check::all(vec![
                bound(1.0),
                Check::new(nudges(Kind { bent: true, optimal_gates: false }), |case| many(case, 1.0)),
            ])),
            expected: Verdict::Holds,
        }),
        control: Some(Control { description: "half of the corrected bound: K³/12", check: bound(0.5) }),
        proof: include_str!("../../../proofs/influence/corollary-1.md"),
    }
}
