//! $\ln x$, enclosed.

use std::sync::LazyLock;

use super::{Interval, Undefined, rounding};

/// The last term of the series is $s^{2\cdot11+1}/(2\cdot11+1)$.
const TERMS: i32 = 11;

/// The leading 28 bits of $\ln 2$: its product with an integer below $2^{21}$ is exact. Any number would do; this one is near.
const LEADING: f64 = f64::from_bits(0x3FE6_2E42_FE00_0000);

impl Interval {
    /// $\{\ln x\}$, a few units in the last place wider than the set itself (near $x=1$ too).
    ///
    /// **Derivation.** $\ln x$ increases, so the ends are those of $\ln\underline x$ and $\ln\overline x$. For one number, $x=2^km$ exactly, with
    /// $m\in[\sqrt{1/2},\sqrt2]$ up to the choice of $k$, and $\ln x=k\ln2+\ln m$. With $s=(m-1)/(m+1)$,
    /// $$\ln m=2\operatorname{artanh}s=2\sum_{j=0}^{J}\frac{s^{2j+1}}{2j+1}+R,\qquad |R|\le\frac{2\,|s|^{2J+3}}{(2J+3)(1-s^2)},$$
    /// the tail bounded by the geometric series of $s^2$, its sign that of $s$. Everything is interval arithmetic, so rounding is inside. $\ln 2$ comes
    /// from integers: $\ln2=\sum_{n\ge1}1/(n2^n)$, and $2^{120}\ln2$ lies between $\sum_{n\le120}\lfloor2^{120}/(n2^n)\rfloor$ and that sum plus 121, one for each floor
    /// and one for the tail $\sum_{n>120}2^{120-n}/n<1$.
    ///
    /// # Errors
    /// [`Undefined::Logarithm`] where the argument is not positive throughout.
    pub fn ln(self) -> Result<Self, Undefined> {
        if self.lower() <= 0.0 {
            return Err(Undefined::Logarithm { of: self.to_string() });
        }
        let upper = if self.upper().is_infinite() { f64::INFINITY } else { logarithm(self.upper()).upper() };
        Ok(Self::enclosing(logarithm(self.lower()).lower(), upper))
    }
}

/// $a/b$ for $b\ne0$.
pub(super) fn ratio(a: f64, b: f64) -> Interval {
    let (lower, upper) = rounding::quotient(a, b);
    Interval::enclosing(lower, upper)
}

/// $2\operatorname{artanh}s$ for $|s|<1$.
fn twice_artanh(s: Interval) -> Interval {
    let square = s.square();
    let odd = |j: i32| f64::from(2 * j + 1);
    let series = (0..TERMS).rev().fold(ratio(2.0, odd(TERMS)), |sum, j| sum * square + ratio(2.0, odd(j)));
    let power = (0..=TERMS).fold(s, |power, _| power * square);
    let left = Interval::from(1.0) - square;
    // 1 − s² > 0 for |s| < 1; a divisor that is not surely so leaves the tail unbounded.
    let tail = power.abs().upper();
    let bound = (Interval::from(tail) * ratio(2.0, odd(TERMS + 1)))
        .over(left)
        .map_or(f64::INFINITY, |bound| if left.lower() > 0.0 { bound.upper() } else { f64::INFINITY });
    // The tail has the sign of s.
    let tail =
        Interval::enclosing(if s.lower() < 0.0 { -bound } else { 0.0 }, if s.upper() > 0.0 { bound } else { 0.0 });
    series * s + tail
}

/// $\ln 2$ less its leading bits, to double precision of itself.
static REST_OF_LN_2: LazyLock<Interval> = LazyLock::new(rest_of_ln_2);

fn rest_of_ln_2() -> Interval {
    const BITS: u32 = 120;
    let floor: u128 = (1..=u128::from(BITS)).map(|n| (1u128 << (u128::from(BITS) - n)) / n).sum();
    let leading = ((LEADING * 2f64.powi(32)) as u128) << (BITS - 32);
    let (lower, upper) = (floor - leading, floor + u128::from(BITS) + 1 - leading);
    // The conversion rounds to nearest; the product is with a power of two.
    let unit = 2f64.powi(-120);
    Interval::enclosing((lower as f64).next_down() * unit, (upper as f64).next_up() * unit)
}

/// $x-k\ln2$ for an integer $|k|\le2^{20}$, held in a float: the leading part of the product is exact, and cancels before anything is rounded.
pub(super) fn less_multiple_of_ln_2(x: f64, k: f64) -> Interval {
    (Interval::from(x) - Interval::from(k) * Interval::from(LEADING)) - Interval::from(k) * *REST_OF_LN_2
}

/// $\ln x$ for one positive finite number.
fn logarithm(x: f64) -> Interval {
    // Subnormal numbers are scaled first: exact.
    let (scaled, shift) = if x < f64::MIN_POSITIVE { (x * 2f64.powi(64), -64.0) } else { (x, 0.0) };
    let exponent = ((scaled.to_bits() >> 52) as i32) - 1023;
    let mantissa = f64::from_bits((scaled.to_bits() & ((1 << 52) - 1)) | (1023 << 52));
    let (k, m) =
        if mantissa > std::f64::consts::SQRT_2 { (exponent + 1, 0.5 * mantissa) } else { (exponent, mantissa) };
    let (m, one) = (Interval::from(m), Interval::from(1.0));
    // m + 1 > 1: never zero.
    let Ok(s) = (m - one).over(m + one) else { return Interval::enclosing(f64::NEG_INFINITY, f64::INFINITY) };
    let k = f64::from(k) + shift;
    // The exact part first, then the small ones, so that their rounding is relative to their own size.
    Interval::from(k) * Interval::from(LEADING) + (twice_artanh(s) + Interval::from(k) * *REST_OF_LN_2)
}
