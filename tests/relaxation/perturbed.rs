use std::convert::Infallible;

use nasproof::{
    linalg::TestRatio,
    relaxation::{Adversarial, Draw, Error, Perturbed, Relaxation, softmax},
};
use ndarray::{Array2, array};

use super::oracle::{Dual, MultiAffine, agree, derivative, dual_softmax, normal, rng};

#[test]
fn the_pull_back_at_a_fixed_perturbation_is_that_of_dual_numbers() {
    let mut rng = rng(1);
    let alpha = 2.0 * normal((4, 5), &mut rng);
    let cost = normal((4, 5), &mut rng);
    let draw = Perturbed::new(0.3).unwrap().sample(&alpha, &mut rng);
    let clipped = (&draw.centre + &draw.perturbation).iter().filter(|&&z| !(0.0..=1.0).contains(&z)).count();
    assert!(clipped > 0, "the case should clip something");
    let (_, exact) = derivative(&alpha, |a| {
        let moved: Vec<Dual> = dual_softmax(&a, 5)
            .into_iter()
            .zip(&draw.perturbation)
            .map(|(z, &delta)| {
                let z = z + delta;
                if z.re <= 0.0 {
                    z * 0.0
                } else if z.re >= 1.0 {
                    z * 0.0 + 1.0
                } else {
                    z
                }
            })
            .collect();
        let rows = moved.chunks(5).zip(cost.rows()).map(|(row, cost)| {
            let sum = row.iter().cloned().reduce(|x, y| x + y).unwrap();
            row.iter().zip(cost).map(|(z, &c)| z.clone() / sum.clone() * c).reduce(|x, y| x + y).unwrap()
        });
        rows.reduce(|x, y| x + y).unwrap()
    });
    agree(&draw.pull_back(&cost), &exact, cost.iter().map(|c| c.abs()).sum(), 8);
}

#[test]
fn gates_stay_on_the_simplex_and_perturbations_in_the_box() {
    let mut rng = rng(2);
    for epsilon in [0.0, 0.03, 0.3, 1.0] {
        let alpha = normal((6, 4), &mut rng);
        let draw = Perturbed::new(epsilon).unwrap().sample(&alpha, &mut rng);
        for row in draw.gates().rows() {
            assert!(row.iter().all(|z| (0.0..=1.0).contains(z)));
            assert!(TestRatio::identity(row.sum(), 1.0, 1.0, 4).passes());
        }
        assert!(draw.perturbation.iter().all(|d| d.abs() <= epsilon));
        let centre = softmax::gates(&alpha);
        assert_eq!(
            epsilon == 0.0,
            draw.gates().iter().zip(&centre).all(|(z, c)| TestRatio::identity(*z, *c, *c, 8).passes())
        );
    }
    // Everything clipped away: the largest entry gets all.
    let draw = Perturbed::new(1.0).unwrap().at(&array![[0.0, 0.1]], array![[-1.0, -1.0]]);
    assert_eq!(draw.gates(), &array![[0.0, 1.0]]);
    // Of equals the first.
    let draw = Perturbed::new(1.0).unwrap().at(&array![[0.0, 0.0]], array![[-1.0, -1.0]]);
    assert_eq!(draw.gates(), &array![[1.0, 0.0]]);
    assert!(matches!(Perturbed::new(1.5), Err(Error::Radius(_))));
    assert!(matches!(Adversarial::new(f64::NAN), Err(Error::Radius(_))));
}

/// It never lowers the loss and does better than random perturbations of the same size do on average. Climbing down instead is noticed and reverted.
#[test]
fn the_attack_raises_the_loss_or_changes_nothing() {
    let epsilon = 0.1;
    let attack = Adversarial::new(epsilon).unwrap();
    assert_eq!(attack.steps, 7);
    for seed in 0..20 {
        let mut rng = rng(seed);
        let alpha = 0.5 * normal((3, 4), &mut rng);
        let loss = MultiAffine::new((3, 4), &mut rng);
        let height = |z: &Array2<f64>| Ok::<_, Infallible>(loss.loss(z));
        let up = |z: &Array2<f64>| Ok(loss.cost(z));
        let down = |z: &Array2<f64>| Ok(-loss.cost(z));
        let centre = softmax::gates(&alpha);
        let before = loss.loss(&centre);
        let attacked = attack.attack(&alpha, &mut rng, height, up).unwrap();
        let random = Perturbed::new(epsilon).unwrap();
        let by_chance =
            (0..50).map(|_| loss.loss(random.sample(&alpha, &mut rng).gates()) - before).sum::<f64>() / 50.0;
        let gain = loss.loss(attacked.gates()) - before;
        assert!(gain >= 0.0 && gain > by_chance, "seed {seed}: {gain} {by_chance}");
        assert!(attacked.perturbation.iter().all(|d| d.abs() <= epsilon));
        let reverted = attack.attack(&alpha, &mut rng, height, down).unwrap();
        assert!(reverted.perturbation.iter().all(|&d| d == 0.0));
    }
}

/// Two operations, the loss Z₀ − Z₁: 7 steps of 2ε/7 cross the box from any start, and there the perturbation stays.
#[test]
fn against_a_constant_slope_the_attack_ends_in_the_corner_of_the_box() {
    let epsilon = 0.1;
    let attack = Adversarial::new(epsilon).unwrap();
    let height = |z: &Array2<f64>| Ok::<_, Infallible>(z[(0, 0)] - z[(0, 1)]);
    let slope = |_: &Array2<f64>| Ok(array![[1.0, -1.0]]);
    for seed in 0..20 {
        let attacked = attack.attack(&array![[0.0, 0.0]], &mut rng(seed), height, slope).unwrap();
        assert_eq!(attacked.perturbation, array![[epsilon, -epsilon]]);
    }
}

#[test]
fn an_attack_of_no_steps_is_its_random_start() {
    let mut attack = Adversarial::new(0.1).unwrap();
    attack.steps = 0;
    let alpha = array![[0.0, 0.3], [-0.2, 0.1]];
    // Rising by one with every look, so that the start is kept.
    let mut looks = 0.0;
    let rising = |_: &Array2<f64>| {
        looks += 1.0;
        Ok::<_, Infallible>(looks)
    };
    let flat = |z: &Array2<f64>| Ok(Array2::zeros(z.dim()));
    let attacked = attack.attack(&alpha, &mut rng(3), rising, flat).unwrap();
    assert!(attacked.perturbation.iter().any(|&d| d != 0.0));
    for (gate, (centre, delta)) in attacked.gates().iter().zip(attacked.centre.iter().zip(&attacked.perturbation)) {
        // Between 0 and 1 and summing to 1, the start is left as it is by Π.
        assert!(TestRatio::identity(*gate, centre + delta, 1.0, 4).passes(), "{gate} {centre} {delta}");
    }
}

/// A slope that turns with the last look: one step of 2ε/7 back from the corner.
#[test]
fn a_step_of_the_attack_is_a_seventh_of_the_box() {
    let epsilon = 0.1;
    let attack = Adversarial::new(epsilon).unwrap();
    let mut looks = 0.0;
    let rising = |_: &Array2<f64>| {
        looks += 1.0;
        Ok::<_, Infallible>(looks)
    };
    let mut steps = 0;
    let turning = |_: &Array2<f64>| {
        steps += 1;
        Ok(array![[1.0, -1.0]] * if steps < 7 { 1.0 } else { -1.0 })
    };
    let delta = attack.attack(&array![[0.0, 0.0]], &mut rng(4), rising, turning).unwrap().perturbation;
    // From a start in the box six steps of 2ε/7 reach an entry of at least 5ε/7, and the start itself says which.
    let back = 2.0 * epsilon / 7.0;
    assert!(
        delta[(0, 0)] <= epsilon - back + f64::EPSILON && delta[(0, 0)] >= 3.0 * epsilon / 7.0 - f64::EPSILON,
        "{delta}"
    );
}

/// With a box as wide as the simplex the attack ends in its corner, the gates (1, 0), where clipping takes every derivative.
#[test]
fn entries_at_the_ends_of_the_interval_have_no_derivative() {
    let attack = Adversarial::new(0.5).unwrap();
    let height = |z: &Array2<f64>| Ok::<_, Infallible>(z[(0, 0)] - z[(0, 1)]);
    let attacked = attack.attack(&array![[0.0, 0.0]], &mut rng(5), height, |_| Ok(array![[1.0, -1.0]])).unwrap();
    assert_eq!(attacked.gates(), &array![[1.0, 0.0]]);
    assert_eq!(attacked.pull_back(&array![[3.0, -2.0]]), array![[0.0, 0.0]]);
}

/// A loss that is the same everywhere has not fallen: the perturbation stays.
#[test]
fn an_attack_on_a_flat_loss_is_kept() {
    let attack = Adversarial::new(0.1).unwrap();
    let flat = |_: &Array2<f64>| Ok::<_, Infallible>(2.0);
    let attacked = attack.attack(&array![[0.0, 0.3]], &mut rng(6), flat, |_| Ok(array![[1.0, -1.0]])).unwrap();
    assert_eq!(attacked.perturbation, array![[0.1, -0.1]]);
}

/// An edge without an operation does not get it by an attack, whatever the slope.
#[test]
fn what_is_not_there_is_not_attacked() {
    let attack = Adversarial::new(0.1).unwrap();
    let flat = |_: &Array2<f64>| Ok::<_, Infallible>(2.0);
    let alpha = array![[0.0, 0.3, f64::NEG_INFINITY]];
    let attacked = attack.attack(&alpha, &mut rng(6), flat, |_| Ok(array![[1.0, -1.0, 1.0]])).unwrap();
    assert_eq!((attacked.perturbation[(0, 2)], attacked.gates()[(0, 2)]), (0.0, 0.0));
    assert_eq!(attacked.perturbation[(0, 0)], 0.1);
}
