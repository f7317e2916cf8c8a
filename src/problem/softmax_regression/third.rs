//! A bound on the third derivative in the weights.
//!
//! Along $V$ the third derivative of $\log\sum_c e^{s_c}$ is the third central moment of $\dot s_c = (Vh_i)_c$ under $p_i$, at most
//! $\max_{c,c'}|\dot s_c-\dot s_{c'}|$ times the second, and $\max_{c,c'}|\dot s_c-\dot s_{c'}|\le\sqrt2\lVert\dot s\rVert_2\le\sqrt2\lVert V\rVert_F\lVert h_i\rVert_2$. The rest of
//! the loss is at most quadratic. So $|D^3L[V,V,V]|\le R\lVert V\rVert\,D^2L[V,V]$ with $R=\sqrt2\max_i\lVert h_i\rVert$: the loss is
//! generalised self-concordant.

use ndarray::{Array1, Array2};

use super::{Examples, SoftmaxRegression, forward::Pass};

impl SoftmaxRegression {
    /// $R$ with $|D^3L\lbrack V,V,V\rbrack|\le R\lVert V\rVert_F\,D^2L\lbrack V,V\rbrack$ for all weights and all $V$.
    pub fn self_concordance(&self, gates: &Array2<f64>, batch: &Examples) -> f64 {
        let pass = Pass::new(self, &Array1::zeros(self.classes * self.width()), gates, batch);
        let longest = pass.mixed.rows().into_iter().map(|h| h.dot(&h)).fold(0.0, f64::max);
        (2.0 * longest).sqrt()
    }
}
