//! The relaxation of DARTS: $Z_{eo} = e^{\alpha_{eo}}/\sum_{o'}e^{\alpha_{eo'}}$, edge by edge (`influence`, Section 2).
//!
//! Its Jacobian on an edge, $J_e=\operatorname{diag}Z_e-Z_eZ_e^\top$, is symmetric, so pushing a direction forward and pulling a cost back are the
//! same map. $J_e\mathbf 1=0$: adding a constant to the logits of an edge changes nothing.

use ndarray::Array2;
use rand::Rng;

use super::{Draw, Relaxation, Smooth, present};

/// $Z=\mathrm{softmax}(\alpha)$, without noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Softmax;

/// $Z=\mathrm{softmax}(\alpha)$ at some $\alpha$; everything is evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct SoftmaxDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
}

impl Softmax {
    /// The gates at `alpha`.
    pub fn at(&self, alpha: &Array2<f64>) -> SoftmaxDraw {
        SoftmaxDraw { gates: gates(alpha), active: present(alpha) }
    }
}

impl Relaxation for Softmax {
    type Draw = SoftmaxDraw;

    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, _: &mut R) -> SoftmaxDraw {
        self.at(alpha)
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        gates(alpha)
    }
}

impl Draw for SoftmaxDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        pull(&self.gates, cost)
    }
}

impl Smooth for SoftmaxDraw {
    fn push(&self, u: &Array2<f64>) -> Array2<f64> {
        push(&self.gates, u)
    }

    fn bend(&self, cost: &Array2<f64>, u: &Array2<f64>) -> Array2<f64> {
        pull_derivative(&self.gates, cost, u)
    }
}

/// $Z=\mathrm{softmax}(\alpha)$, row by row.
/// A logit of $-\infty$ makes a gate of 0; a row of nothing else, an edge that is not there, is 0.
pub fn gates(logits: &Array2<f64>) -> Array2<f64> {
    let mut gates = logits.clone();
    for mut row in gates.rows_mut() {
        let max = row.fold(f64::NEG_INFINITY, |m, &a| m.max(a));
        if max == f64::NEG_INFINITY {
            row.fill(0.0);
            continue;
        }
        row.mapv_inplace(|a| (a - max).exp());
        row /= row.sum();
    }
    gates
}

/// $J u$: the change of the gates when the logits move along `u`, $E\times O$.
pub fn push(gates: &Array2<f64>, u: &Array2<f64>) -> Array2<f64> {
    let mut out = u.clone();
    for (z, mut row) in gates.rows().into_iter().zip(out.rows_mut()) {
        let mean = z.dot(&row);
        row.zip_mut_with(&z, |u, &z| *u = z * (*u - mean));
    }
    out
}

/// $J^\top C$: the derivative with respect to the logits of a loss whose derivative with respect to the gates is `cost`.
pub fn pull(gates: &Array2<f64>, cost: &Array2<f64>) -> Array2<f64> {
    push(gates, cost)
}

/// The derivative of [`pull`] along `u` for a fixed cost: $\frac{d}{dt}J(\alpha+tu)^\top C$.
///
/// Row by row, with $\dot z=Ju$: $\dot z\circ(C-\langle z,C\rangle)-z\langle\dot z,C\rangle$. Together with $J^\top\frac{\partial^2L}{\partial Z\partial Z}Ju$ it is the product of
/// $u$ with the Hessian of $L(\mathrm{softmax}\,\alpha)$.
pub fn pull_derivative(gates: &Array2<f64>, cost: &Array2<f64>, u: &Array2<f64>) -> Array2<f64> {
    let mut out = push(gates, u);
    for ((z, c), mut row) in gates.rows().into_iter().zip(cost.rows()).zip(out.rows_mut()) {
        let (mean, moved) = (z.dot(&c), row.dot(&c));
        ndarray::Zip::from(&mut row).and(&z).and(&c).for_each(|dot, &z, &c| *dot = *dot * (c - mean) - z * moved);
    }
    out
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use num_dual::{DualNum, DualVec64, gradient};

    use super::*;
    use crate::linalg::TestRatio;

    #[test]
    fn the_jacobian_is_that_of_dual_numbers() {
        let logits = array![[0.3, -1.2, 2.0, 0.0], [5.0, 5.5, -3.0, 700.0]];
        let z = gates(&logits);
        for (e, row) in logits.rows().into_iter().enumerate() {
            for o in 0..4 {
                let component = |a: nalgebra::DVector<DualVec64<nalgebra::Dyn>>| {
                    let max = row.fold(f64::NEG_INFINITY, |m, &a| m.max(a));
                    let exps: Vec<_> = a.iter().map(|a| (a.clone() - max).exp()).collect();
                    exps[o].clone() / exps.iter().cloned().reduce(|x, y| x + y).unwrap()
                };
                let (value, derivative) = gradient(component, &nalgebra::DVector::from_vec(row.to_vec()));
                assert!(TestRatio::identity(z[(e, o)], value, value, 4).passes());
                let mut unit = Array2::zeros((2, 4));
                unit[(e, o)] = 1.0;
                let pulled = pull(&z, &unit);
                for i in 0..4 {
                    assert!(TestRatio::identity(pulled[(e, i)], derivative[i], z[(e, o)], 8).passes());
                }
            }
        }
    }

    #[test]
    fn shifts_of_an_edge_are_null_directions() {
        let z = gates(&array![[0.3, -1.2, 2.0], [1.0, 1.0, 1.0]]);
        let pushed = push(&z, &array![[1.0, 1.0, 1.0], [-2.0, -2.0, -2.0]]);
        for (value, z) in pushed.iter().zip(&z) {
            assert!(TestRatio::identity(*value, 0.0, 2.0 * z, 8).passes(), "{value}");
        }
    }
}
