//! What stands behind the last cell (`wiring`, Fig. 20): global average pooling, a linear layer, softmax cross-entropy.

use ndarray::Array2;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::strategies,
    cost::{
        cross_entropy::{CrossEntropy, CrossEntropyError},
        homogeneity::inner,
    },
    linalg::Rounded,
};

/// Examples in a batch.
pub(super) const EXAMPLES: usize = 8;
/// Channels of the last output node.
pub(super) const CHANNELS: usize = 4;
/// Pixels $D$ of a channel.
const PIXELS: usize = 4;

/// A batch of last output nodes and a classifier.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    /// $X_4$, `[b][c][d]`.
    pub(super) output: Vec<f64>,
    /// $w_{cn}$, `[c][n]`.
    pub(super) weight: Vec<f64>,
    /// The bias of the linear layer, one entry a class.
    pub(super) bias: Vec<f64>,
    /// $n_b$.
    pub(super) labels: Vec<usize>,
}

/// Classifiers of 2 to 5 classes without bias; logits up to a few dozen.
pub(super) fn cases() -> impl Strategy<Value = Case> + Send + Sync {
    let output = strategies::integers(EXAMPLES * CHANNELS * PIXELS);
    (2usize..=5, output, prop_oneof![Just(0.125), Just(1.0)]).prop_flat_map(|(classes, output, scale)| {
        (strategies::integers(CHANNELS * classes), vec(0..classes, EXAMPLES)).prop_map(move |(weight, labels)| Case {
            output: output.clone(),
            weight: weight.into_iter().map(|w| scale * w).collect(),
            bias: vec![0.0; classes],
            labels,
        })
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

    /// $[X_p]_{bc}=\frac1D\sum_d[X_4]_{bcd}$.
    pub(super) fn pooled(&self) -> Array2<f64> {
        let mean = |(b, c): (usize, usize)| {
            let start = (b * CHANNELS + c) * PIXELS;
            self.output[start..start + PIXELS].iter().sum::<f64>() / PIXELS as f64
        };
        Array2::from_shape_fn((EXAMPLES, CHANNELS), mean)
    }

    /// $Y_{bn}=\sum_c[X_p]_{bc}w_{cn}$, plus the bias.
    pub(super) fn logits(&self) -> Array2<f64> {
        let pooled = self.pooled();
        Array2::from_shape_fn((EXAMPLES, self.classes()), |(b, n)| {
            (0..CHANNELS).map(|c| pooled[(b, c)] * self.weight[c * self.classes() + n]).sum::<f64>() + self.bias[n]
        })
    }

    /// Loss, entropy and gradient at the logits.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn cross_entropy(&self) -> Result<CrossEntropy, CrossEntropyError> {
        CrossEntropy::new(&self.logits(), &self.labels)
    }

    /// $\langle\partial L/\partial X_4,X_4\rangle$ by the chain rule of `wiring`, Eq. 22, element by element.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn cost(&self) -> Result<Rounded, CrossEntropyError> {
        let slope = self.cross_entropy()?.gradient();
        let cotangent: Vec<f64> = (0..self.output.len())
            .map(|i| {
                let (b, c) = (i / (CHANNELS * PIXELS), i / PIXELS % CHANNELS);
                let through = |n: usize| slope[(b, n)] * self.weight[c * self.classes() + n];
                (0..self.classes()).map(through).sum::<f64>() / PIXELS as f64
            })
            .collect();
        Ok(inner(&cotangent, &self.output))
    }

    /// $\sum|\text{terms}|$ of the cost as a sum over logits.
    pub(super) fn terms(&self) -> f64 {
        let pooled = self.pooled();
        let products = |(b, n): (usize, usize)| {
            (0..CHANNELS).map(|c| (pooled[(b, c)] * self.weight[c * self.classes() + n]).abs()).sum::<f64>() + 1.0
        };
        Array2::from_shape_fn((EXAMPLES, self.classes()), products).sum()
    }
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
