//! The anchor of DrNAS: a pull of the concentrations towards $\hat\beta=\mathbf1$, the uniform distribution on the simplex ($\lambda\,d(\beta,\hat\beta)$ of `lecture`).
//!
//! Half the squared distance, $d=\frac12\sum_{eo}(\beta_{eo}-1)^2$, or the divergence $\mathrm{KL}(\mathrm{Dir}(\beta_e)\,\Vert\,\mathrm{Dir}(\mathbf1))$ summed over the
//! edges. With $K$ operations and $S=\sum_o\beta_o$, since $\mathbb E\ln Z_o=\psi(\beta_o)-\psi(S)$ and $\mathrm{Dir}(\mathbf1)$ has the density $\Gamma(K)$,
//! $$\mathrm{KL}=\ln\Gamma(S)-\sum_o\ln\Gamma(\beta_o)-\ln\Gamma(K)+\sum_o(\beta_o-1)\big(\psi(\beta_o)-\psi(S)\big),$$
//! $$\frac{\partial\,\mathrm{KL}}{\partial\beta_j}=(\beta_j-1)\,\psi'(\beta_j)-(S-K)\,\psi'(S):$$
//! what $\psi$ itself contributes, $\psi(S)-\psi(\beta_j)$ from the first terms and its opposite from the last, cancels.

use ndarray::{Array2, ArrayView1};
use statrs::function::gamma::{digamma, ln_gamma};

use super::{concentration_slope, concentrations};

/// How far concentrations are from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Half the squared distance. The published code has it as a decay of $\alpha$ (`reg_type` l2, its default), the same where $\alpha>0$, since
    /// $\beta-1=\alpha$ there.
    Distance,
    /// The Kullback–Leibler divergence from $\mathrm{Dir}(\mathbf1)$ (`reg_type` kl).
    Divergence,
}

impl Anchor {
    /// $d(\beta,\mathbf1)$ over all edges; operations that an edge does not have are left out.
    pub fn of(self, alpha: &Array2<f64>) -> f64 {
        let beta = concentrations(alpha);
        match self {
            Self::Distance => beta.iter().filter(|b| **b > 0.0).map(|b| 0.5 * (b - 1.0).powi(2)).sum(),
            Self::Divergence => beta.rows().into_iter().map(divergence).sum(),
        }
    }

    /// $\nabla_\alpha\,d(\beta(\alpha),\mathbf1)$; 0 for what an edge does not have.
    pub fn gradient(self, alpha: &Array2<f64>) -> Array2<f64> {
        let mut out = concentrations(alpha);
        for mut row in out.rows_mut() {
            let there = row.iter().filter(|b| **b > 0.0);
            let (total, count) = there.fold((0.0, 0.0), |(total, count), b| (total + b, count + 1.0));
            let shared = if count > 0.0 { (total - count) * trigamma(total) } else { 0.0 };
            row.mapv_inplace(|b| match self {
                _ if b <= 0.0 => 0.0,
                Self::Distance => b - 1.0,
                Self::Divergence => (b - 1.0) * trigamma(b) - shared,
            });
        }
        out.zip_mut_with(alpha, |slope, &a| *slope *= concentration_slope(a));
        out
    }
}

fn divergence(beta: ArrayView1<'_, f64>) -> f64 {
    let there = || beta.iter().copied().filter(|b| *b > 0.0);
    let (total, count) = (there().sum::<f64>(), there().count() as f64);
    if count == 0.0 {
        return 0.0;
    }
    let at_total = digamma(total);
    ln_gamma(total) - ln_gamma(count) + there().map(|b| (b - 1.0) * (digamma(b) - at_total) - ln_gamma(b)).sum::<f64>()
}

/// $\psi'(x)$ for $x>0$: $\psi'(x)=x^{-2}+\psi'(x+1)$ up to $x\ge16$, where the asymptotic series
/// $\frac1x+\frac1{2x^2}+\sum_kB_{2k}x^{-2k-1}$ is summed to $B_{14}$: it alternates, so what is left is below $|B_{16}|x^{-17}<10^{-19}$.
pub fn trigamma(x: f64) -> f64 {
    const BERNOULLI: [f64; 7] =
        [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
    let (mut sum, mut x) = (0.0, x);
    while x < 16.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = BERNOULLI.iter().rev().fold(0.0, |tail, b| (tail + b) * square);
    sum + 1.0 / x + 0.5 * square + series / x
}
