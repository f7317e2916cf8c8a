//! The ends of a spectrum: Ritz values, and one-sided bounds that hold with a stated probability.
//!
//! # The bound
//! Lanczos builds $q_{k+1} = p_k(A)\,q_1$ with $p_k(x)=\prod_{i=1}^k (x-\theta_i)\big/\prod_{i=1}^k\beta_i$, $\theta_i$ the Ritz values. Expand
//! $q_1=\sum_i\gamma_iu_i$ in unit eigenvectors of $A$, $Au_i=\lambda_iu_i$. Since $q_{k+1}$ has norm 1,
//! $$1 = \sum_i \gamma_i^2\, p_k(\lambda_i)^2 \;\ge\; \gamma^2\, p_k(\lambda_{\max})^2 ,$$
//! $\gamma$ the component of $q_1$ along one eigenvector of $\lambda_{\max}$. All zeros of $p_k$ lie in $[\theta_1,\theta_k]$, and $\lambda_{\max}\ge\theta_k$,
//! where $|p_k|$ increases. So if $|\gamma|\ge t$, then $\lambda_{\max}\le x$ for the root $x\ge\theta_k$ of
//! $$\sum_i\ln(x-\theta_i) = \sum_i\ln\beta_i - \ln t ,$$
//! and the same with $-A$ bounds $\lambda_{\min}$ from below. This is Theorem 2.1 of van Dorsselaer, Hochstenbach and van der Vorst, *Computing
//! probabilistic bounds for extreme eigenvalues of symmetric matrices with the Lanczos method*, SIAM J. Matrix Anal. Appl. 22 (2000) 837–852. The event
//! $|\gamma|\ge t$ is one of the start alone: the bound may be looked at after every step, and the process stopped when it is good enough, at no cost
//! in probability. (The older bound of Kuczyński and Woźniakowski, SIAM J. Matrix Anal. Appl. 13 (1992), is blind to what Lanczos has seen: it needs about
//! $\sqrt\kappa\ln n$ steps to bound $\lambda_{\min}$ away from 0 for any spectrum.)
//!
//! # The probability
//! $q_1$ is uniform on the sphere $S^{n-1}$, so $\gamma$ has density $c_n(1-s^2)^{(n-3)/2}$ with
//! $c_n=\Gamma(\tfrac n2)/(\sqrt\pi\,\Gamma(\tfrac{n-1}2))\le\sqrt{(n-1)/(2\pi)}$, by $\Gamma(x+\tfrac12)\le\sqrt x\,\Gamma(x)$. For $n\ge3$ the density is at most
//! $c_n$, hence $P(|\gamma|< t)\le 2c_nt\le\delta$ for
//! $$t = \delta\sqrt{\frac{\pi}{2(n-1)}} .$$
//! For $n=2$, $P(|\gamma|<t)=\tfrac2\pi\arcsin t\le\delta$ for the same $t$ when $\delta\le\tfrac12$; for $n=1$, $|\gamma|=1$. Nothing is asked of gaps or multiplicities.
//!
//! # Rounding
//! What is computed satisfies $AQ_k=Q_kT_k+\beta_kq_{k+1}e_k^\top+F$, each column of $F$ bounded by the rounding of a product
//! ([`LinearOperator::rounding`]; $4\sqrt n\,\epsilon\lVert T\rVert$, [`negligible`], where the operator knows none) and of the orthogonalisation. With orthonormal $Q$ it
//! is an exact run for $A-FQ^\top-QF^\top+QQ^\top FQ^\top$, whose eigenvalues are within $2\lVert F\rVert$ of those of $A$. Both bounds are moved outwards by
//! $2\sqrt k\max_j\lVert F_j\rVert$.

use super::{lanczos, lanczos::Lanczos, negligible};
use crate::linalg::{LinearOperator, gamma};

/// What is computed, and how surely.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Seed of the random start.
    pub seed: u64,
    /// The probability $\delta\in(0,\frac12]$ that a bound asked for fails: half of it for either end when both are.
    pub failure_probability: f64,
    /// Lanczos stops when the distance from the Ritz value to the bound is at most this part of the Ritz value, at each end asked for.
    pub gap: f64,
    /// The largest number of Lanczos steps; each keeps a vector.
    pub max_steps: usize,
}

impl Default for Params {
    /// Seed 0, failure probability $10^{-6}$, gap 0.1, at most 300 steps.
    fn default() -> Self {
        Self { seed: 0, failure_probability: 1e-6, gap: 0.1, max_steps: 300 }
    }
}

/// Which ends of the spectrum to bound. Both are always estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// $\lambda_{\max}$ from above.
    Largest,
    /// Both.
    Both,
}

/// One end of the spectrum.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct End {
    /// The extreme Ritz value: $\theta\le\lambda_{\max}$, or $\theta\ge\lambda_{\min}$, up to rounding.
    pub ritz: f64,
    /// Some eigenvalue is this near to `ritz`, up to rounding.
    pub residual: f64,
    /// The outer bound: $\lambda_{\max}\le$ `bound`, or $\lambda_{\min}\ge$ `bound`, unless the unlikely happened.
    pub bound: f64,
}

/// Both ends of the spectrum.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Extremes {
    /// The left end.
    pub smallest: End,
    /// The right end.
    pub largest: End,
    /// The probability that either bound fails.
    pub failure_probability: f64,
    /// Lanczos steps taken.
    pub steps: usize,
    /// Whether the Krylov space was exhausted: then nothing is gained by more steps.
    pub exhausted: bool,
    /// The part of each bound that pays for rounding.
    pub rounding: f64,
}

/// Why the ends were not found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The failure probability is out of range.
    #[error("the failure probability must lie in (0, 1/2], {0} was given")]
    FailureProbability(f64),
    /// No steps, or a gap that is not positive.
    #[error("Lanczos needs at least one step and a positive gap; {max_steps} and {gap} were given")]
    Params {
        /// The steps given.
        max_steps: usize,
        /// The gap given.
        gap: f64,
    },
    /// Lanczos stopped.
    #[error(transparent)]
    Lanczos(#[from] lanczos::Error),
}

/// The ends of the spectrum of `operator`; `like` is any vector of its space. The Lanczos process comes along, for its Ritz vectors.
///
/// # Errors
/// [`Error`]. A bound looser than `gap` is no error: it holds all the same.
pub fn extremes<A: LinearOperator>(
    operator: &A,
    like: &A::Vector,
    ends: Ends,
    params: &Params,
) -> Result<(Extremes, Lanczos<A::Vector>), Error> {
    let Params { seed, failure_probability, gap, max_steps } = *params;
    if !(failure_probability > 0.0 && failure_probability <= 0.5) {
        return Err(Error::FailureProbability(failure_probability));
    }
    if max_steps == 0 || gap.is_nan() || gap <= 0.0 {
        return Err(Error::Params { max_steps, gap });
    }
    let mut process = Lanczos::start(operator, like, seed)?;
    loop {
        // Looking costs k³: a quarter more steps between looks keeps the whole within a small multiple of the last.
        let more = (process.steps() / 4).clamp(4, 64).min(max_steps - process.steps());
        process.extend(operator, more)?;
        let found = bounds(&process, operator, failure_probability);
        let tight = |end: End| (end.bound - end.ritz).abs() <= gap * end.ritz.abs();
        let enough = tight(found.largest) && (ends == Ends::Largest || tight(found.smallest));
        if enough || process.exhausted() || process.steps() >= max_steps {
            return Ok((found, process));
        }
    }
}

/// The least component $t$ of a uniform unit vector of $\mathbb R^n$ along a fixed one that is missed with probability at most `delta` $\le\frac12$.
pub fn component_quantile(n: usize, delta: f64) -> f64 {
    if n <= 1 { 1.0 } else { delta * (std::f64::consts::PI / (2.0 * (n - 1) as f64)).sqrt() }
}

/// The bounds after the steps taken so far, `delta` shared by the two ends.
pub fn bounds<A: LinearOperator>(process: &Lanczos<A::Vector>, operator: &A, delta: f64) -> Extremes {
    let ritz = process.ritz();
    let (first, last) = (&ritz[0], &ritz[ritz.len() - 1]);
    let t = component_quantile(operator.dim(), delta / 2.0);
    let log_right: f64 = process.off_diagonal().iter().map(|b| b.ln()).sum::<f64>() - t.ln();
    let above: Vec<f64> = ritz.iter().map(|r| last.value - r.value).collect();
    let below: Vec<f64> = ritz.iter().map(|r| r.value - first.value).collect();
    let rounding = rounding(process, operator);
    Extremes {
        smallest: End {
            ritz: first.value,
            residual: first.residual,
            bound: first.value - outer_root(&below, log_right) - rounding,
        },
        largest: End {
            ritz: last.value,
            residual: last.residual,
            bound: last.value + outer_root(&above, log_right) + rounding,
        },
        failure_probability: delta,
        steps: process.steps(),
        exhausted: process.exhausted(),
        rounding,
    }
}

/// $2\sqrt k\max_j\lVert F_j\rVert$, and the rounding of the eigenvalues of $T$.
fn rounding<A: LinearOperator>(process: &Lanczos<A::Vector>, operator: &A) -> f64 {
    use crate::linalg::Vector;
    let Some(q) = process.basis().first() else { return 0.0 };
    let (k, norm, epsilon) = (process.steps(), process.norm(), q.epsilon());
    let unit_norm = 1.0 + gamma(q.dim() + 2, f64::EPSILON) + epsilon;
    let product = operator.rounding(unit_norm, epsilon).unwrap_or_else(|| negligible(q.dim(), epsilon, norm));
    let column = product + 2.0 * gamma(2 * k + 4, epsilon) * norm;
    2.0 * (k as f64).sqrt() * column + gamma(4 * k, f64::EPSILON) * norm
}

/// The $y\ge0$ with $\sum_i\ln(y+d_i)=$ `log_right`, rounded up; `distances` are $d_i\ge0$, one of them 0.
fn outer_root(distances: &[f64], log_right: f64) -> f64 {
    if log_right == f64::NEG_INFINITY {
        return 0.0;
    }
    let reaches = |y: f64| distances.iter().map(|d| (y + d).ln()).sum::<f64>() >= log_right;
    let spread = distances.iter().copied().fold(0.0, f64::max);
    let mut high = if spread > 0.0 { spread } else { 1.0 };
    while !reaches(high) && high.is_finite() {
        high *= 2.0;
    }
    while high > f64::MIN_POSITIVE && reaches(high / 2.0) {
        high /= 2.0;
    }
    let mut low = high / 2.0;
    // Each halving is a bit; 52 exhaust the number.
    for _ in 0..f64::MANTISSA_DIGITS {
        let middle = low + (high - low) / 2.0;
        if reaches(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::TestRatio;

    /// Without distances $y^k=e^r$, wherever that is; with one, $y(y+1)=6$.
    #[test]
    fn the_outer_root_by_hand() {
        for log in [-600.0f64, -1.0, 0.0, 3.0, 600.0] {
            let (found, expected) = (outer_root(&[0.0, 0.0], 2.0 * log), log.exp());
            // A unit of the exponent's rounding is as many of the root as the exponent is long.
            assert!(
                TestRatio::identity(found, expected, expected * (1.0 + log.abs()), 2).passes(),
                "{found:e} {expected:e}"
            );
        }
        let found = outer_root(&[0.0, 1.0], 6f64.ln());
        assert!(TestRatio::identity(found, 2.0, 2.0, 4).passes(), "{found}");
        assert_eq!(outer_root(&[0.0, 1.0], f64::NEG_INFINITY), 0.0);
    }
}
