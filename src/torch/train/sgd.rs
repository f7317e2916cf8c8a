//! Stochastic gradient descent with momentum, weight decay and clipping.

use crate::linalg::Vector;

/// PyTorch's `clip_grad_norm_` followed by its `SGD`: with the gradient $g$,
///
/// $$g\leftarrow g\min\Bigl(1,\frac{c}{\lVert g\rVert+10^{-6}}\Bigr),\qquad m\leftarrow\mu m+g+\lambda\theta,\qquad\theta\leftarrow\theta-\eta m .$$
///
/// The weights of operations that were not run have $g=0$: momentum and weight decay move them all the same, as in the published code, whose
/// gradients are set to zero and not removed between steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sgd {
    /// $\eta$.
    pub lr: f64,
    /// $\mu$.
    pub momentum: f64,
    /// $\lambda$.
    pub weight_decay: f64,
    /// $c$; 0 for no limit.
    pub clip: f64,
}

impl Sgd {
    /// One step; `gradient` is used up.
    pub fn step<V: Vector>(&self, theta: &mut V, momentum: &mut V, mut gradient: V) {
        if self.clip > 0.0 {
            let share = self.clip / (gradient.norm() + 1e-6);
            if share < 1.0 {
                gradient.scale(share);
            }
        }
        if self.weight_decay > 0.0 {
            gradient.axpy(self.weight_decay, theta);
        }
        momentum.scale_add(self.momentum, &gradient);
        theta.axpy(-self.lr, momentum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    #[test]
    fn three_steps_by_hand() {
        let sgd = Sgd { lr: 0.1, momentum: 0.9, weight_decay: 0.01, clip: 5.0 };
        let (mut theta, mut momentum) = (array![1.0, -2.0], array![0.0, 0.0]);
        let (mut x, mut m) = ([1.0, -2.0], [0.0, 0.0]);
        // The first is longer than 5, the others are not.
        for gradient in [[30.0, 40.0], [3.0, 4.0], [0.0, 0.0]] {
            let norm = f64::hypot(gradient[0], gradient[1]);
            let share = f64::min(1.0, 5.0 / (norm + 1e-6));
            for i in 0..2 {
                m[i] = 0.9 * m[i] + share * gradient[i] + 0.01 * x[i];
                x[i] -= 0.1 * m[i];
            }
            sgd.step(&mut theta, &mut momentum, Array1::from(gradient.to_vec()));
            for i in 0..2 {
                // A few roundings of numbers below 10.
                assert!((theta[i] - x[i]).abs() <= 16.0 * f64::EPSILON * 10.0, "{theta} {x:?}");
            }
        }
        assert!(x[0] < 0.0 && momentum[0] != 0.0);
    }
}
