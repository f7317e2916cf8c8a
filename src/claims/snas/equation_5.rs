#![doc = include_str!("../../../proofs/snas/equation-5.md")]
#![doc = include_str!("../../../proofs/snas/equation-5-limit.md")]
#![doc = include_str!("../../../proofs/snas/equation-22.md")]

use super::{
    cell::OPERATIONS,
    concrete,
    equation_24::{Case, cases},
};
use crate::{
    claims::{Check, Claim, Control, Measure, Statement},
    linalg::Rounded,
};

/// The code against $Z^k\propto(\alpha^k/{-\ln U^k})^{p}$, which has no Gumbel variable and no logarithm of $\alpha$ in it; $p=1/\lambda$.
fn sample(case: &Case, power: impl Fn(f64) -> f64) -> Measure {
    let Ok(seen) = concrete::sample(&case.alpha, &case.uniform, case.temperature) else { return Measure::truth(false) };
    let weights: [f64; OPERATIONS] =
        std::array::from_fn(|k| (case.alpha[k] / -case.uniform[k].ln()).powf(power(case.temperature)));
    let total: f64 = weights.iter().sum();
    // The exponents are at most (ln 8 + ln ln 32)/λ ≤ 14.
    Measure::vectors(&seen, &weights.map(|w| w / total), 1.0, 14 + 2 * OPERATIONS)
}

/// Eq. (5): a concrete sample.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-5",
        source: "snas, Eq. (5), section 2.2",
        hypotheses: &["α > 0, λ > 0", "G^k = −log(−log U^k), U^k in (0, 1)"],
        printed: Statement::defines(
            "Z_{i,j}^k = f_{α_{i,j}}(G_{i,j}^k) = exp((log α_{i,j}^k + G_{i,j}^k)/λ) / Σ_{l=0}^n exp((log α_{i,j}^l + G_{i,j}^l)/λ)",
            Check::new(cases(), |case| sample(case, |lambda| 1.0 / lambda)),
        ),
        corrected: None,
        control: Some(Control::new(
            "λ multiplied by, not divided by",
            Check::new(cases(), |case| sample(case, |lambda| lambda)),
        )),
        proof: include_str!("../../../proofs/snas/equation-5.md"),
    }
}

/// Eq. (22): the same, restated.
pub fn restated() -> Claim {
    Claim {
        id: "snas.equation-22",
        source: "snas, Eq. (22), appendix C",
        proof: concat!(
            include_str!("../../../proofs/snas/equation-22.md"),
            "\n\n",
            include_str!("../../../proofs/snas/equation-5.md")
        ),
        ..claim()
    }
}

/// $P(\ln\alpha^k+G^k\text{ is the largest})=\int f(g-\ln\alpha^k)\prod_{l\ne k}F(g-\ln\alpha^l)\,dg$, $F(x)=e^{-e^{-x}}$: analytic for
/// $|\operatorname{Im}g|<\pi/2$, so that step 1/4 errs by $e^{-4\pi^2}<10^{-17}$.
pub fn largest(alpha: &[f64], k: usize) -> Rounded {
    let total: f64 = alpha.iter().sum();
    concrete::line(0.25, total.ln(), |g| {
        let below: f64 = alpha.iter().map(|a| (-a * (-g).exp()).exp()).product();
        // f = F · e^{−(g − ln α)}; F of the k-th is in the product.
        let density = alpha[k] * (-g).exp();
        // Far to the left 0 · ∞.
        if below == 0.0 { 0.0 } else { below * density }
    })
}

fn limit(case: &Case, probability: impl Fn(&[f64; OPERATIONS], usize) -> f64) -> Measure {
    super::worst((0..OPERATIONS).map(|k| {
        let seen = largest(&case.alpha, k);
        Measure::equality(seen.value, probability(&case.alpha, k), 1.0, seen.n)
    }))
}

/// The limit of a concrete sample.
pub fn limit_claim() -> Claim {
    Claim {
        id: "snas.equation-5-limit",
        source: "snas, below Eq. (5), section 2.2",
        hypotheses: &[
            "U^k independent and uniform on (0, 1)",
            "for fixed noise without ties Z tends to the one-hot vector of the largest log α^k + G^k, so that the probability is that of being the largest",
        ],
        printed: Statement::holds(
            "p(lim_{λ→0} Z_{i,j}^k = 1) = α_{i,j}^k/(Σ_{l=0}^n α_{i,j}^l)",
            Check::new(cases(), |case| limit(case, |alpha, k| alpha[k] / alpha.iter().sum::<f64>())),
        ),
        corrected: None,
        control: Some(Control::new(
            "e^α for α: what it would be if the exponent of Eq. (5) were (α + G)/λ",
            Check::new(cases(), |case| {
                limit(case, |alpha, k| alpha[k].exp() / alpha.iter().map(|a| a.exp()).sum::<f64>())
            }),
        )),
        proof: include_str!("../../../proofs/snas/equation-5-limit.md"),
    }
}
