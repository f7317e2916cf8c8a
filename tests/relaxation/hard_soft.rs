use nasproof::{
    linalg::TestRatio,
    relaxation::{Concrete, Draw, Error, HardSoft, Relaxation, Unsampled, gumbel},
    taylor::finite_difference::slope,
};
use ndarray::array;

use super::{
    concrete::{density, integrate, sigmoid},
    oracle::{agree, normal, rng},
};

#[test]
fn one_hot_forward_and_the_concrete_gradient_backward() {
    let mut rng = rng(1);
    let (alpha, cost) = (normal((3, 4), &mut rng), normal((3, 4), &mut rng));
    let noise = gumbel((3, 4), &mut rng);
    let concrete = Concrete::new(2.0).unwrap().at(&alpha, noise.clone());
    let constant = HardSoft::new(2.0, Unsampled::Constant).unwrap().at(&alpha, noise.clone());
    assert!(constant.gates().iter().all(|&z| z == 0.0 || z == 1.0));
    assert_eq!(constant.pull_back(&cost), concrete.pull_back(&cost));
    // With 0 for the others: s the sampled one, (1/τ) Z_k (δ_ks − Z_s) C_s.
    let zero = HardSoft::new(2.0, Unsampled::Zero).unwrap().at(&alpha, noise);
    let expected = ndarray::Array2::from_shape_fn((3, 4), |(e, k)| {
        let s = (0..4).find(|&o| zero.gates()[(e, o)] == 1.0).unwrap();
        let z = zero.soft.gates();
        z[(e, k)] * (f64::from(u8::from(k == s)) - z[(e, s)]) * cost[(e, s)] / 2.0
    });
    agree(&zero.pull_back(&cost), &expected, cost.iter().map(|c| c.abs()).sum(), 4);
}

/// $\int$ of the pull-back over $t=u/\tau$, split at the kink.
fn expectation(delta: f64, temperature: f64, cost: [f64; 2], rest: f64, unsampled: Unsampled) -> f64 {
    let alpha = array![[delta, 0.0]];
    let relaxation = HardSoft::new(temperature, unsampled).unwrap();
    let half = |sign: f64| {
        // t = ± e^s makes each half-line a line.
        integrate(
            |s| {
                let t = sign * s.exp();
                let u = temperature * t;
                let draw = relaxation.at(&alpha, array![[u - delta, 0.0]]);
                let seen = if u > 0.0 { [cost[0], rest] } else { [rest, cost[1]] };
                draw.pull_back(&array![seen])[(0, 0)] * density(u - delta) * temperature * s.exp()
            },
            0.02,
        )
    };
    half(1.0) + half(-1.0)
}

/// Half of the derivative of the expected loss as $\tau\to0$, under either convention, approached linearly.
#[test]
fn the_limit_is_one_half_of_the_gradient_under_either_convention() {
    let (delta, cost) = (0.7, [1.3, -0.4]);
    let exact = sigmoid(delta) * sigmoid(-delta) * (cost[0] - cost[1]);
    for (unsampled, rest) in [(Unsampled::Zero, 0.0), (Unsampled::Constant, 0.0), (Unsampled::Constant, 2.5)] {
        let points: Vec<(f64, f64)> = [0.02f64, 0.01, 0.005, 0.0025]
            .into_iter()
            .map(|t| (t.ln(), (expectation(delta, t, cost, rest, unsampled) - 0.5 * exact).abs().ln()))
            .collect();
        let order = slope(&points).unwrap();
        assert!((order - 1.0).abs() < 0.1, "{unsampled:?} {rest}: order {order}");
        // Against the whole gradient the error does not vanish.
        let whole: Vec<(f64, f64)> = [0.02f64, 0.01, 0.005, 0.0025]
            .into_iter()
            .map(|t| (t.ln(), (expectation(delta, t, cost, rest, unsampled) - exact).abs().ln()))
            .collect();
        assert!(slope(&whole).unwrap().abs() < 0.5);
    }
}

/// At any temperature, with equal logits and both conventions alike at $k=0$: the integral in closed form, $\frac1\tau\int_0^\infty$.
#[test]
fn with_equal_logits_half_of_the_concrete_expectation_at_every_temperature() {
    for temperature in [0.3, 1.0, 5.0] {
        let got = expectation(0.0, temperature, [1.0, -0.5], 0.0, Unsampled::Zero);
        let concrete = Concrete::new(temperature).unwrap();
        let whole = integrate(
            |t| {
                let u = temperature * t;
                let draw = concrete.at(&array![[0.0, 0.0]], array![[u, 0.0]]);
                draw.pull_back(&array![[1.0, -0.5]])[(0, 0)] * density(u) * temperature
            },
            0.02,
        );
        assert!(TestRatio::identity(got, 0.5 * whole, whole.abs(), 6000).passes(), "{got} {whole}");
    }
}

#[test]
fn only_the_sampled_operation_is_evaluated() {
    let mut rng = rng(2);
    let alpha = normal((5, 7), &mut rng);
    let draw = HardSoft::new(10.0, Unsampled::Zero).unwrap().sample(&alpha, &mut rng);
    assert!(draw.active().iter().zip(draw.gates()).all(|(&on, &z)| on == (z == 1.0)));
    assert!(matches!(HardSoft::new(0.0, Unsampled::Zero), Err(Error::Temperature(_))));
}
