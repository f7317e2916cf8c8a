//! Standardising one group of elements, and its derivative.
//!
//! For a group $x\in\mathbb R^n$ and $\epsilon\ge 0$, with $\mu=\frac1n\sum_i x_i$, $\sigma^2=\frac1n\sum_i(x_i-\mu)^2$ and
//! $s=(\sigma^2+\epsilon)^{-1/2}$,
//!
//! $$\hat x_i=s\,(x_i-\mu),\qquad
//! \frac{\partial\hat x_i}{\partial x_j}=s\Bigl(\delta_{ij}-\frac1n-\frac{\hat x_i\hat x_j}{n}\Bigr),\qquad
//! (J^\top g)_j=s\Bigl(g_j-\bar g-\hat x_j\,\overline{g\hat x}\Bigr),$$
//!
//! bars meaning averages over the group. The middle formula: $\mathrm d\mu=\overline{\mathrm dx}$,
//! $\mathrm d\sigma^2=\frac2n\sum_j(x_j-\mu)\,\mathrm dx_j$ and $\mathrm ds=-\frac12s^3\,\mathrm d\sigma^2$, so
//! $\mathrm d\hat x_i=s(\mathrm dx_i-\overline{\mathrm dx})-s^3(x_i-\mu)\frac1n\sum_j(x_j-\mu)\,\mathrm dx_j$. $J$ is symmetric.
//!
//! **The remainder of the zero-cost identity.** $\frac1n\sum_j\hat x_jx_j=s\sigma^2$, hence
//! $(Jx)_i=s(x_i-\mu)-s\,\hat x_i\,s\sigma^2=\hat x_i(1-s^2\sigma^2)$, that is
//!
//! $$\langle J^\top g,x\rangle=\frac{\epsilon}{\sigma^2+\epsilon}\,\langle g,\hat x\rangle ,$$
//!
//! zero when $\epsilon=0$ (`wiring`, Eq. 15), and all of $\langle g,\hat x\rangle$ as $\sigma^2\to0$ with $\epsilon$ fixed.

use std::ops::Mul;

use crate::linalg::Real;

/// What a group's pull-back needs to remember.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics<T> {
    /// $\mu$.
    pub mean: T,
    /// $\sigma^2$, divided by $n$, not $n-1$.
    pub variance: T,
    /// $s=(\sigma^2+\epsilon)^{-1/2}$; not finite when $\sigma^2+\epsilon=0$.
    pub scale: T,
    /// $\epsilon$.
    pub epsilon: f64,
}

impl<T: Real> Statistics<T> {
    /// $\epsilon/(\sigma^2+\epsilon)$, the share of $\langle g,\hat x\rangle$ that the zero-cost identity leaves over.
    pub fn leak(&self) -> T {
        self.scale * self.scale * self.epsilon
    }
}

/// $\sum_if(i,x_i)$ in four interleaved chains, so that an addition need not wait for the one before it.
#[inline(always)]
fn sum<T: Real>(x: &[T], f: impl Fn(usize, T) -> T) -> T {
    let mut sums = [T::zero(); 4];
    let whole = x.len() / 4 * 4;
    for i in (0..whole).step_by(4) {
        for (k, sum) in sums.iter_mut().enumerate() {
            *sum += f(i + k, x[i + k]);
        }
    }
    for (i, &x) in x.iter().enumerate().skip(whole) {
        sums[0] += f(i, x);
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// Mean and variance of a group, in two passes: the mean is subtracted before squaring, so a large mean costs no digits.
///
/// An empty group has mean and variance 0.
#[inline(always)]
pub fn statistics<T: Real>(x: &[T], epsilon: f64) -> Statistics<T> {
    let weight = 1.0 / x.len().max(1) as f64;
    let mean = sum(x, |_, x| x) * weight;
    let variance = sum(x, |_, x| (x - mean) * (x - mean)) * weight;
    let scale = T::constant(1.0) / (variance + T::constant(epsilon)).sqrt();
    Statistics { mean, variance, scale, epsilon }
}

/// Writes $\hat x$ to `out` (as long as `x`) and returns the statistics.
#[inline(always)]
pub fn normalise<T: Real>(x: &[T], epsilon: f64, out: &mut [T]) -> Statistics<T> {
    let statistics = statistics(x, epsilon);
    for (out, &x) in out.iter_mut().zip(x) {
        *out = (x - statistics.mean) * statistics.scale;
    }
    statistics
}

/// Writes $J^\top g$ to `out`; `normalised` is $\hat x$, all three slices of one length.
///
/// To pull back through an affine map $y_i=\gamma_i\hat x_i+\beta_i$ as well, hand in $\gamma_ig_i$.
///
/// Linear in $g$, which may carry derivatives where $\hat x$ does not.
#[inline(always)]
pub fn pull_back<X: Real, G: Real + Mul<X, Output = G>>(
    normalised: &[X],
    statistics: &Statistics<X>,
    g: &[G],
    out: &mut [G],
) {
    let weight = 1.0 / normalised.len().max(1) as f64;
    let mean = sum(g, |_, g| g) * weight;
    let slope = sum(g, |i, g| g * normalised[i]) * weight;
    for ((out, &g), &x) in out.iter_mut().zip(g).zip(normalised) {
        *out = (g - mean - slope * x) * statistics.scale;
    }
}

/// $\langle J^\top g,u\rangle=s\sum_i(g_i-\bar g)(u_i-\bar u-\hat x_i\,\overline{\hat xu})$: what reaches a summand $u$ of the group's
/// input $x$, while $\hat x$ comes from the whole of $x$.
///
/// For $\epsilon=0$ this is $ns$ times the partial covariance of $g$ and $u$ given $\hat x$. It is zero for every $g$ iff
/// $u\in\operatorname{span}(\mathbf 1,x)$; for $u=x$ that is the zero-cost identity. It is written in the residual of $u$, not of $g$, so it is
/// another route to what [`pull_back`] computes.
pub fn received<T: Real>(normalised: &[T], statistics: &Statistics<T>, g: &[T], u: &[T]) -> T {
    let weight = 1.0 / normalised.len().max(1) as f64;
    let (mut mean_g, mut mean_u) = (T::zero(), T::zero());
    for (&g, &u) in g.iter().zip(u) {
        mean_g += g;
        mean_u += u;
    }
    let (mean_g, mean_u) = (mean_g * weight, mean_u * weight);
    let mut slope = T::zero();
    for (&x, &u) in normalised.iter().zip(u) {
        slope += x * (u - mean_u);
    }
    let slope = slope * weight;
    let mut sum = T::zero();
    for ((&x, &u), &g) in normalised.iter().zip(u).zip(g) {
        sum += (g - mean_g) * (u - mean_u - x * slope);
    }
    sum * statistics.scale
}
