//! Two operations make everything one-dimensional: the difference of two Gumbel variables is logistic, and $Z=\sigma(u/\lambda)$ with $u$ logistic around
//! $\Delta=\alpha_1-\alpha_2$. The trapezoidal rule converges exponentially on such integrals over the line.

use nasproof::{
    linalg::TestRatio,
    relaxation::{Concrete, Draw, Error, OneHot, Relaxation, gumbel, softmax},
    taylor::finite_difference::slope,
};
use ndarray::{Array2, array};

use super::oracle::{agree, derivative, dual_softmax, frequencies_fit, normal, rng};

pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The density of the standard logistic distribution.
pub fn density(x: f64) -> f64 {
    sigmoid(x) * sigmoid(-x)
}

/// $\int f$ over the line, for a smooth integrand that decays like $e^{-|x|}$.
pub fn integrate(f: impl Fn(f64) -> f64, step: f64) -> f64 {
    let n = (60.0 / step) as i64;
    (-n..=n).map(|k| f(k as f64 * step)).sum::<f64>() * step
}

#[test]
fn the_jacobian_at_fixed_noise_is_that_of_dual_numbers() {
    let mut rng = rng(1);
    let (alpha, cost) = (normal((3, 4), &mut rng), normal((3, 4), &mut rng));
    let draw = Concrete::new(0.7).unwrap().sample(&alpha, &mut rng);
    let (_, exact) = derivative(&alpha, |a| {
        let perturbed: Vec<_> = a.into_iter().zip(&draw.noise).map(|(a, &g)| (a + g) / 0.7).collect();
        dual_softmax(&perturbed, 4).into_iter().zip(&cost).map(|(z, &c)| z * c).reduce(|x, y| x + y).unwrap()
    });
    agree(&draw.pull_back(&cost), &exact, cost.iter().map(|c| c.abs()).sum::<f64>() / 0.7, 4);
    for (row, pulled) in draw.gates().rows().into_iter().zip(draw.pull_back(&cost).rows()) {
        assert!(TestRatio::identity(row.sum(), 1.0, 1.0, 4).passes());
        // Shifts of an edge are null directions.
        assert!(TestRatio::identity(pulled.sum(), 0.0, pulled.iter().map(|p| p.abs()).sum::<f64>() + 1.0, 4).passes());
    }
}

/// `snas`, Eq. 6: in the unnormalised probabilities the derivative is $\sum_{k'}C_{k'}(\delta(k'-k)-Z_{k'})Z_k/(\lambda\alpha_k)$.
#[test]
fn equation_6_in_the_papers_own_parameters() {
    let mut rng = rng(2);
    let (weights, cost) = (normal((1, 4), &mut rng).mapv(f64::exp), normal((1, 4), &mut rng));
    let draw = Concrete::new(0.3).unwrap().sample(&weights.mapv(f64::ln), &mut rng);
    let printed = Array2::from_shape_fn((1, 4), |(_, k)| {
        let z = draw.gates();
        let sum = |k2: usize| cost[(0, k2)] * (f64::from(u8::from(k == k2)) - z[(0, k2)]);
        (0..4).map(sum).sum::<f64>() * z[(0, k)] / (0.3 * weights[(0, k)])
    });
    let scale = cost.iter().map(|c| c.abs()).sum::<f64>() / 0.3 / weights.fold(f64::INFINITY, |m, &w| m.min(w));
    agree(&(draw.pull_back(&cost) / &weights), &printed, scale, 8);
}

/// Unbiased for any smooth loss: the pathwise expectation is the derivative of $\int L(\sigma(u/\lambda))f(u-\Delta)\,du$, taken on the density.
#[test]
fn unbiased_for_a_loss_that_is_not_affine() {
    for (delta, temperature) in [(0.0, 1.0), (0.8, 0.5), (-1.5, 2.0)] {
        let concrete = Concrete::new(temperature).unwrap();
        let loss = |z: f64| (3.0 * z).sin() + z * z;
        let slope = |z: f64| 3.0 * (3.0 * z).cos() + 2.0 * z;
        let alpha = array![[delta, 0.0]];
        // The loss is a function of Z₁ alone; a noise of (u − Δ, 0) gives the perturbed difference u.
        let pathwise = |u: f64| {
            let draw = concrete.at(&alpha, array![[u - delta, 0.0]]);
            draw.pull_back(&array![[slope(draw.gates()[(0, 0)]), 0.0]])[(0, 0)] * density(u - delta)
        };
        let expected = |u: f64| {
            let x = u - delta;
            // −f′ = f (2σ − 1).
            loss(sigmoid(u / temperature)) * density(x) * (2.0 * sigmoid(x) - 1.0)
        };
        let (got, exact) = (integrate(pathwise, 0.02), integrate(expected, 0.02));
        let terms = integrate(|u| expected(u).abs(), 0.02) + integrate(|u| pathwise(u).abs(), 0.02);
        let ratio = |got: f64| TestRatio::identity(got, exact, terms, 6000);
        assert!(ratio(got).passes(), "{delta} {temperature}: {got} {exact}");
        // A missing 1/λ, and a missing half.
        assert!(temperature == 1.0 || !ratio(got * temperature).passes());
        assert!(!ratio(0.5 * got).passes());
    }
}

/// Where the loss is affine, the expectation tends to $p_1p_2(c_1-c_2)$ with an error of order $\lambda^2$.
#[test]
fn the_bias_against_the_discrete_objective_is_of_second_order_in_the_temperature() {
    let delta = 0.9;
    let alpha = array![[delta, 0.0]];
    let cost = array![[1.3, -0.4]];
    let exact = sigmoid(delta) * sigmoid(-delta) * (cost[(0, 0)] - cost[(0, 1)]);
    let errors: Vec<(f64, f64)> = [0.2f64, 0.1, 0.05, 0.025]
        .into_iter()
        .map(|temperature| {
            let concrete = Concrete::new(temperature).unwrap();
            // Over t = u/λ, so that the integrand is as wide for every temperature.
            let integrand = |t: f64| {
                let u = temperature * t;
                let draw = concrete.at(&alpha, array![[u - delta, 0.0]]);
                draw.pull_back(&cost)[(0, 0)] * density(u - delta) * temperature
            };
            (temperature.ln(), (integrate(integrand, 0.05) - exact).abs().ln())
        })
        .collect();
    let order = slope(&errors).unwrap();
    assert!((order - 2.0).abs() < 0.1, "order {order}");
}

#[test]
fn at_temperature_zero_it_is_the_one_hot_draw_of_the_same_noise() {
    let mut rng = rng(3);
    let alpha = normal((6, 5), &mut rng);
    let noise = gumbel((6, 5), &mut rng);
    let cold = Concrete::new(1e-6).unwrap().at(&alpha, noise.clone());
    let hard = OneHot.at_noise(&alpha, &noise);
    for (soft, hard) in cold.gates().iter().zip(hard.gates()) {
        assert_eq!(soft, hard);
    }
}

/// $P(\lim Z_k=1)=\alpha_k/\sum\alpha$ (`snas`, below Eq. 5), by $\chi^2$ at 99.9 % on 20,000 draws.
#[test]
fn the_largest_gate_has_the_probability_of_the_softmax() {
    let mut rng = rng(4);
    let alpha = normal((1, 5), &mut rng);
    let concrete = Concrete::new(0.5).unwrap();
    let mut counts = ndarray::Array1::zeros(5);
    for _ in 0..20_000 {
        let gates = concrete.sample(&alpha, &mut rng).gates().clone();
        let largest = (0..5).max_by(|&a, &b| gates[(0, a)].total_cmp(&gates[(0, b)])).unwrap();
        counts[largest] += 1.0;
    }
    let p = softmax::gates(&alpha);
    assert!(frequencies_fit(&counts, &p.row(0).to_owned()));
    assert!(!frequencies_fit(&counts, &softmax::gates(&(&alpha * 1.2)).row(0).to_owned()));
}

#[test]
fn a_temperature_must_be_positive() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(Concrete::new(bad), Err(Error::Temperature(_))));
    }
}
