#![doc = include_str!("../../../proofs/wiring/equation-21-line-2.md")]
#![doc = include_str!("../../../proofs/wiring/equation-21-line-3.md")]
#![doc = include_str!("../../../proofs/wiring/equation-21-line-4.md")]
#![doc = include_str!("../../../proofs/wiring/equation-21-line-5.md")]
#![doc = include_str!("../../../proofs/wiring/equation-21-line-6.md")]
#![doc = include_str!("../../../proofs/wiring/equation-21-line-7.md")]

use super::classifier::{Case, OVER, PIXELS, Row, cases, entropy, loss, mean};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Field, Symbolic, Undefined, inner, numbers, sum},
};

pub(super) const HYPOTHESES: &[&str] =
    &["as for Theorem 2", "a sum over n extends over the whole bracket that follows it, as written"];

/// How often the label's logit or weight is subtracted for one example, out of $N$ classes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subtracted {
    /// Within the sum over $n$: $N$ times.
    EveryClass,
    Once,
    Never,
}

use Subtracted::{EveryClass, Never, Once};

impl Subtracted {
    fn times<F: Field>(self, classes: usize) -> F {
        match self {
            EveryClass => F::integer(classes as i32),
            Once => F::one(),
            Never => F::zero(),
        }
    }

    /// $\sum_np_na_n-a_{n_b}$, the last as often as it is subtracted.
    pub(super) fn bracket<F: Field>(self, row: &Row<F>, values: &[F]) -> F {
        inner(&row.probabilities, values) - self.times::<F>(values.len()) * values[row.label].clone()
    }
}

/// What Eq. 21 says is all the same.
#[derive(Debug, Clone, Copy)]
pub(super) enum Line {
    /// $\langle\partial L/\partial X_4,X_4\rangle$.
    Cost,
    /// The second, over the elements of $X_4$.
    Elements(Subtracted),
    /// The third, over the pooled features.
    Pooled(Subtracted),
    /// The third without the $1/D$ of the pooling.
    Summed(Subtracted),
    /// The fourth, over the logits.
    Logits(Subtracted),
    /// The fifth, with $\ln\sum_qe^{Y_q}$ added and taken away.
    Logarithms,
    /// The sixth, over logarithms of probabilities.
    Probabilities,
    /// The last, $L-H$.
    Difference,
    /// $L+H$.
    Sum,
}

impl Line {
    fn value<F: Symbolic>(self, case: &Case) -> Result<F, Undefined> {
        let rows = case.rows::<F>()?;
        let output: Vec<F> = numbers(&case.output)?;
        // w_cn for all n, a channel at a time.
        let weights = (0..case.classes()).map(|n| case.weights::<F>(n)).collect::<Result<Vec<_>, _>>()?;
        let channel = |c: usize| weights.iter().map(|w| w[c].clone()).collect::<Vec<F>>();
        let over_features = |pooled: Vec<Vec<F>>, subtracted: Subtracted| {
            let example = |(row, features): (&Row<F>, Vec<F>)| {
                sum(features.into_iter().enumerate().map(|(c, x)| subtracted.bracket(row, &channel(c)) * x))
            };
            sum(rows.iter().zip(pooled).map(example)).over(&F::integer(rows.len() as i32))
        };
        match self {
            Self::Cost => case.cost(),
            Self::Elements(subtracted) => {
                let element = |(i, x): (usize, &F)| {
                    let (b, c) = Case::place(i);
                    subtracted.bracket(&rows[b], &channel(c)) * x.clone()
                };
                sum(output.iter().enumerate().map(element)).over(&F::integer((rows.len() * PIXELS) as i32))
            }
            Self::Pooled(subtracted) => over_features(Case::pooled(&output)?, subtracted),
            Self::Summed(subtracted) => {
                Ok(F::integer(PIXELS as i32) * over_features(Case::pooled(&output)?, subtracted)?)
            }
            Self::Logits(subtracted) => mean(&rows, |row| subtracted.bracket(row, &row.logits)),
            Self::Logarithms => {
                let label = |b: usize, row: &Row<F>| {
                    row.exponentials[row.label].ln_or(case.logits::<f64>(&case.output)?[b][row.label])
                };
                let labels = rows.iter().enumerate().map(|(b, row)| label(b, row)).collect::<Result<Vec<F>, _>>()?;
                let term = |(row, label): (&Row<F>, F)| {
                    let class = |n: usize| {
                        row.probabilities[n].clone() * row.logits[n].clone() - label.clone() + row.log_sum.clone()
                            - row.log_sum.clone()
                    };
                    sum((0..row.logits.len()).map(class))
                };
                sum(rows.iter().zip(labels).map(term)).over(&F::integer(rows.len() as i32))
            }
            Self::Probabilities => mean(&rows, |row| {
                inner(&row.probabilities, &row.log_probabilities) - row.log_probabilities[row.label].clone()
            }),
            Self::Difference => Ok(loss(&rows)? - entropy(&rows)?),
            Self::Sum => Ok(loss(&rows)? + entropy(&rows)?),
        }
    }
}

struct Equal([Line; 2]);

impl Identity for Equal {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let [left, right] = self.0;
        Ok(vec![[left.value(case)?, right.value(case)?]])
    }
}

/// That two lines are equal.
pub(super) fn equal(left: Line, right: Line) -> Check {
    Check::identity(OVER, cases(), Equal([left, right]))
}

/// A claim about a line.
fn step(
    (id, source): (&'static str, &'static str),
    printed: Statement,
    corrected: Option<Statement>,
    control: Control,
    proof: &'static str,
) -> Claim {
    Claim { id, source, hypotheses: HYPOTHESES, printed, corrected, control: Some(control), proof }
}

/// The claims, line by line.
pub fn claims() -> Vec<Claim> {
    use Line::{Cost, Difference, Elements, Logarithms, Logits, Pooled, Probabilities, Sum, Summed};
    vec![
        step(
            ("wiring.equation-21-line-2", "wiring, Eq. 21, second line, appendix F"),
            Statement::refuted(
                "Σ_{b,c,d} ∂L_θ/∂[X_4]_{b,c,d} [X_4]_{b,c,d} = 1/(BD) Σ_{b,c,d,n} [−w_{cn_b} + exp(Y_bn)/Σ_q exp(Y_bq) w_cn] [X_4]_{b,c,d}",
                equal(Cost, Elements(EveryClass)),
            ),
            Some(Statement::holds(
                "… = 1/(BD) Σ_{b,c,d} [−w_{cn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) w_cn] [X_4]_{b,c,d}",
                equal(Cost, Elements(Once)),
            )),
            Control::new("w_{cn_b} not subtracted", equal(Cost, Elements(Never))),
            include_str!("../../../proofs/wiring/equation-21-line-2.md"),
        ),
        step(
            ("wiring.equation-21-line-3", "wiring, Eq. 21, third line, appendix F"),
            Statement::holds(
                "… = 1/B Σ_{b,c,n} [−w_{cn_b} + exp(Y_bn)/Σ_q exp(Y_bq) w_cn] [X_p]_{b,c}, [X_p]_{b,c} = 1/D Σ_d [X_4]_{b,c,d}",
                equal(Elements(EveryClass), Pooled(EveryClass)),
            ),
            None,
            Control::new("without the 1/D", equal(Elements(EveryClass), Summed(EveryClass))),
            include_str!("../../../proofs/wiring/equation-21-line-3.md"),
        ),
        step(
            ("wiring.equation-21-line-4", "wiring, Eq. 21, fourth line, appendix F"),
            Statement::holds(
                "… = 1/B Σ_{b,n} [−Y_{bn_b} + exp(Y_bn)/Σ_q exp(Y_bq) Y_bn], Y_bn = Σ_c [X_p]_{b,c} w_cn",
                equal(Pooled(EveryClass), Logits(EveryClass)),
            ),
            None,
            Control::new("Y_{bn_b} once", equal(Pooled(EveryClass), Logits(Once))),
            include_str!("../../../proofs/wiring/equation-21-line-4.md"),
        ),
        step(
            ("wiring.equation-21-line-5", "wiring, Eq. 21, fifth line, appendix F"),
            Statement::holds(
                "… = 1/B Σ_{b,n} [−log(exp(Y_{bn_b})) + exp(Y_bn)/Σ_q exp(Y_bq) Y_bn + log(Σ_q exp(Y_bq)) − log(Σ_q exp(Y_bq))]",
                equal(Logits(EveryClass), Logarithms),
            ),
            None,
            Control::new("Y_{bn_b} once on the left", equal(Logits(Once), Logarithms)),
            include_str!("../../../proofs/wiring/equation-21-line-5.md"),
        ),
        step(
            ("wiring.equation-21-line-6", "wiring, Eq. 21, sixth line, appendix F"),
            Statement::refuted(
                "… = 1/B Σ_b [−log exp(Y_{bn_b})/Σ_q exp(Y_bq) + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) log exp(Y_bn)/Σ_q exp(Y_bq)]",
                equal(Logarithms, Probabilities),
            ),
            Some(Statement::holds(
                "1/B Σ_b [−Y_{bn_b} + Σ_n exp(Y_bn)/Σ_q exp(Y_bq) Y_bn] equals it: the label's logit once an example",
                equal(Logits(Once), Probabilities),
            )),
            Control::new("the label's logit not at all", equal(Logits(Never), Probabilities)),
            include_str!("../../../proofs/wiring/equation-21-line-6.md"),
        ),
        step(
            ("wiring.equation-21-line-7", "wiring, Eq. 21, last line, appendix F"),
            Statement::holds(
                "… = L_θ − H_θ, L_θ of Eq. 3 and H_θ the mean entropy of the outputs",
                equal(Probabilities, Difference),
            ),
            None,
            Control::new("L_θ + H_θ", equal(Probabilities, Sum)),
            include_str!("../../../proofs/wiring/equation-21-line-7.md"),
        ),
    ]
}
