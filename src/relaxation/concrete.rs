//! The concrete (Gumbel-softmax) relaxation of SNAS: $Z_e=\mathrm{softmax}\big((\alpha_e+G_e)/\lambda\big)$, $G_{eo}$ independent Gumbel variables (`snas`,
//! Eq. 5; `lecture`, "Gumbel-softmax").
//!
//! Here $\alpha$ are logits: the $\log\alpha$ of `snas`, whose own $\alpha$ are unnormalised probabilities $e^{\alpha}$. Its Eq. 6, in the logits,
//! $$\frac{\partial L}{\partial\alpha_{ek}}=\sum_{k'}C_{ek'}\frac{\partial Z_{ek'}}{\partial\alpha_{ek}}=\frac1\lambda Z_{ek}\Big(C_{ek}-\sum_{k'}Z_{ek'}C_{ek'}\Big),$$
//! is the pull-back of a softmax over $\lambda$; divide by the unnormalised probability for the derivative in that.
//! Since the noise does not depend on $\alpha$, it is an unbiased estimate of $\nabla_\alpha\mathbb E_G\,L(Z)$ for any smooth $L$. As
//! $\lambda\to0$, $Z_e$ tends to one-hot with probabilities $\mathrm{softmax}(\alpha_e)$, and where $L$ is affine in $Z_e$ the expectation tends to
//! $\nabla_\alpha\mathbb E\,L$ of that limit with an error of order $\lambda^2$: for two operations
//! $\frac1\lambda\mathbb E\,Z(1-Z)=\int\sigma'(t)f(\lambda t)\,dt=f(0)+O(\lambda^2)$, $f$ the density of the difference of the perturbed logits, which is smooth,
//! $\sigma'$ even, and $f(0)=p_1p_2$.

use ndarray::Array2;
use rand::Rng;
use rand_distr::{Distribution, Gumbel};

use super::{Draw, Error, Relaxation, Smooth, present, softmax};

/// The relaxation at a temperature $\lambda$.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concrete {
    temperature: f64,
}

/// Gates with their noise.
#[derive(Debug, Clone, PartialEq)]
pub struct ConcreteDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// $G$, $E\times O$.
    pub noise: Array2<f64>,
    temperature: f64,
}

/// Independent standard Gumbel variables, $-\ln(-\ln U)$.
pub fn gumbel<R: Rng + ?Sized>(shape: (usize, usize), rng: &mut R) -> Array2<f64> {
    // The location 0 and scale 1 are valid, so the fallback of a constant is never drawn.
    match Gumbel::new(0.0, 1.0) {
        Ok(distribution) => Array2::from_shape_simple_fn(shape, || distribution.sample(rng)),
        Err(_) => Array2::zeros(shape),
    }
}

impl Concrete {
    /// At temperature $\lambda$.
    ///
    /// # Errors
    /// [`Error::Temperature`] when it is not positive and finite.
    pub fn new(temperature: f64) -> Result<Self, Error> {
        if temperature > 0.0 && temperature.is_finite() {
            Ok(Self { temperature })
        } else {
            Err(Error::Temperature(temperature))
        }
    }

    /// $\lambda$.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The gates that belong to the noise $G$.
    pub fn at(&self, alpha: &Array2<f64>, noise: Array2<f64>) -> ConcreteDraw {
        let gates = softmax::gates(&((alpha + &noise) / self.temperature));
        ConcreteDraw { gates, active: present(alpha), noise, temperature: self.temperature }
    }
}

impl Relaxation for Concrete {
    type Draw = ConcreteDraw;

    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, rng: &mut R) -> ConcreteDraw {
        self.at(alpha, gumbel(alpha.dim(), rng))
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        softmax::gates(alpha)
    }
}

impl Draw for ConcreteDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        softmax::pull(&self.gates, cost) / self.temperature
    }
}

/// $J$ is the softmax's at the perturbed logits over $\lambda$, and so is the direction in which it bends: $\lambda^{-2}$ in all.
impl Smooth for ConcreteDraw {
    fn push(&self, u: &Array2<f64>) -> Array2<f64> {
        softmax::push(&self.gates, u) / self.temperature
    }

    fn bend(&self, cost: &Array2<f64>, u: &Array2<f64>) -> Array2<f64> {
        softmax::pull_derivative(&self.gates, cost, u) / (self.temperature * self.temperature)
    }
}
