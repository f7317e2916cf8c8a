//! The relaxation of GDAS: one-hot forward, the gradient of the concrete relaxation backward.
//!
//! With $\tilde Z_e=\mathrm{softmax}\big((\alpha_e+G_e)/\tau\big)$ and $s_e=\arg\max_o\tilde Z_{eo}$, the network sees the one-hot $Z_e$ of $s_e$, and
//! $$\frac{\partial L}{\partial\alpha_{ek}}\approx\frac1\tau\tilde Z_{ek}\Big(C_{ek}-\sum_{k'}\tilde Z_{ek'}C_{ek'}\Big).$$
//! ($\log p$ in place of $\alpha$ differs by a constant on each edge, and changes nothing.) Only $s_e$ is evaluated, so the cost of the others has to come from
//! somewhere: see [`Unsampled`].
//!
//! *Bias.* For two operations, $L$ affine in $Z_e$ with costs $c_1, c_2$, and the unsampled cost taken as $k$, the expectation is
//! $\int\sigma'(t)f(\tau t)\,\lbrack\mathbf 1_{t>0}(c_1-k)-\mathbf 1_{t<0}(c_2-k)\rbrack\,dt$, $f$ the density of the difference of the perturbed logits. Since
//! $\int_0^\infty\sigma'=\frac12$, it tends to $\frac12p_1p_2(c_1-c_2)$ as $\tau\to0$, with an error of order $\tau$: **half** of $\nabla\,\mathbb E\,L$, whatever $k$ is.
//!
//! So it is for any number of operations. As $\tau\to0$ the Jacobian of $\tilde Z$ is felt only where two perturbed logits $i,j$ tie at the top, and there it is that of
//! two operations. With $a_i=e^{\alpha_i}$, $A=\sum_ia_i$ and $u=e^{-x}$ the density of such a tie is
//! $\int a_iu\,a_ju\,e^{-Au}\,\frac{du}u=a_ia_j/A^2=p_ip_j$, so the expectation tends to $\sum_j\frac12p_ip_j(c_i-c_j)=\frac12p_i\big(c_i-\sum_jp_jc_j\big)$, half of $\nabla\,\mathbb E\,L$ again.

use ndarray::Array2;
use rand::Rng;

use super::{Concrete, ConcreteDraw, Draw, Error, Relaxation, categorical::argmax, gumbel, one_hot, softmax};

/// What is taken for the cost of an operation that was not evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsampled {
    /// 0, as the paper has it.
    Zero,
    /// $\langle\partial L/\partial y_e,\mathbf 1\rangle$, $y_e$ what the edge adds to. The published code adds the zero weights of the other operations to the output as
    /// scalars, and that is their derivative. The caller puts it into the cost before pulling it back
    /// ([`Supernet::constant_cost`](crate::problem::Supernet::constant_cost)).
    Constant,
}

/// The relaxation at a temperature $\tau$.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HardSoft {
    soft: Concrete,
    /// The cost of the operations that were not sampled.
    pub unsampled: Unsampled,
}

/// One-hot gates with the soft ones behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct HardSoftDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// $\tilde Z$ and its noise.
    pub soft: ConcreteDraw,
    unsampled: Unsampled,
}

impl HardSoft {
    /// At temperature $\tau$.
    ///
    /// # Errors
    /// [`Error::Temperature`] when it is not positive and finite.
    pub fn new(temperature: f64, unsampled: Unsampled) -> Result<Self, Error> {
        Ok(Self { soft: Concrete::new(temperature)?, unsampled })
    }

    /// The gates that belong to the noise $G$.
    pub fn at(&self, alpha: &Array2<f64>, noise: Array2<f64>) -> HardSoftDraw {
        let chosen: Vec<usize> = (alpha + &noise).rows().into_iter().map(argmax).collect();
        let gates = one_hot(alpha.ncols(), &chosen);
        let soft = self.soft.at(alpha, noise);
        HardSoftDraw { active: gates.mapv(|z| z > 0.0), gates, soft, unsampled: self.unsampled }
    }
}

impl Relaxation for HardSoft {
    type Draw = HardSoftDraw;

    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, rng: &mut R) -> HardSoftDraw {
        self.at(alpha, gumbel(alpha.dim(), rng))
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        softmax::gates(alpha)
    }
}

impl Draw for HardSoftDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        match self.unsampled {
            Unsampled::Zero => self.soft.pull_back(&(cost * &self.gates)),
            Unsampled::Constant => self.soft.pull_back(cost),
        }
    }
}
