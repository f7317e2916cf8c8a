use nasproof::{
    linalg::TestRatio,
    relaxation::{Controller, ControllerDraw, Draw, Error, Relaxation, Score},
    space::{Choices, Decision},
    taylor::finite_difference::slope,
};
use ndarray::{Array1, Array2};

use super::oracle::{frequencies_fit, normal, paths, rng};

/// Five units, three decisions among three, one of which the second edge does not have.
fn small(seed: u64) -> (Controller, Array2<f64>) {
    let mut present = Array2::from_elem((3, 3), true);
    present[(1, 2)] = false;
    let controller = Controller::new(5, Choices::one_each(present)).unwrap();
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
    let controller = Controller::new(32, Choices::one_each(Array2::from_elem((6, 5), true))).unwrap();
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
    let new = |units, size, on| Controller::new(units, Choices::one_each(Array2::from_elem(size, on)));
    assert!(matches!(new(0, (1, 1), true), Err(Error::Controller { .. })));
    assert_eq!(new(4, (2, 2), false).unwrap_err(), Error::NoOperation(0));
}

/// One operation; two of three edges, of which one lacks an operation; two of three parents.
fn mixed(seed: u64) -> (Controller, Array2<f64>) {
    let mut allowed = Array2::from_elem((5, 3), true);
    allowed[(2, 1)] = false;
    let decisions = vec![
        Decision::Operation { row: 0 },
        Decision::Edges { rows: vec![1, 2, 3], keep: 2 },
        Decision::Parents { row: 4, keep: 2 },
    ];
    let controller = Controller::new(5, Choices::new(allowed, decisions).unwrap()).unwrap();
    let parameters = controller.initial(&mut rng(seed)) * 10.0;
    (controller, parameters)
}

/// All sequences of its seven decisions.
fn sequences() -> Vec<Vec<usize>> {
    let different = |path: &Vec<usize>| path[1] != path[3] && path[5] != path[6];
    let there = |path: &Vec<usize>| (path[1] != 1 || path[2] != 1) && (path[3] != 1 || path[4] != 1);
    paths(7, 3).into_iter().filter(|path| different(path) && there(path)).collect()
}

#[test]
fn edges_and_parents_are_decided_without_repetition() {
    let (controller, parameters) = mixed(8);
    let all = sequences();
    // 3 operations, 42 ordered pairs of edges with operations, 6 ordered pairs of parents.
    assert_eq!(all.len(), 3 * 42 * 6);
    let draws: Vec<ControllerDraw> = all.iter().map(|path| controller.at(&parameters, path)).collect();
    let total: f64 = draws.iter().map(|draw| draw.log_probability().exp()).sum();
    assert!(TestRatio::identity(total, 1.0, 1.0, all.len()).passes(), "{total}");
    let mean = draws
        .iter()
        .fold(Array2::zeros(parameters.dim()), |sum, draw| sum + draw.score() * draw.log_probability().exp());
    assert!(mean.iter().all(|&g| TestRatio::identity(g, 0.0, 1.0, all.len()).passes()), "{mean}");
    for (path, draw) in all.iter().zip(&draws) {
        let mut expected = Array2::zeros((5, 3));
        let edge = |k: usize| (1 + path[k], path[k + 1]);
        for at in [(0, path[0]), edge(1), edge(3), (4, path[5]), (4, path[6])] {
            expected[at] = 1.0;
        }
        assert_eq!(draw.gates(), expected, "{path:?}");
    }
    // Taken twice, or not there: impossible.
    for path in [[0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 0, 2, 2], [0, 1, 1, 0, 0, 0, 1]] {
        assert_eq!(controller.at(&parameters, &path).log_probability(), f64::NEG_INFINITY);
    }
    let mut rng = rng(9);
    let mut counts = Array1::<f64>::zeros(all.len());
    for _ in 0..20_000 {
        let draw = controller.sample(&parameters, &mut rng);
        counts[all.iter().position(|path| *path == draw.chosen).unwrap()] += 1.0;
    }
    let p: Array1<f64> = draws.iter().map(|draw| draw.log_probability().exp()).collect();
    // Together by the cell's operation, the first edge and the first parent, so that each has its share of draws.
    let key = |path: &[usize]| (path[0] * 3 + path[1]) * 3 + path[5];
    let (mut seen, mut expected) = (Array1::<f64>::zeros(27), Array1::<f64>::zeros(27));
    for (k, path) in all.iter().enumerate() {
        seen[key(path)] += counts[k];
        expected[key(path)] += p[k];
    }
    assert!(frequencies_fit(&seen, &expected));
    assert!(!frequencies_fit(&seen, &Array1::from_elem(27, 1.0 / 27.0)));
}

/// With a reward for each gate, $\mathbb E\lbrack R\nabla\log p\rbrack$ is the derivative of $\mathbb E\,R$ there too.
#[test]
fn the_score_is_unbiased_where_edges_are_chosen() {
    let (controller, parameters) = mixed(10);
    let (rewards, direction) = (normal((5, 3), &mut rng(11)), normal(parameters.dim(), &mut rng(12)));
    let all = sequences();
    let expected = |parameters: &Array2<f64>| -> f64 {
        let draws = all.iter().map(|path| controller.at(parameters, path));
        draws.map(|draw| draw.log_probability().exp() * (draw.gates() * &rewards).sum().powi(2)).sum()
    };
    let gradient = all.iter().fold(Array2::zeros(parameters.dim()), |sum: Array2<f64>, path| {
        let draw = controller.at(&parameters, path);
        sum + draw.score() * (draw.log_probability().exp() * (draw.gates() * &rewards).sum().powi(2))
    });
    let along = (&gradient * &direction).sum();
    let errors = |scale: f64| -> Vec<(f64, f64)> {
        let at = |h: f64| expected(&(&parameters + &(&direction * h)));
        let error = |h: f64| (h.ln(), ((at(h) - at(-h)) / (2.0 * h) - scale * along).abs().ln());
        [0.04, 0.02, 0.01, 0.005].map(error).to_vec()
    };
    let order = slope(&errors(1.0)).unwrap();
    assert!((order - 2.0).abs() < 0.2, "order {order}");
    assert!(slope(&errors(0.9)).unwrap() < 1.0);
}

/// The pull-back gives an edge and its operation the cost of the gate that they open.
#[test]
fn decisions_get_the_cost_of_their_gate() {
    let (controller, parameters) = mixed(13);
    let path = [2, 2, 0, 0, 1, 1, 0];
    let draw = controller.at(&parameters, &path);
    let cost = normal((5, 3), &mut rng(14));
    // The score of the first k decisions is that of a controller which decides no more.
    let prefix = |k: usize| -> Array2<f64> {
        let credits = Array2::from_shape_fn((5, 3), |_| f64::NAN);
        let mut credits = credits;
        for (gate, at) in [(2, 0), (0, 1)].into_iter().map(|(e, o)| (1 + e, o)).enumerate() {
            credits[at] = if gate < k { 1.0 } else { 0.0 };
        }
        credits[(0, 2)] = 0.0;
        credits[(4, 1)] = 0.0;
        credits[(4, 0)] = 0.0;
        draw.pull_back(&credits)
    };
    let only = |at: (usize, usize)| {
        let mut unit = Array2::zeros((5, 3));
        unit[at] = 1.0;
        draw.pull_back(&unit)
    };
    let open = [(0, 2), (3, 0), (1, 1), (4, 1), (4, 0)];
    let sum = open.iter().fold(Array2::zeros(parameters.dim()), |sum: Array2<f64>, &at| sum + only(at) * cost[at]);
    let all = open.iter().fold(Array2::zeros(parameters.dim()), |sum: Array2<f64>, &at| sum + only(at));
    let close = |a: &Array2<f64>, b: &Array2<f64>| {
        let scale = a.iter().map(|x| x * x).sum::<f64>().sqrt();
        a.iter().zip(b).all(|(a, b)| TestRatio::identity(*a, *b, scale, 100).passes())
    };
    assert!(close(&draw.pull_back(&cost), &sum));
    assert!(close(&draw.score(), &all));
    assert!(close(&prefix(2), &(only((3, 0)) + only((1, 1)))) && !close(&prefix(1), &prefix(2)));
    // A closed gate has no say.
    assert!(only((2, 0)).iter().all(|&g| g == 0.0));
}

/// The strengths against all sequences: how likely a decision (the operation, the two edges with theirs, the two parents) opens a gate, given that the decisions
/// before it are the likeliest.
#[test]
fn strengths_follow_the_likeliest_decisions() {
    let (controller, parameters) = mixed(15);
    let likely = controller.greedy(&parameters).chosen;
    let strengths = controller.strengths(&parameters);
    let all: Vec<(Vec<usize>, f64)> = sequences()
        .into_iter()
        .map(|path| {
            let p = controller.at(&parameters, &path).log_probability().exp();
            (path, p)
        })
        .collect();
    let mut expected = Array2::zeros((5, 3));
    for (rows, first) in [(0..1, 0), (1..4, 1), (4..5, 5)] {
        let before: Vec<&(Vec<usize>, f64)> = all.iter().filter(|(path, _)| path[..first] == likely[..first]).collect();
        let total: f64 = before.iter().map(|(_, p)| p).sum();
        for (path, p) in before {
            let gates = controller.at(&parameters, path).gates().clone();
            for row in rows.clone() {
                let mut sum = expected.row_mut(row);
                sum += &(&gates.row(row) * (p / total));
            }
        }
    }
    // Two edges with one operation each, two parents: so much is open.
    assert!(TestRatio::identity(expected.sum(), 5.0, 5.0, all.len()).passes());
    let same = |(got, expected): (&f64, &f64)| TestRatio::identity(*got, *expected, 1.0, 1000).passes();
    assert!(strengths.iter().zip(&expected).all(same), "{strengths} {expected}");
}
