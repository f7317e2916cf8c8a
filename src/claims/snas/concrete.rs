//! The concrete distribution, and expectations under it.
//!
//! Between two operations the difference of two Gumbel variables is logistic, $s=G^1-G^0$, with density $q(s)=\frac1{4\cosh^2(s/2)}$, and Eq. (5)
//! is $Z^1=\sigma\bigl((\mu+s)/\lambda\bigr)$, $\mu=\ln\alpha^1-\ln\alpha^0$. Expectations are then integrals over the line of functions analytic in the strip
//! $|\operatorname{Im}s|<\pi\min(\lambda,1)$, and the trapezoidal rule with step $h$ errs by $O(e^{-2\pi^2\min(\lambda,1)/h})$: with $h=\min(\lambda,1)/3$, by $10^{-25}$.

use crate::{
    enclosure::{Symbolic, Undefined, shares},
    linalg::Rounded,
};

/// $e^{(\ln\alpha+G)/\lambda}$, $G=-\ln(-\ln U)$; over the rationals $U$ stands for it, any positive number.
///
/// # Errors
/// [`Undefined::Logarithm`] unless $\alpha>0$.
pub fn weight<F: Symbolic>(alpha: &F, uniform: f64, temperature: f64) -> Result<F, Undefined> {
    let gumbel = -(-uniform.ln()).ln();
    (alpha.ln_or(0.0)? + F::number(gumbel)?).over(&F::number(temperature)?)?.exp_or(uniform)
}

/// Eq. (5): $Z^k\propto\exp\bigl((\ln\alpha^k+G^k)/\lambda\bigr)$.
///
/// # Errors
/// As of [`weight`].
pub fn sample<F: Symbolic>(alpha: &[F], uniform: &[f64], temperature: f64) -> Result<Vec<F>, Undefined> {
    let weights = alpha.iter().zip(uniform).map(|(a, &u)| weight(a, u, temperature));
    shares(&weights.collect::<Result<Vec<F>, _>>()?)
}

/// Where the tails are cut: $2e^{-45}$ is $6\cdot10^{-20}$.
const REACH: f64 = 45.0;

/// $\int f(s)\,ds$ over the line by the trapezoidal rule with step `h`, for $f$ analytic that falls at least like $e^{-|s-c|}$ away from `center`.
pub fn line(h: f64, center: f64, f: impl Fn(f64) -> f64) -> Rounded {
    let half = (REACH / h).ceil() as i64;
    Rounded::sum((-half..=half).map(|n| f(center + n as f64 * h) * h))
}

/// $q(s)$, the logistic density.
pub fn logistic(s: f64) -> f64 {
    let e = (-s.abs()).exp();
    e / ((1.0 + e) * (1.0 + e))
}

/// $\sigma(x)$ and $1-\sigma(x)$, each to full relative accuracy.
pub fn sigmoid(x: f64) -> (f64, f64) {
    let e = (-x.abs()).exp();
    let (large, small) = (1.0 / (1.0 + e), e / (1.0 + e));
    if x >= 0.0 { (large, small) } else { (small, large) }
}

/// A choice between two operations by Eq. (5).
#[derive(Debug, Clone, Copy)]
pub struct Binary {
    /// $\alpha^0$, $\alpha^1$.
    pub alpha: [f64; 2],
    /// $\lambda$.
    pub temperature: f64,
}

/// A draw from [`Binary`].
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    /// $Z^0$, $Z^1$.
    pub gates: [f64; 2],
    /// $\partial Z^1/\partial\ln\alpha^1$, along the noise held fixed; that of $Z^0$ is its negative.
    pub slope: f64,
    /// $\partial\ln p(Z)/\partial\ln\alpha^1$, the score, at the gates held fixed.
    pub score: f64,
}

impl Binary {
    /// $p(Z^1=1)=\alpha^1/(\alpha^0+\alpha^1)$ in the limit.
    pub fn probability(&self) -> f64 {
        self.alpha[1] / (self.alpha[0] + self.alpha[1])
    }

    fn shift(&self) -> f64 {
        (self.alpha[1] / self.alpha[0]).ln()
    }

    /// The draw of the noise $s$. The gates are a function of $y=\mu+s$ alone, whose density is $q(y-\mu)$, and $\partial_\mu\ln q(y-\mu)=\tanh\frac{y-\mu}2$.
    pub fn draw(&self, s: f64) -> Draw {
        let (one, zero) = sigmoid((self.shift() + s) / self.temperature);
        Draw { gates: [zero, one], slope: zero * one / self.temperature, score: (s / 2.0).tanh() }
    }

    /// $\mathbb E\lbrack f\rbrack $ at this temperature.
    pub fn expect(&self, f: impl Fn(&Draw) -> f64) -> Rounded {
        line(self.temperature.min(1.0) / 3.0, 0.0, |s| logistic(s) * f(&self.draw(s)))
    }
}
