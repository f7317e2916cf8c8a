//! The Dirichlet relaxation of DrNAS: $Z_e\sim\mathrm{Dir}(\beta_e)$, $\beta=\mathrm{elu}(\alpha)+1$, differentiated implicitly (`lecture`, "DrNAS").
//!
//! $Z_e=\mathrm{softmax}(\ln\gamma_e)$ with independent $\gamma_{eo}\sim\mathrm{Gamma}(\beta_{eo})$. A Gamma variable at a fixed value of its distribution function
//! $P(\beta,\gamma)$ moves with $\beta$ by
//! $$\frac{\partial\gamma}{\partial\beta}=-\frac{\partial P/\partial\beta}{\partial P/\partial\gamma},$$
//! so that $\nabla_\beta\mathbb E\,f(\gamma)=\mathbb E\lbrack f'(\gamma)\,\partial\gamma/\partial\beta\rbrack$ without bias for any smooth $f$. The noise kept is $\ln\gamma$, since $\gamma$
//! itself underflows for small $\beta$; $\partial\ln\gamma/\partial\beta$ is [`log_gamma_sensitivity`]. The printed formula, by the distribution function of the
//! Beta marginal of each $Z_j$, is the conditional expectation of this one given $Z$.
//!
//! # The derivative of the incomplete Gamma function
//! Write $p=\partial P/\partial x=x^{\beta-1}e^{-x}/\Gamma(\beta)$.
//!
//! For $x<\beta+1$, $P=\frac{xp}\beta\,\sigma$ with $\sigma=\sum_{n\ge0}x^n/\prod_{k=1}^n(\beta+k)$. Since $\frac{xp}{\beta}=x^\beta e^{-x}/\Gamma(\beta+1)$,
//! $$\frac{\partial\ln\gamma}{\partial\beta}=-\frac{1}{xp}\frac{\partial P}{\partial\beta}=-\frac1\beta\big\lbrack(\ln x-\psi(\beta+1))\,\sigma+\sigma'\big\rbrack .$$
//! For $x\ge\beta+1$, $1-P=xp\,h$ with the continued fraction
//! $h=\cfrac1{x+1-\beta-\cfrac{1(1-\beta)}{x+3-\beta-\cfrac{2(2-\beta)}{x+5-\beta-\cdots}}}$, and
//! $$\frac{\partial\ln\gamma}{\partial\beta}=(\ln x-\psi(\beta))\,h+h' .$$
//! No exponential is left. $\sigma'$ and $h'$ come from evaluating $\sigma$ and $h$ over dual numbers.

use ndarray::{Array2, Zip};
use num_dual::{Dual64, DualNum};
use rand::{Rng, RngExt, distr::Open01};
use rand_distr::{Distribution, Gamma};
use statrs::function::gamma::digamma;

use super::{Draw, Relaxation, present, softmax};

/// The relaxation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dirichlet;

/// Gates with the Gamma variables behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct DirichletDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// $\ln\gamma$, $E\times O$; $-\infty$ where the edge has no such operation.
    pub log_gammas: Array2<f64>,
    /// $\partial\ln\gamma/\partial\alpha$.
    slopes: Array2<f64>,
}

/// $\beta=\mathrm{elu}(\alpha)+1$: $\alpha+1$ above 0, $e^\alpha$ below.
pub fn concentrations(alpha: &Array2<f64>) -> Array2<f64> {
    alpha.mapv(|a| if a > 0.0 { a + 1.0 } else { a.exp() })
}

/// $d\beta/d\alpha$: 1 above 0, $e^\alpha$ below.
fn concentration_slope(alpha: f64) -> f64 {
    if alpha > 0.0 { 1.0 } else { alpha.exp() }
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

/// Far more terms than either expansion needs on its side of $x=\beta+1$: both take some $\sqrt\beta$ near it and fewer elsewhere.
const TERMS: usize = 100_000;

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
        if (factor.re - 1.0).abs() <= f64::EPSILON && factor.eps.abs() <= f64::EPSILON {
            break;
        }
    }
    h
}

impl Dirichlet {
    /// The gates that belong to the values $\ln\gamma$.
    pub fn at(&self, alpha: &Array2<f64>, log_gammas: Array2<f64>) -> DirichletDraw {
        let beta = concentrations(alpha);
        let mut slopes = Array2::zeros(alpha.dim());
        Zip::from(&mut slopes).and(alpha).and(&beta).and(&log_gammas).for_each(|slope, &alpha, &beta, &log_gamma| {
            *slope = log_gamma_sensitivity(beta, log_gamma) * concentration_slope(alpha);
        });
        DirichletDraw { gates: softmax::gates(&log_gammas), active: present(alpha), log_gammas, slopes }
    }
}

/// $\ln\gamma$, $\gamma\sim\mathrm{Gamma}(\beta)$. Below 1 from $\gamma_{\beta+1}U^{1/\beta}$, which has the same distribution and does not underflow as a logarithm.
fn log_gamma_variate<R: Rng + ?Sized>(beta: f64, rng: &mut R) -> f64 {
    let of = |shape: f64, rng: &mut R| Gamma::new(shape, 1.0).map_or(f64::NEG_INFINITY, |gamma| gamma.sample(rng).ln());
    if beta >= 1.0 {
        of(beta, rng)
    } else if beta > 0.0 {
        of(beta + 1.0, rng) + rng.sample::<f64, _>(Open01).ln() / beta
    } else {
        f64::NEG_INFINITY
    }
}

impl Relaxation for Dirichlet {
    type Draw = DirichletDraw;

    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, rng: &mut R) -> DirichletDraw {
        self.at(alpha, concentrations(alpha).mapv(|beta| log_gamma_variate(beta, rng)))
    }

    /// The mean $\beta_e/\sum_o\beta_{eo}$. Its order is that of $\alpha$.
    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        let mut means = concentrations(alpha);
        for mut row in means.rows_mut() {
            row /= row.sum();
        }
        means
    }
}

impl Draw for DirichletDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        softmax::pull(&self.gates, cost) * &self.slopes
    }
}
