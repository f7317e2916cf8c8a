#![doc = include_str!("../../../proofs/wiring/equation-22-chain.md")]
#![doc = include_str!("../../../proofs/wiring/equation-22.md")]

use super::{
    classifier::{Case, OVER, PIXELS, cases},
    equation_21::{
        HYPOTHESES,
        Subtracted::{self, EveryClass, Once},
    },
};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined, inner},
};

/// $w_{cn}$ for one channel.
fn channel<F: Symbolic>(case: &Case, c: usize) -> Result<Vec<F>, Undefined> {
    (0..case.classes()).map(|n| Ok(case.weights::<F>(n)?[c].clone())).collect()
}

/// The derivative by each element of $X_4$ against the chain rule; without the pooling's factor unless `pooling`.
struct Chain {
    pooling: bool,
}

impl Identity for Chain {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let by_logit = case.logit_slopes::<F>()?;
        let pixels = if self.pooling { F::integer(PIXELS as i32) } else { F::one() };
        let side = |(i, slope): (usize, F)| {
            let (b, c) = Case::place(i);
            Ok([slope, inner(&by_logit[b], &channel(case, c)?).over(&pixels)?])
        };
        case.slopes()?.into_iter().enumerate().map(side).collect()
    }
}

/// The first line of Eq. 22.
pub fn chain() -> Claim {
    let check = |pooling| Check::identity(OVER, cases(), Chain { pooling });
    Claim {
        id: "wiring.equation-22-chain",
        source: "wiring, Eq. 22, first line, appendix F",
        hypotheses: &["as for Theorem 2"],
        printed: Statement::holds(
            "∂L_θ/∂[X_4]_{b,c,d} = Σ_n ∂L_θ/∂Y_bn ∂Y_bn/∂[X_p]_{b,c} ∂[X_p]_{b,c}/∂[X_4]_{b,c,d}",
            check(true),
        ),
        corrected: None,
        control: Some(Control::new("the pooling's factor left out", check(false))),
        proof: include_str!("../../../proofs/wiring/equation-22-chain.md"),
    }
}

/// The derivative by each element of $X_4$ against the closed form, $1/B$ in place of its $1/(BD)$ unless `pooling`.
struct Closed {
    subtracted: Subtracted,
    pooling: bool,
}

impl Identity for Closed {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let rows = case.rows::<F>()?;
        let below = F::integer((rows.len() * if self.pooling { PIXELS } else { 1 }) as i32);
        let side = |(i, slope): (usize, F)| {
            let (b, c) = Case::place(i);
            Ok([slope, self.subtracted.bracket(&rows[b], &channel(case, c)?).over(&below)?])
        };
        case.slopes()?.into_iter().enumerate().map(side).collect()
    }
}

/// The second line of Eq. 22.
pub fn claim() -> Claim {
    let check = |subtracted, pooling| Check::identity(OVER, cases(), Closed { subtracted, pooling });
    Claim {
        id: "wiring.equation-22",
        source: "wiring, Eq. 22, second line, appendix F",
        hypotheses: HYPOTHESES,
        printed: Statement::refuted(
            "∂L_θ/∂[X_4]_{b,c,d} = 1/(BD) Σ_n [−w_{cn_b} + exp(Y_bn)/Σ_q exp(Y_bq) w_cn]",
            check(EveryClass, true),
        ),
        corrected: Some(Statement::holds(
            "∂L_θ/∂[X_4]_{b,c,d} = 1/(BD) [−w_{cn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) w_cn]",
            check(Once, true),
        )),
        control: Some(Control::new("1/B for 1/(BD)", check(Once, false))),
        proof: include_str!("../../../proofs/wiring/equation-22.md"),
    }
}
