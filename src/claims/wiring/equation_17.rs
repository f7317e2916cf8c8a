#![doc = include_str!("../../../proofs/wiring/equation-17-chain.md")]
#![doc = include_str!("../../../proofs/wiring/equation-17-partials.md")]
#![doc = include_str!("../../../proofs/wiring/equation-17-closed.md")]

use super::{
    equation_16::HYPOTHESES,
    groups::{CHANNELS, OVER, PIXELS, batch, entries, exact_entries, rational_batch},
    normalisation_line::Hat,
    view::View,
};
use crate::{
    claims::{Check, Claim, Control, Statement},
    enclosure::{Rooted, Undefined, sum},
};

/// A display for $\partial L/\partial X$ of one group.
#[derive(Debug, Clone, Copy)]
enum Display {
    /// Eq. 17, line 1 (`true`) or 2: the three ways by which an element acts, the way through the variance `share` times.
    ThreeWays(bool, f64),
    /// Eq. 17, line 3, whose last term has the factor $\hat X$ or not, over `CD` elements or over the group's own.
    Closed(Hat, bool),
}

impl Display {
    fn of<F: Rooted>(self, group: &View<F>) -> Result<Vec<F>, Undefined> {
        let elements = 0..group.x.len();
        match self {
            Self::ThreeWays(by_partials, share) => {
                let (variance_slope, share) = (group.variance_slope()?, F::number(share)?);
                let direct_mean = elements
                    .clone()
                    .try_fold(F::zero(), |sum, i| Ok(sum + group.g[i].clone() * group.partials(i)?[1].clone()))?;
                let through_mean = direct_mean + variance_slope.clone() * group.centre_slope(&group.mean);
                elements
                    .map(|i| {
                        let direct = if by_partials {
                            group.partials(i)?[0].clone()
                        } else {
                            group.gamma.clone() * group.scale.clone()
                        };
                        let centred = F::integer(2) * (group.x[i].clone() - group.mean.clone());
                        let through_variance = share.clone() * variance_slope.clone() * centred;
                        let statistics = (through_mean.clone() + through_variance) * group.each.clone();
                        Ok(group.g[i].clone() * direct + statistics)
                    })
                    .collect()
            }
            Self::Closed(hat, over_example) => {
                let count = if over_example { F::one().over(&F::integer(CD))? } else { group.each.clone() };
                let (total, slope) = (sum(group.g.iter().cloned()), group.slope());
                let last = |i: usize| if hat == Hat::Kept { group.hat[i].clone() } else { F::one() };
                let factor = group.gamma.clone() * group.scale.clone();
                Ok(elements
                    .map(|i| {
                        let rest = total.clone() * group.each.clone() + slope.clone() * last(i) * count.clone();
                        factor.clone() * (group.g[i].clone() - rest)
                    })
                    .collect())
            }
        }
    }

    /// $\partial L/\partial X$ equals it, sampled and exact.
    fn check(self) -> Check {
        let nan = |group: &View<f64>| vec![f64::NAN; group.x.len()];
        Check::new(batch(), move |case| entries(case, |group| self.of(group).unwrap_or_else(|_| nan(group)))).exactly(
            OVER,
            rational_batch(),
            // A display without a value is no entry at all.
            move |case| exact_entries(case, |group| self.of(group).unwrap_or_default()),
        )
    }
}

/// $CD$.
const CD: i32 = (CHANNELS * PIXELS) as i32;

/// Its first line: the three ways.
pub fn chain() -> Claim {
    let measure = |share: f64| Display::ThreeWays(true, share).check();
    Claim {
        id: "wiring.equation-17-chain",
        source: "wiring, Eq. 17, first line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "∂L/∂X_{b,c,d} = ∂L/∂[X_3^2]_{b,c,d} ∂[X_3^2]_{b,c,d}/∂X_{b,c,d} + ∂L/∂μ_c ∂μ_c/∂X_{b,c,d} + ∂L/∂σ_c² ∂σ_c²/∂X_{b,c,d}",
            measure(1.0),
        ),
        corrected: None,
        control: Some(Control::new("the way through the variance left out", measure(0.0))),
        proof: include_str!("../../../proofs/wiring/equation-17-chain.md"),
    }
}

/// Its second line: the partial derivatives.
pub fn partials() -> Claim {
    let measure = |share: f64| Display::ThreeWays(false, share).check();
    Claim {
        id: "wiring.equation-17-partials",
        source: "wiring, Eq. 17, second line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "… = ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² + ∂L/∂μ_c 1/(BD) + ∂L/∂σ_c² 2(X_{b,c,d} − μ_c)/(BD)",
            measure(1.0),
        ),
        corrected: None,
        control: Some(Control::new("(X − μ)/(BD) for 2(X − μ)/(BD)", measure(0.5))),
        proof: include_str!("../../../proofs/wiring/equation-17-partials.md"),
    }
}

/// Its third line: the closed form.
pub fn closed() -> Claim {
    Claim {
        id: "wiring.equation-17-closed",
        source: "wiring, Eq. 17, third line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::refuted(
            "… = ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² − 1/(BD) Σ_{b,d} ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² − γ_c/√σ_c² (Σ_{b,d} ∂L/∂[X_3^2]_{b,c,d} [X̂_3^2]_{b,c,d}) 1/(CD)",
            Display::Closed(Hat::Dropped, true).check(),
        ),
        corrected: Some(Statement::holds(
            "the same with [X̂_3^2]_{b,c,d}/(BD) for 1/(CD) in the last term",
            Display::Closed(Hat::Kept, false).check(),
        )),
        control: Some(Control::new("[X̂_3^2]_{b,c,d}/(CD) in the last term", Display::Closed(Hat::Kept, true).check())),
        proof: include_str!("../../../proofs/wiring/equation-17-closed.md"),
    }
}
