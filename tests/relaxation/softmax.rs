use nasproof::relaxation::{Draw, Relaxation, Softmax, entropy, log_probabilities, softmax};
use ndarray::{Array2, array};

use super::oracle::{agree, derivative, dual_softmax, normal, rng};

#[test]
fn the_pull_back_is_the_derivative_of_the_loss_at_the_gates() {
    let mut rng = rng(1);
    let alpha = normal((3, 4), &mut rng);
    let quadratic = normal((3, 4), &mut rng);
    // L = Σ q z² has the cost 2 q z.
    let (_, exact) = derivative(&alpha, |a| {
        dual_softmax(&a, 4).into_iter().zip(&quadratic).map(|(z, &q)| z.clone() * z * q).reduce(|x, y| x + y).unwrap()
    });
    let draw = Softmax.sample(&alpha, &mut rng);
    let cost = 2.0 * &quadratic * draw.gates();
    agree(&draw.pull_back(&cost), &exact, cost.iter().map(|c| c.abs()).sum(), 4);
    assert!(draw.active().iter().all(|&on| on));
}

/// The Hessian of $\langle c,Z\rangle+\frac12\langle Z,Z\rangle$ in the logits, column by column, by dual numbers of the pulled-back cost.
#[test]
fn the_derivative_of_the_pull_back_completes_the_hessian() {
    use num_dual::Dual64;
    let mut rng = rng(2);
    let (alpha, u, c) = (normal((2, 3), &mut rng), normal((2, 3), &mut rng), normal((2, 3), &mut rng));
    let z = softmax::gates(&alpha);
    let got = softmax::pull_derivative(&z, &(&c + &z), &u) + softmax::pull(&z, &softmax::push(&z, &u));
    // α + t u over dual numbers; the pull-back written out.
    for e in 0..2 {
        let a: Vec<Dual64> = (0..3).map(|o| Dual64::new(alpha[(e, o)], u[(e, o)])).collect();
        let exps: Vec<Dual64> = a.iter().map(num_dual::DualNum::exp).collect();
        let sum: Dual64 = exps.iter().copied().sum();
        let z: Vec<Dual64> = exps.iter().map(|&e| e / sum).collect();
        let cost: Vec<Dual64> = (0..3).map(|o| z[o] + c[(e, o)]).collect();
        let mean: Dual64 = z.iter().zip(&cost).map(|(&z, &c)| z * c).sum();
        let exact = Array2::from_shape_fn((1, 3), |(_, o)| (z[o] * (cost[o] - mean)).eps);
        let got = got.slice(ndarray::s![e..=e, ..]).to_owned();
        agree(&got, &exact, 10.0, 4);
    }
}

#[test]
fn what_an_edge_does_not_have_gets_no_gate_and_no_derivative() {
    let alpha = array![[0.5, f64::NEG_INFINITY, -1.0], [1.0, 2.0, 3.0]];
    let draw = Softmax.at(&alpha);
    assert_eq!(draw.gates()[(0, 1)], 0.0);
    assert_eq!(draw.gates().row(0).sum(), 1.0);
    assert!(!draw.active()[(0, 1)] && draw.active()[(0, 0)]);
    assert_eq!(draw.pull_back(&array![[1.0, 7.0, 2.0], [1.0, 2.0, 3.0]])[(0, 1)], 0.0);
    assert_eq!(log_probabilities(&alpha)[(0, 1)], f64::NEG_INFINITY);
}

#[test]
fn the_entropy_of_the_uniform_and_of_a_certain_choice() {
    let uniform = Array2::from_elem((3, 4), 0.25);
    let difference = entropy(&uniform) - 4f64.ln();
    assert!(difference.abs() <= 30.0 * f64::EPSILON);
    assert_eq!(entropy(&array![[1.0, 0.0], [0.0, 1.0]]), 0.0);
}
