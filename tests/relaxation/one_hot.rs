use nasproof::{
    linalg::TestRatio,
    relaxation::{Draw, OneHot, Relaxation, Score, softmax},
};
use ndarray::{Array2, array};

use super::oracle::{MultiAffine, agree, counts, frequencies_fit, gradient_of_expectation, normal, paths, ratio, rng};

/// $\sum_Zp(Z)\,g(Z)$ over all one-hot $Z$.
fn expectation(alpha: &Array2<f64>, g: impl Fn(&nasproof::relaxation::OneHotDraw) -> Array2<f64>) -> Array2<f64> {
    paths(alpha.nrows(), alpha.ncols()).into_iter().fold(Array2::zeros(alpha.dim()), |sum, path| {
        let draw = OneHot.at(alpha, path);
        sum + g(&draw) * draw.log_probability().exp()
    })
}

#[test]
fn unbiased_where_the_loss_is_affine_in_each_edge() {
    let mut rng = rng(1);
    let alpha = normal((3, 4), &mut rng);
    let loss = MultiAffine::new((3, 4), &mut rng);
    let (_, exact) = gradient_of_expectation(&alpha, |z| loss.loss(z));
    let got = expectation(&alpha, |draw| draw.pull_back(&loss.cost(draw.gates())));
    agree(&got, &exact, 30.0, 64);
    // Without −p the score is no longer one.
    let altered = expectation(&alpha, |draw| draw.gates() * &loss.cost(draw.gates()));
    assert!(!ratio(&altered, &exact, 30.0, 64).passes());
}

/// A loss of degree $m$ in the chosen gate makes the cost $m$ times the loss, and the estimate $m$ times the derivative.
#[test]
fn biased_by_the_degree_otherwise() {
    let mut rng = rng(2);
    let (alpha, k) = (normal((2, 3), &mut rng), normal((2, 3), &mut rng));
    let (_, exact) = gradient_of_expectation(&alpha, |z| (&k * z * z * z).sum());
    let got = expectation(&alpha, |draw| draw.pull_back(&(3.0 * &k * draw.gates() * draw.gates())));
    agree(&got, &(3.0 * exact), 10.0, 9);
}

#[test]
fn the_score_is_unbiased_for_any_reward_and_has_mean_zero() {
    let mut rng = rng(3);
    let alpha = normal((3, 3), &mut rng);
    let rewards = normal((27, 1), &mut rng);
    let reward = |z: &Array2<f64>| {
        let index: usize = (0..3).map(|e| (0..3).find(|&o| z[(e, o)] == 1.0).unwrap() * 3usize.pow(e as u32)).sum();
        rewards[(index, 0)]
    };
    let (_, exact) = gradient_of_expectation(&alpha, reward);
    agree(&expectation(&alpha, |draw| draw.score() * reward(draw.gates())), &exact, 10.0, 27);
    let zero = expectation(&alpha, |draw| draw.score());
    assert!(ratio(&zero, &Array2::zeros((3, 3)), 2.0, 27).passes());
}

#[test]
fn one_operation_an_edge_is_evaluated_with_the_probability_of_the_softmax() {
    let mut rng = rng(4);
    let mut alpha = normal((2, 4), &mut rng);
    alpha[(1, 2)] = f64::NEG_INFINITY;
    let counts = counts(alpha.dim(), 20_000, || {
        let draw = OneHot.sample(&alpha, &mut rng);
        assert_eq!(draw.active().iter().filter(|on| **on).count(), 2);
        draw.gates().clone()
    });
    let p = softmax::gates(&alpha);
    for e in 0..2 {
        assert!(frequencies_fit(&counts.row(e).to_owned(), &p.row(e).to_owned()));
    }
    assert_eq!(counts[(1, 2)], 0.0);
}

/// The costs of what was not sampled have no say: they were not computed.
#[test]
fn only_the_sampled_cost_is_looked_at() {
    let draw = OneHot.at(&array![[0.0, 0.0]], vec![1]);
    let pulled = draw.pull_back(&array![[f64::NAN, 3.0]]);
    assert!(TestRatio::identity(pulled[(0, 1)], 1.5, 3.0, 2).passes());
    assert!(TestRatio::identity(pulled[(0, 0)], -1.5, 3.0, 2).passes());
}
