//! A Gamma variable at a fixed value of its distribution function, as its shape moves.
//!
//! Write $p=\partial P/\partial x=x^{\beta-1}e^{-x}/\Gamma(\beta)$.
//!
//! For $x<\beta+1$, $P=\frac{xp}\beta\,\sigma$ with $\sigma=\sum_{n\ge0}x^n/\prod_{k=1}^n(\beta+k)$. Since $\frac{xp}{\beta}=x^\beta e^{-x}/\Gamma(\beta+1)$,
//! $$\frac{\partial\ln\gamma}{\partial\beta}=-\frac{1}{xp}\frac{\partial P}{\partial\beta}=-\frac1\beta\big\lbrack(\ln x-\psi(\beta+1))\,\sigma+\sigma'\big\rbrack .$$
//! For $x\ge\beta+1$, $1-P=xp\,h$ with the continued fraction
//! $h=\cfrac1{x+1-\beta-\cfrac{1(1-\beta)}{x+3-\beta-\cfrac{2(2-\beta)}{x+5-\beta-\cdots}}}$, and
//! $$\frac{\partial\ln\gamma}{\partial\beta}=(\ln x-\psi(\beta))\,h+h' .$$
//! No exponential is left. $\sigma'$ and $h'$ come from evaluating $\sigma$ and $h$ over dual numbers.

use num_dual::{Dual64, DualNum};
use statrs::function::gamma::digamma;

/// Far more terms than any expansion here needs on its side: all take some $\sqrt\beta$ where they meet, and fewer elsewhere.
pub(super) const TERMS: usize = 100_000;

/// Whether a factor has become 1, with its derivative.
pub(super) fn settled(factor: Dual64) -> bool {
    (factor.re - 1.0).abs() <= f64::EPSILON && factor.eps.abs() <= f64::EPSILON
}

/// $\partial\ln\gamma/\partial\beta$ for $\gamma\sim\mathrm{Gamma}(\beta)$ at a fixed value of the distribution function, at $\beta>0$ and $\ln\gamma$; 0 at $\ln\gamma=-\infty$.
pub fn log_gamma_sensitivity(beta: f64, log_gamma: f64) -> f64 {
    if log_gamma == f64::NEG_INFINITY {
        return 0.0;
    }
    let x = log_gamma.exp();
    let b = Dual64::new(beta, 1.0);
    if x < beta + 1.0 {
        let sigma = series(b, x);
        -((log_gamma - digamma(beta + 1.0)) * sigma.re + sigma.eps) / beta
    } else {
        let h = fraction(b, x);
        (log_gamma - digamma(beta)) * h.re + h.eps
    }
}

/// $\sum_{n\ge0}x^n/\prod_{k=1}^n(\beta+k)$.
fn series(beta: Dual64, x: f64) -> Dual64 {
    let mut term = Dual64::from(1.0);
    let mut sum = term;
    for k in 1..TERMS {
        term = term * x / (beta + k as f64);
        sum += term;
        if term.re <= f64::EPSILON * sum.re && term.eps.abs() <= f64::EPSILON * sum.eps.abs() {
            break;
        }
    }
    sum
}

/// $h$ by Lentz's method.
fn fraction(beta: Dual64, x: f64) -> Dual64 {
    let mut b = -beta + (x + 1.0);
    let mut d = b.recip();
    // 1/0 of the method: c starts at infinity, so its first value is b.
    let mut c = Dual64::from(f64::INFINITY);
    let mut h = d;
    for k in 1..TERMS {
        let a = (beta - k as f64) * k as f64;
        b += 2.0;
        d = (a * d + b).recip();
        c = if c.re.is_finite() { b + a / c } else { b };
        let factor = c * d;
        h *= factor;
        if settled(factor) {
            break;
        }
    }
    h
}
