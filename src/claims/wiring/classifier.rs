//! What stands behind the last cell (`wiring`, Fig. 20), over any field: global average pooling, a linear layer, softmax cross-entropy.

use ndarray::Array2;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::strategies,
    cost::cross_entropy::{CrossEntropy, CrossEntropyError},
    enclosure::{Dual, Field, Symbolic, Undefined, inner, numbers, shares, sum},
};

/// Examples in a batch of logits.
pub(super) const EXAMPLES: usize = 8;
/// Examples in a batch of output nodes.
const BATCH: usize = 3;
/// Channels of the last output node.
const CHANNELS: usize = 2;
/// Pixels $D$ of a channel.
pub(super) const PIXELS: usize = 2;

/// What the instances of an identity about it are, for a reader.
pub(super) const OVER: &str =
    "features and weights in eighths, any positive number for each e^Y and any number for each ln Σ e^Y";

/// A batch of last output nodes and a classifier.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    /// $X_4$, `[b][c][d]`.
    pub(super) output: Vec<f64>,
    /// $w_{cn}$, `[c][n]`.
    weight: Vec<f64>,
    /// The bias of the linear layer, one entry a class.
    bias: Vec<f64>,
    /// $n_b$.
    pub(super) labels: Vec<usize>,
    /// Over the rationals, $e^{Y_{bn}}$, `[b][n]`, and $\ln\sum_qe^{Y_{bq}}$.
    #[serde(rename = "symbols_for_exponentials")]
    exponentials: Vec<f64>,
    #[serde(rename = "symbols_for_logarithms")]
    logarithms: Vec<f64>,
}

/// Classifiers of 2 to 5 classes without bias; logits up to 32.
pub(super) fn cases() -> impl Strategy<Value = Case> + Send + Sync {
    let output = strategies::integers(BATCH * CHANNELS * PIXELS);
    (2usize..=5, output, prop_oneof![Just(0.125), Just(1.0)]).prop_flat_map(|(classes, output, scale)| {
        let exponentials = vec((1u8..=64).prop_map(f64::from), BATCH * classes).no_shrink();
        let logarithms = vec((-64i8..=64).prop_map(f64::from), BATCH).no_shrink();
        (strategies::integers(CHANNELS * classes), vec(0..classes, BATCH), exponentials, logarithms).prop_map(
            move |(weight, labels, exponentials, logarithms)| Case {
                output: output.clone(),
                weight: weight.into_iter().map(|w| scale * w).collect(),
                bias: vec![0.0; classes],
                labels,
                exponentials,
                logarithms,
            },
        )
    })
}

/// The same with a bias of 1 for the first class.
pub(super) fn biased() -> impl Strategy<Value = Case> + Send + Sync {
    cases().prop_map(|mut case| {
        case.bias[0] = 1.0;
        case
    })
}

impl Case {
    pub(super) fn classes(&self) -> usize {
        self.bias.len()
    }

    /// The same with the classes of the classifier shifted cyclically.
    pub(super) fn shifted(&self, by: usize) -> Self {
        let mut shifted = self.clone();
        shifted.weight.chunks_mut(self.classes()).for_each(|channel| channel.rotate_left(by));
        shifted
    }

    /// $(b,c)$ of an element of $X_4$.
    pub(super) fn place(element: usize) -> (usize, usize) {
        (element / (CHANNELS * PIXELS), element / PIXELS % CHANNELS)
    }

    /// $\lbrack X_p\rbrack_{bc}=\frac1D\sum_d\lbrack X_4\rbrack_{bcd}$.
    pub(super) fn pooled<F: Field>(output: &[F]) -> Result<Vec<Vec<F>>, Undefined> {
        let mean = |channel: &[F]| sum(channel.iter().cloned()).over(&F::integer(PIXELS as i32));
        output.chunks(CHANNELS * PIXELS).map(|example| example.chunks(PIXELS).map(mean).collect()).collect()
    }

    /// $w_{cn}$ for one class.
    pub(super) fn weights<F: Field>(&self, n: usize) -> Result<Vec<F>, Undefined> {
        (0..CHANNELS).map(|c| F::number(self.weight[c * self.classes() + n])).collect()
    }

    /// $Y_{bn}=\sum_c\lbrack X_p\rbrack_{bc}w_{cn}$, plus the bias.
    pub(super) fn logits<F: Field>(&self, output: &[F]) -> Result<Vec<Vec<F>>, Undefined> {
        let of = |pooled: Vec<F>| {
            (0..self.classes()).map(|n| Ok(inner(&pooled, &self.weights(n)?) + F::number(self.bias[n])?)).collect()
        };
        Self::pooled(output)?.into_iter().map(of).collect()
    }

    /// Logits and their softmax.
    pub(super) fn softmax<F: Symbolic>(&self, logits: Vec<Vec<F>>) -> Result<Vec<Row<F>>, Undefined> {
        let exact = self.logits::<f64>(&self.output)?;
        let row = |(b, logits): (usize, Vec<F>)| {
            let symbols = &self.exponentials[b * self.classes()..];
            let exponentials =
                logits.iter().zip(symbols).map(|(y, &symbol)| y.exp_or(symbol)).collect::<Result<Vec<F>, _>>()?;
            let log_sum = sum(exponentials.iter().cloned()).ln_or(self.logarithms[b])?;
            let probabilities = shares(&exponentials)?;
            // The logarithm of a quotient is the difference of the logarithms, of symbols too.
            let log = |(p, y): (&F, &f64)| p.ln_or(y - self.logarithms[b]);
            let log_probabilities = probabilities.iter().zip(&exact[b]).map(log).collect::<Result<_, _>>()?;
            Ok(Row { logits, exponentials, log_sum, probabilities, log_probabilities, label: self.labels[b] })
        };
        logits.into_iter().enumerate().map(row).collect()
    }

    /// The rows at the features themselves.
    pub(super) fn rows<F: Symbolic>(&self) -> Result<Vec<Row<F>>, Undefined> {
        self.softmax(self.logits(&numbers(&self.output)?)?)
    }

    /// $\partial L/\partial X_4$ by dual numbers, one element after another.
    pub(super) fn slopes<F: Symbolic>(&self) -> Result<Vec<F>, Undefined> {
        let along = |element: usize| {
            let mut output: Vec<Dual<F>> = numbers(&self.output)?;
            output[element].slope = F::one();
            Ok(loss(&self.softmax(self.logits(&output)?)?)?.slope)
        };
        (0..self.output.len()).map(along).collect()
    }

    /// $\partial L/\partial Y$ by dual numbers, `[b][n]`.
    pub(super) fn logit_slopes<F: Symbolic>(&self) -> Result<Vec<Vec<F>>, Undefined> {
        let along = |b: usize, n: usize| {
            let mut logits = self.logits::<Dual<F>>(&numbers(&self.output)?)?;
            logits[b][n].slope = F::one();
            Ok(loss(&self.softmax(logits)?)?.slope)
        };
        (0..BATCH).map(|b| (0..self.classes()).map(|n| along(b, n)).collect()).collect()
    }

    /// $\langle\partial L/\partial X_4,X_4\rangle$.
    pub(super) fn cost<F: Symbolic>(&self) -> Result<F, Undefined> {
        Ok(inner(&self.slopes()?, &numbers(&self.output)?))
    }

    /// $\sum|\text{terms}|$ of the cost as a sum over logits.
    pub(super) fn terms(&self) -> f64 {
        let magnitudes = |x: &[f64]| x.iter().map(|x| x.abs()).sum::<f64>();
        magnitudes(&self.output) * magnitudes(&self.weight) + (BATCH * self.classes()) as f64
    }
}

/// One example: $Y$, $e^Y$, $\ln\sum_qe^{Y_q}$, $p$ and $\ln p$.
pub(super) struct Row<F> {
    pub(super) logits: Vec<F>,
    pub(super) exponentials: Vec<F>,
    pub(super) log_sum: F,
    pub(super) probabilities: Vec<F>,
    pub(super) log_probabilities: Vec<F>,
    pub(super) label: usize,
}

/// The mean over the batch.
pub(super) fn mean<F: Field>(rows: &[Row<F>], of: impl Fn(&Row<F>) -> F) -> Result<F, Undefined> {
    sum(rows.iter().map(of)).over(&F::integer(rows.len() as i32))
}

/// $L=-\frac1B\sum_b\ln p_{bn_b}$.
pub(super) fn loss<F: Field>(rows: &[Row<F>]) -> Result<F, Undefined> {
    mean(rows, |row| -row.log_probabilities[row.label].clone())
}

/// $H=-\frac1B\sum_{b,n}p_{bn}\ln p_{bn}$.
pub(super) fn entropy<F: Field>(rows: &[Row<F>]) -> Result<F, Undefined> {
    mean(rows, |row| -inner(&row.probabilities, &row.log_probabilities))
}

/// A batch of logits: one row for each of [`EXAMPLES`] examples, with the label of each.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Logits {
    pub(super) rows: Vec<Vec<f64>>,
    pub(super) labels: Vec<usize>,
}

impl Logits {
    /// Loss, entropy, cost and accuracy.
    ///
    /// # Errors
    /// None for a batch drawn here.
    pub(super) fn cross_entropy(&self) -> Result<CrossEntropy, CrossEntropyError> {
        let classes = self.rows.first().map_or(0, Vec::len);
        let logits = Array2::from_shape_fn((self.rows.len(), classes), |(b, n)| self.rows[b][n]);
        CrossEntropy::new(&logits, &self.labels)
    }
}

/// Batches in which exactly the first `correct` examples have their label's logit above all others; the labels of the others lie
/// at least 1/8 below the largest logit.
pub(super) fn logits(classes: usize, correct: usize) -> impl Strategy<Value = Logits> + Send + Sync {
    (
        vec(strategies::integers(classes), EXAMPLES),
        vec((0..classes, prop_oneof![strategies::fraction(), (1i8..=8).prop_map(f64::from)]), EXAMPLES),
    )
        .prop_map(move |(mut rows, drawn)| {
            for (b, (row, &(label, gap))) in rows.iter_mut().zip(&drawn).enumerate() {
                // The largest logit stands at the label or just behind it.
                let winner = if b < correct { label } else { (label + 1) % classes };
                row[winner] = row.iter().fold(f64::MIN, |m, &y| m.max(y)) + gap;
            }
            Logits { rows, labels: drawn.into_iter().map(|(label, _)| label).collect() }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{enclosure::Running, linalg::TestRatio};

    proptest! {
        /// What the identities are proved of is what the library computes.
        #[test]
        fn loss_entropy_and_gradient_are_those_of_the_library(case in cases()) {
            let rows = case.rows::<Running>().unwrap();
            let logits = Logits {
                rows: rows.iter().map(|row| row.logits.iter().map(|y| y.value).collect()).collect(),
                labels: case.labels.clone(),
            };
            let (ce, size) = (logits.cross_entropy().unwrap(), 1.0 + case.terms());
            let equal = |seen: f64, here: Running| {
                TestRatio::quotient((seen - here.value).abs(), here.error + size * f64::EPSILON).passes()
            };
            prop_assert!(equal(ce.loss(), loss(&rows).unwrap()));
            prop_assert!(equal(ce.entropy(), entropy(&rows).unwrap()));
            let gradient = ce.gradient();
            for (b, row) in case.logit_slopes::<Running>().unwrap().into_iter().enumerate() {
                for (n, slope) in row.into_iter().enumerate() {
                    prop_assert!(equal(gradient[(b, n)], slope));
                }
            }
        }
    }
}
