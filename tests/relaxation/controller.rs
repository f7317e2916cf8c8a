use nasproof::{
    linalg::TestRatio,
    relaxation::{Controller, ControllerDraw, Draw, Error, Relaxation, Score},
    taylor::finite_difference::slope,
};
use ndarray::{Array1, Array2};

use super::oracle::{frequencies_fit, normal, paths, rng};

/// Five units, three decisions among three, one of which the second edge does not have.
fn small(seed: u64) -> (Controller, Array2<f64>) {
    let mut present = Array2::from_elem((3, 3), true);
    present[(1, 2)] = false;
    let controller = Controller::new(5, present).unwrap();
    let parameters = controller.initial(&mut rng(seed)) * 10.0;
    (controller, parameters)
}

fn possible() -> Vec<Vec<usize>> {
    paths(3, 3).into_iter().filter(|path| path[1] != 2).collect()
}

fn expectation(
    controller: &Controller,
    parameters: &Array2<f64>,
    reward: impl Fn(&ControllerDraw) -> f64,
) -> (f64, Array2<f64>) {
    possible().iter().fold((0.0, Array2::zeros(parameters.dim())), |(value, gradient), path| {
        let draw = controller.at(parameters, path);
        let weighted = draw.log_probability().exp() * reward(&draw);
        (value + weighted, gradient + draw.score() * weighted)
    })
}

#[test]
fn probabilities_add_up_to_one_and_the_score_has_mean_zero() {
    let (controller, parameters) = small(1);
    let (total, mean) = expectation(&controller, &parameters, |_| 1.0);
    assert!(TestRatio::identity(total, 1.0, 1.0, 30).passes());
    assert!(mean.iter().all(|&g| TestRatio::identity(g, 0.0, 1.0, 100).passes()), "{mean}");
    // What an edge does not have has no chance.
    assert_eq!(controller.at(&parameters, &[0, 2, 0]).log_probability(), f64::NEG_INFINITY);
}

/// $\mathbb E\lbrack R\nabla\log p\rbrack$ is the derivative of $\mathbb E\,R$ for a reward without any structure: central differences approach it with order 2.
#[test]
fn the_score_is_unbiased_for_any_reward() {
    let (controller, parameters) = small(2);
    let rewards = normal((27, 1), &mut rng(3));
    let reward = |draw: &ControllerDraw| rewards[(draw.chosen[0] + 3 * draw.chosen[1] + 9 * draw.chosen[2], 0)];
    let (_, gradient) = expectation(&controller, &parameters, reward);
    let direction = normal(parameters.dim(), &mut rng(4));
    let along = (&gradient * &direction).sum();
    let errors = |scale: f64| -> Vec<(f64, f64)> {
        [0.04f64, 0.02, 0.01, 0.005]
            .into_iter()
            .map(|h| {
                let value = |h: f64| expectation(&controller, &(&parameters + &(&direction * h)), reward).0;
                (h.ln(), ((value(h) - value(-h)) / (2.0 * h) - scale * along).abs().ln())
            })
            .collect()
    };
    let order = slope(&errors(1.0)).unwrap();
    assert!((order - 2.0).abs() < 0.2, "order {order}");
    assert!(slope(&errors(0.9)).unwrap() < 1.0);
}

#[test]
fn sequences_are_drawn_with_their_probability() {
    let (controller, parameters) = small(5);
    let possible = possible();
    let p: Array1<f64> = possible.iter().map(|path| controller.at(&parameters, path).log_probability().exp()).collect();
    let mut counts = Array1::zeros(p.len());
    let mut rng = rng(6);
    for _ in 0..20_000 {
        let draw = controller.sample(&parameters, &mut rng);
        counts[possible.iter().position(|path| *path == draw.chosen).unwrap()] += 1.0;
        assert_eq!(draw.active().iter().filter(|on| **on).count(), 3);
    }
    assert!(frequencies_fit(&counts, &p));
    assert!(!frequencies_fit(&counts, &Array1::from_elem(p.len(), 1.0 / p.len() as f64)));
}

/// Logits are bounded by 2.5, so no probability is below $e^{-5}/(e^{-5}+O-1)$, however large the weights.
#[test]
fn the_logits_are_bounded() {
    let controller = Controller::new(32, Array2::from_elem((6, 5), true)).unwrap();
    let parameters = controller.initial(&mut rng(7)) * 1e3;
    let p = controller.strengths(&parameters);
    let least = (-5f64).exp() / ((-5f64).exp() + 4.0);
    assert!(p.iter().all(|&p| p >= least || TestRatio::identity(p, least, least, 5).passes()));
    let draw = controller.greedy(&parameters);
    let chosen_most_likely = |(e, &s): (usize, &usize)| p.row(e).iter().all(|&other| other <= p[(e, s)]);
    assert!(draw.chosen.iter().enumerate().all(chosen_most_likely));
    assert!(draw.entropy > 0.0 && draw.entropy < 6.0 * 5f64.ln());
}

#[test]
fn nothing_to_decide_is_refused() {
    assert!(matches!(Controller::new(0, Array2::from_elem((1, 1), true)), Err(Error::Controller { .. })));
    assert_eq!(Controller::new(4, Array2::from_elem((2, 2), false)).unwrap_err(), Error::NoOperation(0));
}
