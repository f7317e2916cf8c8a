#![doc = include_str!("../../../proofs/wiring/equation-3.md")]
#![doc = include_str!("../../../proofs/wiring/equation-21-loss.md")]

use super::{
    classifier::{Case, OVER, Row, cases, loss, mean},
    equation_21::HYPOTHESES,
};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Field, Symbolic, Undefined, sum},
};

/// What is taken of the examples' losses.
#[derive(Debug, Clone, Copy)]
enum Over {
    Mean,
    Sum,
    /// The first of them over $B$: a sum over $b$ that is missing.
    First,
}

impl Over {
    fn of<F: Field>(self, rows: &[Row<F>], one: impl Fn(&Row<F>) -> F) -> Result<F, Undefined> {
        match self {
            Self::Mean => mean(rows, one),
            Self::Sum => Ok(sum(rows.iter().map(one))),
            Self::First => one(&rows[0]).over(&F::integer(rows.len() as i32)),
        }
    }
}

/// $\ln\sum_qe^{Y_q}-Y_{n_b}$, the cross-entropy with a one-hot target, against the loss.
struct Definition(Over);

impl Identity for Definition {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let rows = case.rows::<F>()?;
        let literal = self.0.of(&rows, |row| row.log_sum.clone() - row.logits[row.label].clone())?;
        Ok(vec![[literal, loss(&rows)?]])
    }
}

/// Equation 3: the loss.
pub fn claim() -> Claim {
    let check = |over| Check::identity(OVER, cases(), Definition(over));
    Claim {
        id: "wiring.equation-3",
        source: "wiring, Eq. 3, section 2.2",
        hypotheses: &["the expectation over D is the mean over a batch, as Eq. 9 has it"],
        printed: Statement::defines("L_θ = E_{(x^b, y^b)∼D}[CE(g_θ(x^b), y^b)]", check(Over::Mean)),
        corrected: None,
        control: Some(Control::new("the sum in place of the mean", check(Over::Sum))),
        proof: include_str!("../../../proofs/wiring/equation-3.md"),
    }
}

/// $-\ln p_{n_b}$ against Eq. 3.
struct BelowEquation21(Over);

impl Identity for BelowEquation21 {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let rows = case.rows::<F>()?;
        let literal = self.0.of(&rows, |row| -row.log_probabilities[row.label].clone())?;
        Ok(vec![[literal, mean(&rows, |row| row.log_sum.clone() - row.logits[row.label].clone())?]])
    }
}

/// The loss as it is restated below Eq. 21.
pub fn restated() -> Claim {
    let check = |over| Check::identity(OVER, cases(), BelowEquation21(over));
    Claim {
        id: "wiring.equation-21-loss",
        source: "wiring, below Eq. 21, appendix F",
        hypotheses: HYPOTHESES,
        printed: Statement::refuted("L_θ = −1/B log exp(Y_{bn_b})/Σ_q exp(Y_bq) is Eq. 3", check(Over::First)),
        corrected: Some(Statement::holds("L_θ = −1/B Σ_b log exp(Y_{bn_b})/Σ_q exp(Y_bq)", check(Over::Mean))),
        control: Some(Control::new("the sum without 1/B", check(Over::Sum))),
        proof: include_str!("../../../proofs/wiring/equation-21-loss.md"),
    }
}
