//! $e^x$, enclosed.

use num_traits::One;

use super::{Interval, ln};

/// The terms of the series, $r^0/0!$ to $r^{13}/13!$.
const TERMS: usize = 13;

/// Beyond these $e^x$ overflows, or is below half the smallest number: $\ln(2^{1024})\approx709.78$, $\ln(2^{-1075})\approx-745.13$.
const LARGEST: f64 = 710.0;
const SMALLEST: f64 = -746.0;

impl Interval {
    /// $\{e^x\}$, a few units in the last place wider than the set itself.
    ///
    /// **Derivation.** $e^x$ increases, so the ends are those of $e^{\underline x}$ and $e^{\overline x}$. For one number $x$ let $k$ be an integer
    /// (which one is a matter of tightness alone) and $r=x-k\ln2$, enclosed with the $\ln2$ of [`Interval::ln`], so that $e^x=2^ke^r$ whatever $k$ is. By Taylor's
    /// theorem with Lagrange's remainder,
    /// $$e^r=\sum_{n=0}^{13}\frac{r^n}{n!}+e^\xi\frac{r^{14}}{14!},\qquad\xi\text{ between }0\text{ and }r,$$
    /// and $|r|\le\tfrac{7}{20}$ gives $0<e^\xi\le e^{7/20}<2$, as $2^2>e>2.7$ shows with $e^{7/20}<e^{1/2}<2$. The $r$ that is enclosed is compared with
    /// $\tfrac7{20}$, not assumed below it; should it be above, the answer is the trivial $[0,\infty)$. Everything is interval arithmetic, so rounding is inside.
    #[must_use]
    pub fn exp(self) -> Self {
        Self::enclosing(power(self.lower()).lower(), power(self.upper()).upper())
    }
}

/// $e^x$ for one number, perhaps infinite.
fn power(x: f64) -> Interval {
    if x > LARGEST {
        return Interval::enclosing(f64::MAX, f64::INFINITY);
    }
    if x < SMALLEST {
        return Interval::enclosing(0.0, f64::from_bits(1));
    }
    let k = (x * std::f64::consts::LOG2_E).round();
    let r = ln::less_multiple_of_ln_2(x, k);
    if r.abs().upper() > 0.35 {
        return Interval::enclosing(0.0, f64::INFINITY);
    }
    // Horner's scheme from the remainder on: r¹⁴/14! times what lies between 0 and 2.
    let mut factorials = vec![1.0];
    for n in 1..=TERMS + 1 {
        // 14! < 2⁵³: exact.
        factorials.push(factorials[n - 1] * n as f64);
    }
    let rest =
        (2..=TERMS).rev().fold(Interval::enclosing(0.0, 2.0) * ln::ratio(1.0, factorials[TERMS + 1]), |sum, n| {
            sum * r + ln::ratio(1.0, factorials[n])
        });
    // The large terms last, so that each rounding is relative to what it is added to.
    scale(Interval::one() + (r + rest * r.square()), k as i32)
}

/// $2^k x$ for $|k|\le2200$: two powers of two that are numbers, each product exact or rounded outward.
fn scale(x: Interval, k: i32) -> Interval {
    let half = k / 2;
    x * Interval::from(2f64.powi(half)) * Interval::from(2f64.powi(k - half))
}
