#![doc = include_str!("../../../proofs/influence/section-3-increases.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Measure, Statement, strategies},
    enclosure::{Dual, Field, Interval, Undefined},
};

/// The constants of Corollary 1 and two sizes of $\Delta\alpha$.
#[derive(Debug, Clone, Serialize)]
struct Bound {
    lipschitz: f64,
    curvature: f64,
    convexity: f64,
    small: f64,
    large: f64,
}

/// $\lambda$, both constants and the size of the change.
const BOUND: &[(&str, f64, f64)] = &[("C_L", 0.125, 8.0), ("C", 0.125, 8.0), ("λ", 0.125, 8.0), ("‖Δα‖", 0.0, 8.0)];

/// The slope of $K^3$, $K=(C_L\lVert\Delta\alpha\rVert\pm C\lVert\Delta\alpha\rVert^2/2)/\lambda$.
fn growth(x: &[Interval], sign: f64) -> Result<Interval, Undefined> {
    let [lipschitz, curvature, convexity] = [x[0], x[1], x[2]].map(Dual::constant);
    let size = Dual::variable(x[3]);
    let second = Dual::number(0.5 * sign)? * curvature * size.squared();
    Ok((lipschitz * size + second).over(&convexity)?.power(3).slope)
}

/// The bound of Corollary 1 as the change grows.
pub fn claim() -> Claim {
    let strategy = || {
        vec(strategies::fraction(), 5).prop_map(|v| Bound {
            lipschitz: v[0],
            curvature: v[1],
            convexity: v[2],
            small: v[3],
            large: v[3] + v[4],
        })
    };
    let measure = |sign: f64| {
        move |case: &Bound| {
            let k = |size: f64| (case.lipschitz * size + sign * case.curvature * size * size / 2.0) / case.convexity;
            let bound = |size: f64| k(size).powi(3) / 6.0;
            Measure::truth(bound(case.large) > bound(case.small))
                .with_vector("bounds", &[bound(case.small), bound(case.large)])
        }
    };
    Claim {
        id: "influence.section-3-increases",
        source: "influence, below Corollary 1, section 3",
        hypotheses: &["the bound of Corollary 1 without its o(‖Δα‖²), all constants positive"],
        printed: Statement::holds(
            "the above Corollary 1 show that error bound of the approximated validation loss 𝓛(θ̂*, α̂) increase with the magnitude of the change of α",
            Check::new(strategy(), measure(1.0)).enclosed("dK³/d‖Δα‖ ≥ 0", BOUND, |x| growth(x, 1.0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the second term subtracted",
            Check::new(strategy(), measure(-8.0)).enclosed("dK³/d‖Δα‖ ≥ 0", BOUND, |x| growth(x, -8.0)),
        )),
        proof: include_str!("../../../proofs/influence/section-3-increases.md"),
    }
}
