//! A loss of weights and gates with every derivative in closed form, on which an approximation is compared with the truth.
//!
//! $$L(\theta,\alpha)=g^\top\alpha+b^\top\theta+\tfrac12\alpha^\top A\alpha+\alpha^\top B\theta+\tfrac12\theta^\top H\theta
//!   +s\sum_k\varphi(u_k^\top\theta+w_k^\top\alpha),\qquad \varphi(x)=\ln\tfrac{1+2e^x}{3}-\tfrac23x.$$
//!
//! The bend $\varphi$ is the cross-entropy of two classes, one of them twice as likely at $x=0$: convex, $\varphi(0)=\varphi'(0)=0$,
//! $\varphi''(0)=\tfrac29$, $\varphi'''(0)=-\tfrac2{27}$. With $H$ positive definite and $s\ge0$, $L(\cdot,\alpha)$ is strongly convex, and its minimiser is
//! found by Newton's method to rounding. Third and higher derivatives are proportional to $s$. With $b=0$, $\theta=0$ is stationary at $\alpha=0$.

use nalgebra::{DMatrix, DVector};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{flat::Flat, strategies};
use crate::enclosure::{Field, Undefined, lift, lift_rows};

/// One bend of a [`Landscape`].
#[derive(Debug, Clone, Serialize)]
pub struct Ridge {
    /// $u_k$.
    pub weights: Vec<f64>,
    /// $w_k$.
    pub gates: Vec<f64>,
}

/// The loss; matrices as rows, in the units of a pocket calculator.
#[derive(Debug, Clone, Serialize)]
pub struct Landscape {
    /// $g$.
    pub gate_gradient: Vec<f64>,
    /// $b$.
    pub weight_gradient: Vec<f64>,
    /// $A$, $p\times p$.
    pub gate_hessian: Vec<Vec<f64>>,
    /// $B$, $p\times n$.
    pub cross: Vec<Vec<f64>>,
    /// $H$, $n\times n$, positive definite.
    pub hessian: Vec<Vec<f64>>,
    /// The bends.
    pub ridges: Vec<Ridge>,
    /// $s\ge0$.
    pub bend: f64,
}

/// $\varphi,\varphi',\varphi''$ at $x$.
fn phi(x: f64) -> (f64, f64, f64) {
    let p = 2.0 / (2.0 + (-x).exp());
    // Each branch avoids the overflow of the other; near 0 the first has no cancellation beyond that of its two terms.
    let log = if x < 30.0 { (2.0 * x.exp_m1() / 3.0).ln_1p() } else { x + (2.0f64 / 3.0).ln() };
    (log - 2.0 * x / 3.0, p - 2.0 / 3.0, p * (1.0 - p))
}

fn column(entries: &[f64]) -> DVector<f64> {
    DVector::from_column_slice(entries)
}

impl Landscape {
    /// $(p, n)$: gates and weights.
    pub fn shape(&self) -> (usize, usize) {
        (self.gate_gradient.len(), self.weight_gradient.len())
    }

    /// The same loss with $s$ replaced.
    #[must_use]
    pub fn with_bend(&self, bend: f64) -> Self {
        Self { bend, ..self.clone() }
    }

    /// The same loss without its bends: a quadratic.
    #[must_use]
    pub fn flat(self) -> Self {
        Self { ridges: Vec::new(), bend: 0.0, ..self }
    }

    /// The same loss without its bends, over any field.
    ///
    /// # Errors
    /// [`Undefined::NotFinite`] where an entry is not finite.
    pub fn quadratic<F: Field>(&self) -> Result<Flat<F>, Undefined> {
        Ok(Flat {
            gate_gradient: lift(&self.gate_gradient)?,
            weight_gradient: lift(&self.weight_gradient)?,
            gate_hessian: lift_rows(&self.gate_hessian)?,
            cross: lift_rows(&self.cross)?,
            hessian: lift_rows(&self.hessian)?,
        })
    }

    fn floats(&self) -> Flat<f64> {
        Flat {
            gate_gradient: column(&self.gate_gradient),
            weight_gradient: column(&self.weight_gradient),
            gate_hessian: strategies::matrix(&self.gate_hessian),
            cross: strategies::matrix(&self.cross),
            hessian: strategies::matrix(&self.hessian),
        }
    }

    /// $L$ and the sum of the magnitudes of its terms.
    pub fn value(&self, theta: &DVector<f64>, alpha: &DVector<f64>) -> (f64, f64) {
        let flat = self.floats();
        let magnitudes = Flat {
            gate_gradient: flat.gate_gradient.abs(),
            weight_gradient: flat.weight_gradient.abs(),
            gate_hessian: flat.gate_hessian.abs(),
            cross: flat.cross.abs(),
            hessian: flat.hessian.abs(),
        };
        let of =
            |flat: &Flat<f64>, theta: &DVector<f64>, alpha: &DVector<f64>| flat.value(theta, alpha).unwrap_or(f64::NAN);
        let bends: f64 = self.arguments(theta, alpha).map(|(_, x, _)| phi(x).0).sum();
        let sizes: f64 = self.arguments(theta, alpha).map(|(_, x, size)| x.abs() + size).sum();
        let (value, size) = (of(&flat, theta, alpha), of(&magnitudes, &theta.abs(), &alpha.abs()));
        (value + self.bend * bends, size + self.bend * sizes)
    }

    /// Each ridge, $x_k=u_k^\top\theta+w_k^\top\alpha$ and the magnitude of the terms of $x_k$.
    fn arguments<'a>(
        &'a self,
        theta: &'a DVector<f64>,
        alpha: &'a DVector<f64>,
    ) -> impl Iterator<Item = (&'a Ridge, f64, f64)> {
        self.ridges.iter().map(move |ridge| {
            let terms = ridge.weights.iter().zip(theta).chain(ridge.gates.iter().zip(alpha)).map(|(a, b)| a * b);
            (ridge, terms.clone().sum(), terms.map(f64::abs).sum())
        })
    }

    /// $\partial L/\partial\theta$.
    pub fn weight_gradient(&self, theta: &DVector<f64>, alpha: &DVector<f64>) -> DVector<f64> {
        let mut out = self.floats().by_weights(theta, alpha);
        for (ridge, x, _) in self.arguments(theta, alpha) {
            out += column(&ridge.weights) * (self.bend * phi(x).1);
        }
        out
    }

    /// $\partial L/\partial\alpha$.
    pub fn gate_gradient(&self, theta: &DVector<f64>, alpha: &DVector<f64>) -> DVector<f64> {
        let mut out = self.floats().by_gates(theta, alpha);
        for (ridge, x, _) in self.arguments(theta, alpha) {
            out += column(&ridge.gates) * (self.bend * phi(x).1);
        }
        out
    }

    /// $\partial^2L/\partial\theta\partial\theta$, $n\times n$.
    pub fn hessian(&self, theta: &DVector<f64>, alpha: &DVector<f64>) -> DMatrix<f64> {
        self.bent(&self.hessian, theta, alpha, |ridge| (&ridge.weights, &ridge.weights))
    }

    /// $\partial^2L/\partial\alpha\partial\alpha$, $p\times p$.
    pub fn gate_hessian(&self, theta: &DVector<f64>, alpha: &DVector<f64>) -> DMatrix<f64> {
        self.bent(&self.gate_hessian, theta, alpha, |ridge| (&ridge.gates, &ridge.gates))
    }

    /// $\partial^2L/\partial\alpha\partial\theta$, $p\times n$.
    pub fn cross(&self, theta: &DVector<f64>, alpha: &DVector<f64>) -> DMatrix<f64> {
        self.bent(&self.cross, theta, alpha, |ridge| (&ridge.gates, &ridge.weights))
    }

    fn bent(
        &self,
        flat: &[Vec<f64>],
        theta: &DVector<f64>,
        alpha: &DVector<f64>,
        sides: impl Fn(&Ridge) -> (&Vec<f64>, &Vec<f64>),
    ) -> DMatrix<f64> {
        let mut out = strategies::matrix(flat);
        for (ridge, x, _) in self.arguments(theta, alpha) {
            let (left, right) = sides(ridge);
            out += column(left) * column(right).transpose() * (self.bend * phi(x).2);
        }
        out
    }

    /// $\arg\min_\theta L(\theta,\alpha)$ by Newton's method; `None` where the Hessian is not positive definite.
    ///
    /// The steps stop when the gradient no longer falls, which is at rounding: each accepted step makes it strictly smaller.
    pub fn minimise(&self, alpha: &DVector<f64>) -> Option<DVector<f64>> {
        let mut theta = DVector::zeros(self.shape().1);
        let mut gradient = self.weight_gradient(&theta, alpha);
        for _ in 0..NEWTON_STEPS {
            let step = self.hessian(&theta, alpha).cholesky()?.solve(&gradient);
            let better = (0..HALVINGS).find_map(|k| {
                let next = &theta - &step * 0.5f64.powi(k);
                let g = self.weight_gradient(&next, alpha);
                (g.norm() < gradient.norm()).then_some((next, g))
            });
            match better {
                Some((next, g)) => (theta, gradient) = (next, g),
                None => break,
            }
        }
        Some(theta)
    }
}

/// More than quadratic convergence needs from anywhere on these losses.
const NEWTON_STEPS: usize = 60;

/// A step shorter than $2^{-30}$ of Newton's is no step.
const HALVINGS: i32 = 30;

/// Landscapes with $p$ gates and $n$ weights, $\begin{pmatrix}A&B\\\\B^\top&H\end{pmatrix}$ positive definite and $g=0$, $b=0$: at the origin
/// the weights and the gates are both optimal. Two ridges, $s=1$.
pub fn optimal(p: usize, n: usize) -> impl Strategy<Value = Landscape> + Clone {
    let ridge =
        (strategies::integers(n), strategies::integers(p)).prop_map(|(weights, gates)| Ridge { weights, gates });
    (strategies::positive_definite(p + n), vec(ridge, 2)).prop_map(move |(joint, ridges)| {
        let block = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| {
            joint[rows].iter().map(|row| row[columns.clone()].to_vec()).collect()
        };
        Landscape {
            gate_gradient: vec![0.0; p],
            weight_gradient: vec![0.0; n],
            gate_hessian: block(0..p, 0..p),
            cross: block(0..p, p..p + n),
            hessian: block(p..p + n, p..p + n),
            ridges,
            bend: 1.0,
        }
    })
}

/// A direction in the gates: $p$ small integers, the first positive, so that it is never zero.
pub fn direction(p: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    (1i8..=4, strategies::integers(p)).prop_map(|(first, mut rest)| {
        rest[0] = f64::from(first);
        rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::TestRatio;

    proptest! {
        /// Every derivative against a central difference of the one before it: error $O(h^2)$ from the third derivatives, which the ridges
        /// bound, and $O(\epsilon/h)$ from rounding; their sum at $h=\epsilon^{1/3}$.
        #[test]
        fn derivatives_are_those_of_the_value(
            landscape in optimal(3, 4),
            theta in strategies::integers(4),
            alpha in strategies::integers(3),
            u in strategies::integers(4),
            z in strategies::integers(3),
        ) {
            let (theta, alpha, u, z) = (column(&theta) / 8.0, column(&alpha) / 8.0, column(&u), column(&z));
            let h = f64::EPSILON.cbrt();
            let slope = |f: &dyn Fn(f64) -> f64| (f(h) - f(-h)) / (2.0 * h);
            let reach = |r: &Ridge| column(&r.weights).dot(&u).abs().max(column(&r.gates).dot(&z).abs());
            let third: f64 = landscape.ridges.iter().map(|r| reach(r).powi(3)).sum();
            let size = landscape.value(&(theta.abs() + u.abs()), &(alpha.abs() + z.abs())).1;
            let scale = third * h * h + 16.0 * f64::EPSILON * size / h;
            let pairs = [
                (slope(&|t| landscape.value(&(&theta + &u * t), &alpha).0), landscape.weight_gradient(&theta, &alpha).dot(&u)),
                (slope(&|t| landscape.value(&theta, &(&alpha + &z * t)).0), landscape.gate_gradient(&theta, &alpha).dot(&z)),
                (slope(&|t| landscape.weight_gradient(&(&theta + &u * t), &alpha).dot(&u)), u.dot(&(landscape.hessian(&theta, &alpha) * &u))),
                (slope(&|t| landscape.gate_gradient(&theta, &(&alpha + &z * t)).dot(&z)), z.dot(&(landscape.gate_hessian(&theta, &alpha) * &z))),
                (slope(&|t| landscape.gate_gradient(&(&theta + &u * t), &alpha).dot(&z)), z.dot(&(landscape.cross(&theta, &alpha) * &u))),
            ];
            for (difference, derivative) in pairs {
                prop_assert!((difference - derivative).abs() <= scale, "{difference} {derivative} {scale}");
            }
        }

        #[test]
        fn the_minimiser_is_stationary(landscape in optimal(3, 8), alpha in strategies::integers(3)) {
            let alpha = column(&alpha);
            let theta = landscape.minimise(&alpha).unwrap();
            let scale = landscape.hessian(&theta, &alpha).norm() * theta.norm()
                + strategies::matrix(&landscape.cross).norm() * alpha.norm()
                + landscape.ridges.iter().map(|r| column(&r.weights).norm()).sum::<f64>();
            let residual = landscape.weight_gradient(&theta, &alpha).norm();
            prop_assert!(TestRatio::quotient(residual, 11.0 * f64::EPSILON * scale).passes());
        }
    }
}
