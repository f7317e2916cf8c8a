use nasproof::{
    linalg::TestRatio,
    relaxation::{BinaryGate, Draw, Paths, Relaxation, present, softmax},
};
use ndarray::{Array2, array};

use super::oracle::{MultiAffine, agree, counts, frequencies_fit, gradient_of_expectation, normal, paths, ratio, rng};

const FULL: BinaryGate = BinaryGate { paths: Paths::Full };
const TWO: BinaryGate = BinaryGate { paths: Paths::Two };

#[test]
fn with_all_paths_unbiased_where_the_loss_is_affine_in_each_edge() {
    let mut rng = rng(1);
    let alpha = normal((3, 4), &mut rng);
    let loss = MultiAffine::new((3, 4), &mut rng);
    let p = softmax::gates(&alpha);
    let (_, exact) = gradient_of_expectation(&alpha, |z| loss.loss(z));
    let expectation = |pull: &dyn Fn(&nasproof::relaxation::BinaryDraw) -> Array2<f64>| {
        paths(3, 4).into_iter().fold(Array2::<f64>::zeros((3, 4)), |sum, path| {
            let chance: f64 = path.iter().enumerate().map(|(e, &s)| p[(e, s)]).product();
            sum + pull(&FULL.at(&alpha, present(&alpha), &path)) * chance
        })
    };
    agree(&expectation(&|draw| draw.pull_back(&loss.cost(draw.gates()))), &exact, 30.0, 64);
    // p_i c_i without the mean.
    let altered = expectation(&|draw| &draw.probabilities * &loss.cost(draw.gates()));
    assert!(!ratio(&altered, &exact, 30.0, 64).passes());
}

/// The expectation over pairs drawn without replacement and the gate within the pair, and the formula of the module's documentation.
#[test]
fn two_paths_weigh_each_comparison_by_how_often_the_pair_is_drawn() {
    let mut rng = rng(2);
    for operations in [2, 3, 5] {
        let (alpha, cost) = (normal((1, operations), &mut rng), normal((1, operations), &mut rng));
        let p = softmax::gates(&alpha).row(0).to_owned();
        let mut got = Array2::zeros((1, operations));
        for i in 0..operations {
            for j in (0..operations).filter(|&j| j != i) {
                // i first, then j among the rest; then either has the gate.
                let chance = p[i] * p[j] / (1.0 - p[i]);
                let evaluated = Array2::from_shape_fn((1, operations), |(_, o)| o == i || o == j);
                for chosen in [i, j] {
                    let draw = TWO.at(&alpha, evaluated.clone(), &[chosen]);
                    got += &(draw.pull_back(&cost) * (chance * draw.probabilities[(0, chosen)]));
                }
            }
        }
        let formula = |weight: &dyn Fn(usize, usize) -> f64| {
            Array2::from_shape_fn((1, operations), |(_, i)| {
                let rest = (0..operations).filter(|&j| j != i);
                rest.map(|j| weight(i, j) * p[i] * p[j] * (cost[(0, i)] - cost[(0, j)])).sum::<f64>()
            })
        };
        let pair = |i: usize, j: usize| p[i] * p[j] * (1.0 / (1.0 - p[i]) + 1.0 / (1.0 - p[j]));
        let expected = formula(&|i, j| pair(i, j) / (p[i] + p[j]).powi(2));
        agree(&got, &expected, 10.0, 4 * operations * operations);
        let unbiased = ratio(&got, &formula(&|_, _| 1.0), 10.0, 4 * operations * operations).passes();
        assert_eq!(unbiased, operations == 2);
    }
}

#[test]
fn after_a_step_the_mass_of_the_pair_is_what_it_was() {
    let mut rng = rng(3);
    let before = normal((3, 5), &mut rng);
    let draw = TWO.sample(&before, &mut rng);
    let cost = normal((3, 5), &mut rng);
    let step = draw.pull_back(&cost) * -0.7;
    let mut after = &before + &step;
    draw.preserve_mass(&before, &mut after);
    let (p, q) = (softmax::gates(&before), softmax::gates(&after));
    for e in 0..3 {
        for o in 0..5 {
            if draw.active()[(e, o)] {
                assert_ne!(p[(e, o)], q[(e, o)]);
            } else {
                assert_eq!(before[(e, o)], after[(e, o)]);
                assert!(TestRatio::identity(p[(e, o)], q[(e, o)], p[(e, o)], 8).passes());
                // Without the rescaling the probability of the others moves.
                let loose = softmax::gates(&(&before + &step));
                assert!(!TestRatio::identity(p[(e, o)], loose[(e, o)], p[(e, o)], 8).passes());
            }
        }
    }
}

#[test]
fn the_gate_has_the_probability_of_the_softmax_within_what_is_evaluated() {
    let mut rng = rng(4);
    let alpha = array![[0.3, -0.5, 1.0, f64::NEG_INFINITY]];
    let p = softmax::gates(&alpha).row(0).to_owned();
    let full = counts((1, 4), 20_000, || FULL.sample(&alpha, &mut rng).gates().clone());
    assert!(frequencies_fit(&full.row(0).to_owned(), &p));
    // Two paths: chosen with Σ over pairs of P(pair) q.
    let marginal = ndarray::Array1::from_shape_fn(4, |i| {
        (0..3)
            .filter(|&j| i < 3 && j != i)
            .map(|j| p[i] * p[j] * (1.0 / (1.0 - p[i]) + 1.0 / (1.0 - p[j])) * p[i] / (p[i] + p[j]))
            .sum::<f64>()
    });
    let two = counts((1, 4), 20_000, || {
        let draw = TWO.sample(&alpha, &mut rng);
        assert_eq!(draw.active().iter().filter(|on| **on).count(), 2);
        draw.gates().clone()
    });
    assert!(frequencies_fit(&two.row(0).to_owned(), &marginal));
    assert!(!frequencies_fit(&two.row(0).to_owned(), &p));
}

#[test]
fn an_edge_with_one_operation_evaluates_it() {
    let mut rng = rng(5);
    let draw = TWO.sample(&array![[f64::NEG_INFINITY, 0.4]], &mut rng);
    assert_eq!(draw.gates(), &array![[0.0, 1.0]]);
    assert_eq!(draw.pull_back(&array![[2.0, 3.0]]), array![[0.0, 0.0]]);
}
