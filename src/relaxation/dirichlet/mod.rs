//! The Dirichlet relaxation of DrNAS: $Z_e\sim\mathrm{Dir}(\beta_e)$, $\beta=\mathrm{elu}(\alpha)+1$, differentiated implicitly (`lecture`, "DrNAS").
//!
//! $Z_e=\mathrm{softmax}(\ln\gamma_e)$ with independent $\gamma_{eo}\sim\mathrm{Gamma}(\beta_{eo})$. A Gamma variable at a fixed value of its distribution function
//! $P(\beta,\gamma)$ moves with $\beta$ by
//! $$\frac{\partial\gamma}{\partial\beta}=-\frac{\partial P/\partial\beta}{\partial P/\partial\gamma},$$
//! so that $\nabla_\beta\mathbb E\,f(\gamma)=\mathbb E\lbrack f'(\gamma)\,\partial\gamma/\partial\beta\rbrack$ without bias for any smooth $f$. The noise kept is $\ln\gamma$, since $\gamma$
//! itself underflows for small $\beta$; $\partial\ln\gamma/\partial\beta$ is [`log_gamma_sensitivity`]. Then
//! $\frac{\partial L}{\partial\beta_j}=Z_j(C_j-\langle Z,C\rangle)\,\frac{\partial\ln\gamma_j}{\partial\beta_j}$.
//!
//! The printed formula takes the distribution function of the Beta marginal of each $Z_j$ instead,
//! $$\frac{\partial Z_i}{\partial\beta_j}=-\frac{\partial F_{\text{Beta}}/\partial\beta_j(Z_j\mid\beta_j,\beta_{\text{tot}}-\beta_j)}{f_{\text{Beta}}(Z_j\mid\beta_j,\beta_{\text{tot}}-\beta_j)}\,
//!   \frac{\delta_{ij}-Z_i}{1-Z_j},$$
//! which replaces the last factor by [`beta_sensitivity`], a function of $Z_j$ alone: its conditional expectation given $Z$. Both are unbiased.

mod anchor;
mod beta;
mod gamma;
mod mean;

pub use anchor::{Anchor, trigamma};
pub use beta::beta_sensitivity;
pub use gamma::log_gamma_sensitivity;
pub use mean::DirichletMean;

use ndarray::{Array2, Zip};
use rand::{Rng, RngExt, distr::Open01};
use rand_distr::{Distribution, Gamma};

use super::{Draw, Relaxation, log_probabilities, present, softmax};

/// The relaxation, by what its draws are differentiated through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dirichlet {
    /// The Gamma variables.
    Gamma,
    /// The Beta marginals, as printed in `lecture` (and as PyTorch does).
    Beta,
}

/// Gates with the Gamma variables behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct DirichletDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// $\ln\gamma$, $E\times O$; $-\infty$ where the edge has no such operation.
    pub log_gammas: Array2<f64>,
    /// $\partial\ln\gamma/\partial\alpha$, or its conditional expectation.
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

impl Dirichlet {
    /// The mean of the distribution.
    pub fn mean(&self, alpha: &Array2<f64>) -> DirichletMean {
        DirichletMean::at(alpha)
    }

    /// The gates that belong to the values $\ln\gamma$.
    pub fn at(&self, alpha: &Array2<f64>, log_gammas: Array2<f64>) -> DirichletDraw {
        let beta = concentrations(alpha);
        let mut slopes = match self {
            Self::Gamma => {
                let mut slopes = Array2::zeros(alpha.dim());
                Zip::from(&mut slopes).and(&beta).and(&log_gammas).for_each(|slope, &beta, &log_gamma| {
                    *slope = log_gamma_sensitivity(beta, log_gamma);
                });
                slopes
            }
            Self::Beta => beta_slopes(&beta, &log_gammas),
        };
        slopes.zip_mut_with(alpha, |slope, &alpha| *slope *= concentration_slope(alpha));
        DirichletDraw { gates: softmax::gates(&log_gammas), active: present(alpha), log_gammas, slopes }
    }
}

/// [`beta_sensitivity`] of each gate, edge by edge.
fn beta_slopes(beta: &Array2<f64>, log_gammas: &Array2<f64>) -> Array2<f64> {
    let log_gates = log_probabilities(log_gammas);
    let mut slopes = Array2::zeros(beta.dim());
    for ((mut slopes, beta), log_gates) in slopes.rows_mut().into_iter().zip(beta.rows()).zip(log_gates.rows()) {
        let total = beta.sum();
        Zip::from(&mut slopes).and(&beta).and(&log_gates).for_each(|slope, &beta, &log_gate| {
            *slope = beta_sensitivity(beta, total - beta, log_gate);
        });
    }
    slopes
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
        self.mean(alpha).into_gates()
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
