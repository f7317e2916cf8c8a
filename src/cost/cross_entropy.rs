//! Softmax cross-entropy and the cost at the logits, $C=L-H$.
//!
//! For logits $Y\in\mathbb R^{B\times N}$, labels $n_b$ and $p_b=\operatorname{softmax}(Y_b)$,
//!
//! $$L=-\frac1B\sum_b\ln p_{bn_b},\qquad H=-\frac1B\sum_{b,n}p_{bn}\ln p_{bn},\qquad
//! \frac{\partial L}{\partial Y_{bn}}=\frac{p_{bn}-[n=n_b]}B .$$
//!
//! The cost at the logits is $C=\langle\partial L/\partial Y,Y\rangle=\frac1B\sum_b\bigl(\sum_np_{bn}Y_{bn}-Y_{bn_b}\bigr)$ (`wiring`, Eq. 9).
//! With $Y_{bn}=\ln p_{bn}+\ell_b$, $\ell_b=\ln\sum_qe^{Y_{bq}}$, and $\sum_np_{bn}=1$, the $\ell_b$ cancel:
//!
//! $$C=\frac1B\sum_b\Bigl(\sum_np_{bn}\ln p_{bn}-\ln p_{bn_b}\Bigr)=L-H\qquad(\text{`wiring`, Eq. 8}).$$
//!
//! **With a bias.** If $Y=XW+b$, the cost at the features is $\langle\partial L/\partial X,X\rangle=\langle\partial L/\partial Y,Y-b\rangle$, so
//!
//! $$C_X=L-H-\frac1B\sum_{b,n}(p_{bn}-[n=n_b])\,b_n .$$
//!
//! **Numbers.** Everything is computed from differences to the row's maximum $M$: with $S=\sum_{n\ne\arg\max}e^{Y_n-M}$,
//! $\ell-M=\ln(1+S)$ by `ln_1p`. So $L$ keeps its digits as it tends to 0, no exponential overflows, and a probability that underflows
//! contributes $0\cdot\infty=0$ to $H$ and $C$.

use ndarray::{Array1, Array2, Axis};

use crate::linalg::Real;

/// Logits and labels that cannot be judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CrossEntropyError {
    /// No example or no class.
    #[error("the logits are {0}×{1}; cross-entropy needs at least one example (row) and one class (column)")]
    Empty(usize, usize),
    /// One label an example.
    #[error("{labels} labels for {examples} rows of logits; give one label a row")]
    LabelCount {
        /// Labels given.
        labels: usize,
        /// Rows of logits.
        examples: usize,
    },
    /// A label that is no class.
    #[error("the label of example {example} is {label}, but there are {classes} classes, numbered from 0")]
    Label {
        /// The row.
        example: usize,
        /// Its label.
        label: usize,
        /// The number of classes.
        classes: usize,
    },
    /// NaN or infinite logits.
    #[error("the logit of example {example}, class {class} is not finite; check the network's weights and inputs")]
    NotFinite {
        /// The row.
        example: usize,
        /// The column.
        class: usize,
    },
    /// One bias a class.
    #[error("the bias has {given} entries for {classes} classes")]
    Bias {
        /// Entries given.
        given: usize,
        /// The number of classes.
        classes: usize,
    },
}

/// Loss, entropy and cost of one example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms<T> {
    /// $-\ln p_{n_b}$.
    pub loss: T,
    /// $-\sum_np_n\ln p_n$.
    pub entropy: T,
    /// $\sum_np_n(Y_n-Y_{n_b})$, computed so and not as a difference of the other two.
    pub cost: T,
}

/// The kernel: one row of logits, its label below `logits.len()`; writes $p$ to `probabilities`.
///
/// Over any [`Real`], so that its derivatives are exact too.
pub fn row<T: Real>(logits: &[T], label: usize, probabilities: &mut [T]) -> Terms<T> {
    let top = (1..logits.len()).fold(0, |best, n| if logits[n].value() > logits[best].value() { n } else { best });
    let mut rest = T::zero();
    for (n, (p, &y)) in probabilities.iter_mut().zip(logits).enumerate() {
        *p = (y - logits[top]).exp();
        if n != top {
            rest += *p;
        }
    }
    let total = rest.ln_1p();
    let mut terms = Terms { loss: total + (logits[top] - logits[label]), entropy: T::zero(), cost: T::zero() };
    let scale = T::constant(1.0) / (rest + T::constant(1.0));
    for (p, &y) in probabilities.iter_mut().zip(logits) {
        *p *= scale;
        // An underflowed p may meet an overflowed difference.
        if p.value() > 0.0 {
            terms.entropy += *p * (total + (logits[top] - y));
            terms.cost += *p * (y - logits[label]);
        }
    }
    terms
}

/// Softmax cross-entropy of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossEntropy {
    probabilities: Array2<f64>,
    labels: Vec<usize>,
    terms: Vec<Terms<f64>>,
    correct: Vec<bool>,
}

impl CrossEntropy {
    /// Evaluates a batch: `logits` is $B\times N$, `labels` has $B$ entries in $0..N$.
    ///
    /// # Errors
    /// [`CrossEntropyError`]: an empty batch, a label count or label out of range, logits that are not finite.
    pub fn new(logits: &Array2<f64>, labels: &[usize]) -> Result<Self, CrossEntropyError> {
        let (examples, classes) = logits.dim();
        if examples == 0 || classes == 0 {
            return Err(CrossEntropyError::Empty(examples, classes));
        }
        if labels.len() != examples {
            return Err(CrossEntropyError::LabelCount { labels: labels.len(), examples });
        }
        if let Some((example, &label)) = labels.iter().enumerate().find(|&(_, &label)| label >= classes) {
            return Err(CrossEntropyError::Label { example, label, classes });
        }
        if let Some(((example, class), _)) = logits.indexed_iter().find(|(_, y)| !y.is_finite()) {
            return Err(CrossEntropyError::NotFinite { example, class });
        }
        let mut probabilities = Array2::zeros((examples, classes));
        let (mut terms, mut correct) = (Vec::with_capacity(examples), Vec::with_capacity(examples));
        let mut p = vec![0.0; classes];
        for ((y, mut out), &label) in logits.outer_iter().zip(probabilities.outer_iter_mut()).zip(labels) {
            let y = y.to_vec();
            terms.push(row(&y, label, &mut p));
            out.assign(&ndarray::ArrayView1::from(&p));
            correct.push(y.iter().enumerate().all(|(n, &other)| n == label || other < y[label]));
        }
        Ok(Self { probabilities, labels: labels.to_vec(), terms, correct })
    }

    /// $L$, in nats, a mean over the batch.
    pub fn loss(&self) -> f64 {
        self.mean(|t| t.loss)
    }

    /// $H$, in nats, a mean over the batch.
    pub fn entropy(&self) -> f64 {
        self.mean(|t| t.entropy)
    }

    /// $C=\langle\partial L/\partial Y,Y\rangle$ by `wiring`, Eq. 9: not as $L-H$, which it equals.
    pub fn cost(&self) -> f64 {
        self.mean(|t| t.cost)
    }

    /// The cost at the features when the last layer adds `bias` to its logits (which already contain it): $C_X$ above.
    ///
    /// # Errors
    /// [`CrossEntropyError::Bias`] unless `bias` has one entry a class.
    pub fn cost_with_bias(&self, bias: &[f64]) -> Result<f64, CrossEntropyError> {
        let classes = self.probabilities.ncols();
        if bias.len() != classes {
            return Err(CrossEntropyError::Bias { given: bias.len(), classes });
        }
        let correction = self.gradient().sum_axis(Axis(0)).dot(&Array1::from(bias.to_vec()));
        Ok(self.cost() - correction)
    }

    /// $\partial L/\partial Y$, $B\times N$.
    pub fn gradient(&self) -> Array2<f64> {
        let mut gradient = self.probabilities.clone();
        for (mut row, &label) in gradient.outer_iter_mut().zip(&self.labels) {
            // p − 1 would lose the digits of a confident prediction; the sum of the others keeps them.
            row[label] = 0.0;
            row[label] = -row.sum();
        }
        gradient / self.labels.len() as f64
    }

    /// $p$, $B\times N$, rows summing to one.
    pub fn probabilities(&self) -> &Array2<f64> {
        &self.probabilities
    }

    /// The terms of each example.
    pub fn terms(&self) -> &[Terms<f64>] {
        &self.terms
    }

    /// The share of examples whose label has the strictly largest logit.
    pub fn accuracy(&self) -> f64 {
        self.correct.iter().filter(|&&correct| correct).count() as f64 / self.labels.len() as f64
    }

    /// Whether the label of each example has the strictly largest logit.
    pub fn correct(&self) -> &[bool] {
        &self.correct
    }

    fn mean(&self, of: impl Fn(&Terms<f64>) -> f64) -> f64 {
        self.terms.iter().map(of).sum::<f64>() / self.terms.len() as f64
    }
}
