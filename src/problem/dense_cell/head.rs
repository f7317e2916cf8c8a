//! Global average pooling, a linear classifier, softmax cross-entropy.
//!
//! With logits $l_b=Ws_b+\beta$, $p=\mathrm{softmax}(l)$ and $L=\frac1B\sum_b\ln\sum_k e^{l_{bk}}-l_{by_b}$:
//! $\partial L/\partial l_{bk}=\frac1B(p_{bk}-[k=y_b])$, $\partial L/\partial W_{kf}=\sum_b\frac{\partial L}{\partial l_{bk}}s_{bf}$ and
//! $\partial L/\partial s_{bf}=\sum_kW_{kf}\frac{\partial L}{\partial l_{bk}}$.

use super::plane::PLANE;
use crate::linalg::Real;

/// The loss and its gradient at the pooled features.
#[derive(Debug, Clone)]
pub(super) struct Head<T> {
    pub(super) loss: T,
    /// The mean entropy of the predicted distribution.
    pub(super) entropy: T,
    /// The share of examples whose largest logit (the first, of equals) is at their label.
    pub(super) accuracy: f64,
    /// The gradient in the classifier's weights, `[class][feature]`, then its bias if it has one.
    pub(super) gradient: Vec<T>,
    /// The cotangent of the pooled features, `[feature][example]`.
    pub(super) pooled: Vec<T>,
}

/// The mean of each plane.
pub(super) fn pool<T: Real>(x: &[T]) -> Vec<T> {
    x.chunks_exact(PLANE)
        .map(|plane| {
            let mut sum = T::zero();
            plane.iter().for_each(|&x| sum += x);
            sum * (1.0 / PLANE as f64)
        })
        .collect()
}

/// `pooled` is `[feature][example]`.
pub(super) fn head<T: Real>(classifier: &[T], pooled: &[T], labels: &[usize], classes: usize) -> Head<T> {
    let examples = labels.len();
    let features = pooled.len() / examples;
    let (weights, bias) = classifier.split_at(classes * features);
    let mut out = Head {
        loss: T::zero(),
        entropy: T::zero(),
        accuracy: 0.0,
        gradient: vec![T::zero(); classifier.len()],
        pooled: vec![T::zero(); pooled.len()],
    };
    let share = 1.0 / examples as f64;
    for (b, &label) in labels.iter().enumerate() {
        let s = |f: usize| pooled[f * examples + b];
        let logits: Vec<T> = (0..classes)
            .map(|k| {
                let mut logit = bias.get(k).copied().unwrap_or(T::zero());
                (0..features).for_each(|f| logit += weights[k * features + f] * s(f));
                logit
            })
            .collect();
        let best = (0..classes).fold(0, |best, k| if logits[k].value() > logits[best].value() { k } else { best });
        let shift = T::constant(logits[best].value());
        let mut sum = T::zero();
        logits.iter().for_each(|&l| sum += (l - shift).exp());
        let partition = sum.ln() + shift;
        out.loss += (partition - logits[label]) * share;
        out.accuracy += if best == label { share } else { 0.0 };
        for (k, &logit) in logits.iter().enumerate() {
            let p = (logit - partition).exp();
            out.entropy += p * (partition - logit) * share;
            let g = (p - T::constant(f64::from(u8::from(k == label)))) * share;
            for f in 0..features {
                out.gradient[k * features + f] += g * s(f);
                out.pooled[f * examples + b] += g * weights[k * features + f];
            }
            if let Some(bias) = out.gradient.get_mut(classes * features + k) {
                *bias += g;
            }
        }
    }
    out
}
