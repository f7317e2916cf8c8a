//! A Beta variable at a fixed value of its distribution function, as its first parameter moves.
//!
//! With $f=x^{a-1}(1-x)^{b-1}/B(a,b)$ and the continued fraction $\kappa(a,b,x)$ of the incomplete Beta function, $F=\frac{x(1-x)f}{a}\kappa(a,b,x)$; it
//! converges fast for $x<\frac{a+1}{a+b+2}$. Since $x(1-x)f/a=x^a(1-x)^b/(aB)$ and $\partial\ln B/\partial a=\psi(a)-\psi(a+b)$,
//! $$-\frac{1}{x(1-x)f}\frac{\partial F}{\partial a}=-\frac1a\big\lbrack(\ln x-\psi(a+1)+\psi(a+b))\,\kappa+\kappa'\big\rbrack .$$
//! Beyond, $1-F=\frac{x(1-x)f}{b}\kappa(b,a,1-x)$ gives $\frac1b\big\lbrack(\ln x-\psi(a)+\psi(a+b))\,\kappa+\kappa'\big\rbrack$, the prime being the derivative in $a$.

use num_dual::{Dual64, DualNum};
use statrs::function::gamma::digamma;

use super::gamma::{TERMS, settled};

/// $\frac1{x(1-x)}\frac{\partial x}{\partial a}$ for $x\sim\mathrm{Beta}(a,b)$ at a fixed value of the distribution function, at $\ln x$; 0 at $x=0$ and where $b$ is not
/// positive, as for an only operation.
pub fn beta_sensitivity(a: f64, b: f64, log_x: f64) -> f64 {
    // Written so that NaN is caught.
    if !(a > 0.0 && b > 0.0 && log_x > f64::NEG_INFINITY) {
        return 0.0;
    }
    let x = log_x.exp();
    let (first, second) = (Dual64::new(a, 1.0), Dual64::from(b));
    if x < (a + 1.0) / (a + b + 2.0) {
        let kappa = fraction(first, second, x);
        -((log_x - digamma(a + 1.0) + digamma(a + b)) * kappa.re + kappa.eps) / a
    } else {
        let kappa = fraction(second, first, -log_x.exp_m1());
        ((log_x - digamma(a) + digamma(a + b)) * kappa.re + kappa.eps) / b
    }
}

/// $\kappa(a,b,x)=\cfrac1{1+\cfrac{d_1}{1+\cfrac{d_2}{1+\cdots}}}$ with $d_{2m+1}=-\frac{(a+m)(a+b+m)x}{(a+2m)(a+2m+1)}$,
/// $d_{2m}=\frac{m(b-m)x}{(a+2m-1)(a+2m)}$, by Lentz's method.
fn fraction(a: Dual64, b: Dual64, x: f64) -> Dual64 {
    let one = Dual64::from(1.0);
    let mut c = one;
    let mut d = (one - (a + b) * x / (a + 1.0)).recip();
    let mut h = d;
    for m in 1..TERMS {
        let m = m as f64;
        let even = (b - m) * (m * x) / ((a + (2.0 * m - 1.0)) * (a + 2.0 * m));
        d = (one + even * d).recip();
        c = one + even / c;
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + (2.0 * m + 1.0)));
        d = (one + odd * d).recip();
        c = one + odd / c;
        let factor = d * c;
        h *= factor;
        if settled(factor) {
            break;
        }
    }
    h
}
