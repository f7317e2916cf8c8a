//! $+,\times,\div,\sqrt{\,}$ of `f64` rounded down and up, from IEEE 754's rounding to nearest and the exact error of each.
//!
//! Each function returns the two neighbouring numbers (or the one) between which the exact result lies.

/// Below this magnitude the error of a product, quotient or root may itself underflow: $2^{-1022+54}$, and room.
const SMALL: f64 = 1e-280;

/// The enclosure of a result that was rounded to `nearest`, from the sign of what is missing, `exact − nearest`. Where it is not known, both sides move.
fn bracket(nearest: f64, missing: f64) -> (f64, f64) {
    if nearest.is_infinite() {
        // Too large to represent, and beyond every number there is.
        return if nearest > 0.0 { (f64::MAX, nearest) } else { (nearest, f64::MIN) };
    }
    if missing == 0.0 {
        (nearest, nearest)
    } else if missing > 0.0 && missing.is_finite() {
        (nearest, nearest.next_up())
    } else if missing < 0.0 && missing.is_finite() {
        (nearest.next_down(), nearest)
    } else {
        (nearest.next_down(), nearest.next_up())
    }
}

/// The enclosure of a result of known sign: what underflows does not change it.
fn signed((lower, upper): (f64, f64), positive: bool) -> (f64, f64) {
    if positive { (lower.max(0.0), upper) } else { (lower, upper.min(0.0)) }
}

/// $a+b$. The error of a sum is a number, and Knuth's `TwoSum` finds it, without exception unless an intermediate result overflows, which shows as one that is
/// not finite.
pub(super) fn sum(a: f64, b: f64) -> (f64, f64) {
    let nearest = a + b;
    if a.is_infinite() || b.is_infinite() {
        return (nearest, nearest);
    }
    let shadow = nearest - a;
    bracket(nearest, (a - (nearest - shadow)) + (b - shadow))
}

/// $a\,b$, with $0\cdot\infty=0$: the ends of intervals are limits of finite numbers.
pub(super) fn product(a: f64, b: f64) -> (f64, f64) {
    if a == 0.0 || b == 0.0 {
        return (0.0, 0.0);
    }
    let nearest = a * b;
    if a.is_infinite() || b.is_infinite() {
        return (nearest, nearest);
    }
    let missing = if nearest.abs() < SMALL { f64::NAN } else { a.mul_add(b, -nearest) };
    signed(bracket(nearest, missing), (a > 0.0) == (b > 0.0))
}

/// $a/b$ for $b\ne0$; $a/\infty=0$.
pub(super) fn quotient(a: f64, b: f64) -> (f64, f64) {
    if a == 0.0 || b.is_infinite() {
        return if a.is_infinite() { (f64::NEG_INFINITY, f64::INFINITY) } else { (0.0, 0.0) };
    }
    let nearest = a / b;
    if a.is_infinite() {
        return (nearest, nearest);
    }
    // a/b − q = (a − qb)/b.
    let known = nearest.abs() >= SMALL && a.abs() >= SMALL && nearest.is_finite();
    let missing = if known { (-nearest).mul_add(b, a) * b.signum() } else { f64::NAN };
    signed(bracket(nearest, missing), (a > 0.0) == (b > 0.0))
}

/// $\sqrt a$ for $a\ge0$.
pub(super) fn root(a: f64) -> (f64, f64) {
    let nearest = a.sqrt();
    if a == 0.0 || a.is_infinite() {
        return (nearest, nearest);
    }
    // √a − s = (a − s²)/(√a + s).
    bracket(nearest, if a < SMALL { f64::NAN } else { (-nearest).mul_add(nearest, a) })
}
