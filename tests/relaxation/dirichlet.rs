//! Over $t=\ln\gamma$ every integrand is analytic and decays on both sides, so the trapezoidal rule is exact to rounding.

use nasproof::{
    linalg::TestRatio,
    relaxation::{
        Anchor, Dirichlet, Draw, Relaxation, beta_sensitivity, concentrations, log_gamma_sensitivity, trigamma,
    },
};
use ndarray::{Array2, array};
use num_dual::DualNum;
use statrs::function::gamma::ln_gamma;

use super::oracle::{Dual, derivative, normal, rng};

const STEP: f64 = 0.02;

/// Nodes and weights for $\mathbb E\,f(\ln\gamma)$, $\gamma\sim\mathrm{Gamma}(\beta)$.
fn rule(beta: f64, step: f64) -> Vec<(f64, f64)> {
    let left = beta.ln() - 45.0 / beta.min(4.0);
    let right = (beta + 60.0 + 12.0 * beta.sqrt()).ln();
    (0..=((right - left) / step) as usize)
        .map(|k| left + k as f64 * step)
        .map(|t| (t, step * (beta * t - t.exp() - ln_gamma(beta)).exp()))
        .collect()
}

/// $\mathbb E\gamma=\beta$, $\mathbb E\gamma^2=\beta(\beta+1)$, $\mathbb E\,e^{-\gamma}=2^{-\beta}$: their derivatives through $\partial\ln\gamma/\partial\beta$.
#[test]
fn the_implicit_derivative_of_a_gamma_variable_differentiates_its_moments() {
    for beta in [0.2, 0.7, 1.0, 1.5, 3.0, 10.0, 50.5] {
        let nodes: Vec<(f64, f64)> =
            rule(beta, STEP).into_iter().map(|(t, w)| (t, w * log_gamma_sensitivity(beta, t))).collect();
        let ln2 = std::f64::consts::LN_2;
        type Moment = fn(f64) -> f64;
        let moments: [(Moment, f64); 3] =
            [(|x| x, 1.0), (|x| 2.0 * x * x, 2.0 * beta + 1.0), (|x| -x * (-x).exp(), -ln2 * 2f64.powf(-beta))];
        for (k, (moment, exact)) in moments.into_iter().enumerate() {
            let terms: Vec<f64> = nodes.iter().map(|&(t, w)| w * moment(t.exp())).collect();
            let (sum, size) = (terms.iter().sum::<f64>(), terms.iter().map(|t| t.abs()).sum::<f64>());
            // The density is e to the power β t − e^t − ln Γ, whose rounding is that of its largest summand.
            let exponent = 1.0 + beta * (beta + 2.0).ln() + ln_gamma(beta).abs();
            let ratio = |sum: f64| TestRatio::identity(sum, exact, size * exponent, 10);
            assert!(ratio(sum).passes(), "β = {beta}, moment {k}: {sum} {exact}, ratio {}", ratio(sum));
            assert!(!ratio(1.001 * sum).passes());
        }
    }
}

/// Both expansions, on either side of where they meet.
#[test]
fn the_derivative_is_continuous_where_series_and_fraction_meet() {
    for beta in [0.3, 1.0, 2.0, 7.5, 40.0] {
        let at = |factor: f64| log_gamma_sensitivity(beta, ((beta + 1.0) * factor).ln());
        let (below, above) = (at(1.0 - f64::EPSILON), at(1.0 + f64::EPSILON));
        // Its slope in ln x is of order 1, and either expansion sums some tens of terms there.
        let ratio = TestRatio::identity(below, above, 1.0 + above.abs(), 50);
        assert!(ratio.passes(), "{beta}: {below} {above}, ratio {ratio}");
    }
}

/// $\mathbb E\,x=\frac{a}{a+b}$ and $\mathbb E\,x^2=\frac{a(a+1)}{(a+b)(a+b+1)}$ of a Beta variable, differentiated in $a$ through the printed formula, over $t=\operatorname{logit}x$.
#[test]
fn the_implicit_derivative_of_a_beta_variable_differentiates_its_moments() {
    for (a, b) in [(0.4, 1.3), (1.0, 1.0), (2.5, 0.7), (9.0, 14.0)] {
        let log_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
        let (mut sums, mut sizes) = ([0.0; 2], [0.0; 2]);
        let reach = 45.0 / f64::min(a, b).min(1.0);
        let n = (reach / STEP) as i64;
        for k in -n..=n {
            let t = k as f64 * STEP;
            // ln σ(t) and ln σ(−t), neither of which cancels.
            let (log_x, log_y) = (-(-t).exp().ln_1p(), -t.exp().ln_1p());
            let x = log_x.exp();
            let w = STEP * (a * log_x + b * log_y - log_beta).exp() * beta_sensitivity(a, b, log_x);
            // dx = x(1 − x) × the sensitivity.
            let dx = w * x * log_y.exp();
            for (k, term) in [dx, 2.0 * x * dx].into_iter().enumerate() {
                sums[k] += term;
                sizes[k] += term.abs();
            }
        }
        let s = a + b;
        let exact = [
            b / (s * s),
            (2.0 * a + 1.0) / (s * (s + 1.0)) - a * (a + 1.0) * (2.0 * s + 1.0) / (s * (s + 1.0)).powi(2),
        ];
        for k in 0..2 {
            let exponent = 1.0 + log_beta.abs() + a + b;
            let ratio = |sum: f64| TestRatio::identity(sum, exact[k], sizes[k] * exponent, 10);
            assert!(ratio(sums[k]).passes(), "{a} {b}, moment {k}: {} {}, ratio {}", sums[k], exact[k], ratio(sums[k]));
            assert!(!ratio(1.001 * sums[k]).passes());
        }
    }
}

/// $\mathbb E\,Z_1^2Z_2=\frac{a(a+1)b}{s(s+1)(s+2)}$, $s=a+b$: differentiated by dual numbers, against the expectation of the pull-back over both Gammas.
#[test]
fn the_pull_back_is_unbiased() {
    for (alpha, relaxation) in [array![[0.6, -0.3]], array![[1.4, 0.2]]]
        .into_iter()
        .flat_map(|a| [(a.clone(), Dirichlet::Gamma), (a, Dirichlet::Beta)])
    {
        let (_, exact) = derivative(&alpha, |v: Vec<Dual>| {
            let beta: Vec<Dual> = v.into_iter().map(|a| if a.re > 0.0 { a + 1.0 } else { a.exp() }).collect();
            let (a, b) = (beta[0].clone(), beta[1].clone());
            let s = a.clone() + b.clone();
            a.clone() * (a + 1.0) * b / (s.clone() * (s.clone() + 1.0) * (s + 2.0))
        });
        let beta = concentrations(&alpha);
        let (first, second) = (rule(beta[(0, 0)], 0.1), rule(beta[(0, 1)], 0.1));
        let (mut sum, mut size) = (Array2::zeros((1, 2)), 0.0);
        for &(t, v) in &first {
            for &(u, w) in second.iter().filter(|(_, w)| v * w > 1e-25) {
                let draw = relaxation.at(&alpha, array![[t, u]]);
                let (z1, z2) = (draw.gates()[(0, 0)], draw.gates()[(0, 1)]);
                let pulled = draw.pull_back(&array![[2.0 * z1 * z2, z1 * z1]]) * (v * w);
                size += pulled.iter().map(|p| p.abs()).sum::<f64>();
                sum += &pulled;
            }
        }
        for (got, exact) in sum.iter().zip(&exact) {
            let ratio = |got: f64| TestRatio::identity(got, *exact, size, 30);
            assert!(ratio(*got).passes(), "{sum} {exact}: {}", ratio(*got));
            assert!(!ratio(1.001 * got).passes());
        }
    }
}

/// Means and variances of 20,000 draws, each at 99.9 %.
#[test]
fn draws_are_of_the_dirichlet_distribution() {
    let mut rng = rng(3);
    let alpha = array![[0.5, -1.2, 2.0, -6.0]];
    let beta = concentrations(&alpha);
    let total = beta.sum();
    let n = 20_000;
    let mut mean = Array2::<f64>::zeros((1, 4));
    for _ in 0..n {
        let draw = Dirichlet::Beta.sample(&alpha, &mut rng);
        assert!(TestRatio::identity(draw.gates().sum(), 1.0, 1.0, 4).passes());
        assert!(draw.pull_back(&array![[1.0, 2.0, 3.0, 4.0]]).iter().all(|g| g.is_finite()));
        mean += draw.gates();
    }
    mean /= f64::from(n);
    let fits = |beta: &Array2<f64>, o: usize| {
        let p = beta[(0, o)] / total;
        (mean[(0, o)] - p).abs() <= 3.29 * (p * (1.0 - p) / (total + 1.0) / f64::from(n)).sqrt()
    };
    for o in 0..4 {
        assert!(fits(&beta, o), "{o}: {mean}");
    }
    assert!(!fits(&(&beta * 1.1), 0));
}

#[test]
fn an_operation_that_is_missing_stays_missing() {
    let mut rng = rng(4);
    let draw = Dirichlet::Beta.sample(&array![[0.1, f64::NEG_INFINITY, -0.4]], &mut rng);
    assert_eq!(draw.gates()[(0, 1)], 0.0);
    assert_eq!(draw.pull_back(&array![[1.0, 5.0, 2.0]])[(0, 1)], 0.0);
    assert!(draw.pull_back(&array![[1.0, 5.0, 2.0]]).iter().all(|g| g.is_finite()));
}

/// $\int f\ln f$ for two operations by quadrature over $t=\ln\frac{x}{1-x}$, and by hand with factorials and harmonic numbers for three.
#[test]
fn the_divergence_from_the_uniform_distribution() {
    for (a, b) in [(0.3, 0.8), (1.0, 1.0), (2.5, 0.6), (4.0, 3.0)] {
        let log_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
        let (mut sum, mut size) = (0.0, 0.0);
        let n = (45.0 / f64::min(a, b).min(1.0) / STEP) as i64;
        for k in -n..=n {
            let t = k as f64 * STEP;
            let (log_x, log_y) = (-(-t).exp().ln_1p(), -t.exp().ln_1p());
            let weight = STEP * (a * log_x + b * log_y - log_beta).exp();
            let term = weight * ((a - 1.0) * log_x + (b - 1.0) * log_y - log_beta);
            sum += term;
            size += term.abs();
        }
        let alpha = array![[a, b]].mapv(|beta: f64| if beta > 1.0 { beta - 1.0 } else { beta.ln() });
        let exponent = 1.0 + log_beta.abs() + a + b;
        let ratio = |value: f64| TestRatio::identity(value, sum, (size + 1.0) * exponent, 10);
        let got = Anchor::Divergence.of(&alpha);
        assert!(ratio(got).passes(), "{a} {b}: {got} {sum}, ratio {}", ratio(got));
        assert!(a == b || !ratio(1.001 * got).passes());
    }
    // β = (2, 1, 3): ln Γ(6) − ln 2 − ln Γ(3) and ψ(2) − ψ(6) + 2(ψ(3) − ψ(6)).
    let by_hand = 120f64.ln()
        - 2f64.ln()
        - 2f64.ln()
        - (1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0 + 1.0 / 5.0)
        - 2.0 * (1.0 / 3.0 + 1.0 / 4.0 + 1.0 / 5.0);
    let missing = array![[1.0, 0.0, 2.0, f64::NEG_INFINITY]];
    assert!(TestRatio::identity(Anchor::Divergence.of(&missing), by_hand, 10.0, 10).passes());
    assert_eq!(Anchor::Divergence.gradient(&missing)[(0, 3)], 0.0);
    assert_eq!(Anchor::Distance.of(&missing), 0.5 * (1.0 + 4.0));
}

/// $\psi'(x)=\sum_{k\ge0}(x+k)^{-2}$: the first thousand terms exactly, and for the rest $\frac1N+\frac1{2N^2}+\frac1{6N^3}-\frac1{30N^5}$, which leaves less than
/// $\frac1{42}10^{-21}$.
#[test]
fn the_trigamma_function_as_the_sum_that_it_is() {
    use dashu_ratio::RBig;
    let square = |k: u64| RBig::from_parts(1.into(), (k * k).into());
    for x in [16u64, 20, 40] {
        let end = x + 1000;
        let head: RBig = (x..end).map(square).fold(RBig::ZERO, |sum, term| sum + term);
        let n = RBig::from(end);
        let one = RBig::ONE;
        let powers = [(1, 1), (2, 2), (6, 3), (-30, 5)];
        let tail = powers.into_iter().fold(RBig::ZERO, |sum, (c, k)| sum + &one / (RBig::from(c) * n.clone().pow(k)));
        let exact = (head + tail).to_f64().value();
        let ratio = TestRatio::identity(trigamma(x as f64), exact, exact, 2);
        assert!(ratio.passes(), "{x}: {ratio}");
    }
}

/// Central differences approach either gradient with order 2, and not nine tenths of it.
#[test]
fn the_gradient_of_the_anchor() {
    use nasproof::taylor::finite_difference::slope;
    let mut rng = rng(6);
    let (alpha, u) = (normal((3, 4), &mut rng), normal((3, 4), &mut rng));
    for anchor in [Anchor::Distance, Anchor::Divergence] {
        let along = (anchor.gradient(&alpha) * &u).sum();
        let order = |factor: f64| {
            let points: Vec<(f64, f64)> = [0.02f64, 0.01, 0.005, 0.0025]
                .into_iter()
                .map(|h| {
                    let difference = anchor.of(&(&alpha + &(&u * h))) - anchor.of(&(&alpha - &(&u * h)));
                    (h.ln(), (difference / (2.0 * h) - factor * along).abs().ln())
                })
                .collect();
            slope(&points).unwrap()
        };
        assert!((order(1.0) - 2.0).abs() < 0.2, "{anchor:?}: order {}", order(1.0));
        assert!(order(0.9) < 1.0);
    }
    // Both are least at β = 1, that is α = 0.
    for anchor in [Anchor::Distance, Anchor::Divergence] {
        let gradient = anchor.gradient(&Array2::zeros((2, 3)));
        assert!(gradient.iter().all(|g| TestRatio::identity(*g, 0.0, 4.0, 3).passes()), "{gradient}");
    }
}

#[test]
fn the_trigamma_function_at_known_points_and_by_its_recurrence() {
    let pi = std::f64::consts::PI;
    let fits = |got: f64, exact: f64| TestRatio::identity(got, exact, exact, 20).passes();
    assert!(fits(trigamma(1.0), pi * pi / 6.0) && fits(trigamma(0.5), pi * pi / 2.0));
    // ψ′(1/4) = π² + 8G, G Catalan's constant.
    assert!(fits(trigamma(0.25), pi * pi + 8.0 * 0.915_965_594_177_219));
    assert!(!fits(trigamma(1.0) * 1.001, pi * pi / 6.0));
    for x in [1e-6, 0.3, 7.7, 15.9, 16.1, 40.0, 1e6] {
        assert!(fits(trigamma(x), trigamma(x + 1.0) + 1.0 / (x * x)), "{x}");
        // Between the integrals that bound the sum Σ 1/(x+k)².
        assert!(trigamma(x) > 1.0 / x + 0.5 / (x * x) && trigamma(x) < 1.0 / x + 1.0 / (x * x), "{x}");
    }
}
