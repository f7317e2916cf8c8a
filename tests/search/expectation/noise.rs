//! Quadrature over the noise of one edge.
//!
//! The logits $v_j=\alpha_j+G_j$ perturbed by independent Gumbel variables have the density
//! $\prod_je^{\alpha_j-v_j}\exp(-\sum_je^{\alpha_j-v_j})$. A softmax and an argmax see only their differences;
//! integrated over a common shift, these have the density
//! $$f(v)=(K-1)!\prod_{j=1}^Kq_j,\qquad q=\mathrm{softmax}(\alpha-v),\qquad
//!   \frac{\partial\ln f}{\partial\alpha_j}=1-Kq_j,$$
//! in the $K-1$ differences to any one of the $v$, which is put to 0. Here $K=3$.

use ndarray::{Array1, ArrayView1, array};

/// A point $v$, with $f(v)$ times the volume it stands for.
pub struct Node {
    pub perturbed: Array1<f64>,
    pub weight: f64,
    /// $\nabla_\alpha\ln f(v)$.
    pub score: Array1<f64>,
}

pub fn softmax(logits: &Array1<f64>) -> Array1<f64> {
    let exps = logits.mapv(f64::exp);
    &exps / exps.sum()
}

impl Node {
    fn at(alpha: ArrayView1<'_, f64>, perturbed: Array1<f64>, volume: f64) -> Self {
        let q = softmax(&(&alpha - &perturbed));
        Self { perturbed, weight: 2.0 * q.product() * volume, score: 1.0 - 3.0 * q }
    }
}

/// The trapezoidal rule in the two differences to the last: what is smooth in them is integrated with an error that
/// falls exponentially in the step. $f$ falls at least like $e^{-\lvert v\rvert}$.
pub fn everywhere(alpha: ArrayView1<'_, f64>) -> Vec<Node> {
    const STEP: f64 = 0.3;
    let line = || (-90..=90).map(|k| STEP * f64::from(k));
    line()
        .flat_map(|v| line().map(move |w| array![v, w, 0.0]))
        .map(|v| Node::at(alpha, v, STEP * STEP))
        .filter(|node| node.weight > 1e-13)
        .collect()
}

/// Where `largest` is: the others lie below it by $t=e^y$, and the rule is trapezoidal in $y$, so that what has a kink
/// where the largest changes is smooth.
pub fn where_largest(alpha: ArrayView1<'_, f64>, largest: usize) -> Vec<Node> {
    const STEP: f64 = 0.1;
    let below = || (-200..=40).map(|k| (STEP * f64::from(k)).exp());
    below()
        .flat_map(|t| below().map(move |u| (t, u)))
        .map(|(t, u)| {
            let mut v = array![-t, -t, -t];
            v[(largest + 1) % 3] = -u;
            v[largest] = 0.0;
            Node::at(alpha, v, STEP * STEP * t * u)
        })
        .filter(|node| node.weight > 1e-16)
        .collect()
}
