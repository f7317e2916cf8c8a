//! On a quadratic every second-order prediction is exact.

use nasproof::{
    linalg::{TestRatio, Vector, laws},
    problem::{
        Bilevel, Hessian, Supernet,
        quadratic::{Coefficients, Quadratic, Split},
    },
    taylor::{Discretisation, Expansion, without},
};
use ndarray::{Array1, Axis};

use super::common::{exact, normal, perturbed, quadratic, rng};

const CONDITIONS: [f64; 3] = [3.0, 1e3, 1e6];

#[test]
fn the_quadratic_is_its_own_taylor_polynomial_for_both_losses() {
    for (seed, condition) in CONDITIONS.into_iter().enumerate() {
        let rng = &mut rng(seed as u64);
        let problem = quadratic(condition, rng);
        let (w, dw) = (Array1::zeros(12).gaussian_like(rng), Array1::zeros(12).gaussian_like(rng));
        let (z, dz) = (normal((3, 5), rng), normal((3, 5), rng));
        for split in [Split::Training, Split::Validation] {
            let expansion = Expansion::new(&problem, &w, &z, &split, &dw, &dz);
            let (before, after) = (problem.loss(&w, &z, &split), problem.loss(&(&w + &dw), &(&z + &dz), &split));
            let terms = expansion.magnitude() + before.abs() + after.abs();
            assert!(TestRatio::identity(expansion.second_order(), after - before, terms, 27).passes());
            // Every single term is needed.
            let all = [
                expansion.gates,
                expansion.weights,
                expansion.gates_gates,
                expansion.gates_weights,
                expansion.weights_weights,
            ];
            assert_eq!(expansion.magnitude(), all.iter().map(|term| term.abs()).sum::<f64>());
            for term in all {
                let wrong = expansion.second_order() - term;
                assert!(!TestRatio::identity(wrong, after - before, terms, 27).passes());
            }
        }
        let operator = Hessian { problem: &problem, weights: &w, gates: &z, batch: &Split::Training };
        assert!(laws::operator(&operator, 1.0, &w, rng).passes());
    }
}

#[test]
fn influence_is_the_true_change_after_retraining() {
    for (seed, condition) in CONDITIONS.into_iter().enumerate() {
        let rng = &mut rng(10 + seed as u64);
        let problem = quadratic(condition, rng);
        let z = normal((3, 5), rng);
        let start = Array1::zeros(12);
        let weights = problem.solve(&z, &start).unwrap();
        for (e, o) in [(0, 0), (1, 3), (2, 4)] {
            let after = without(&z, e, o);
            let retrained = problem.solve(&after, &start).unwrap();
            let change = Discretisation {
                problem: &problem,
                weights: &weights,
                before: &z,
                after: &after,
                training: &Split::Training,
            };
            let newton = change.newton_step(&mut exact).unwrap();
            let implicit = change.implicit_step(&mut exact).unwrap();
            let true_step = &retrained - &weights;
            // The weights are as large as the condition number makes them, and errors in them are relative to that.
            let scale = condition * 12.0 * f64::EPSILON * (weights.norm() + retrained.norm());
            assert!(TestRatio::quotient((&newton - &true_step).norm(), scale).passes());
            assert!(TestRatio::quotient((&implicit - &true_step).norm(), scale).passes());

            for (judge, slack) in [(Split::Training, 0.0), (Split::Validation, scale)] {
                let truth = change.change_at(&retrained, &judge);
                // L_j moves by ‖g_j‖ times the error of the weights: nothing for the training loss, stationary there.
                let g = problem.gradient(&retrained, &after, &judge).norm();
                let losses = [(&weights, &z), (&weights, &after), (&retrained, &after)]
                    .map(|(w, z)| size_of_terms(&problem, w, z, judge))
                    .iter()
                    .sum::<f64>();
                let allowed = 27.0 * f64::EPSILON * losses + g * slack;
                let mut predictions = vec![
                    change.second_order_influence(&newton, &judge),
                    change.change_at(&(&weights + &newton), &judge),
                    change.expansion(&implicit, &judge).second_order(),
                ];
                if judge == Split::Training {
                    predictions.push(change.influence(&newton));
                }
                for prediction in predictions {
                    let ratio = TestRatio::quotient((prediction - truth).abs(), allowed);
                    assert!(
                        ratio.passes(),
                        "κ = {condition:e}, {judge:?}: {prediction:e} for {truth:e}, ratio {ratio}"
                    );
                }
                // Perturbation forgets retraining, and is told apart.
                assert!(!TestRatio::quotient((change.perturbation(&judge) - truth).abs(), allowed).passes());
            }
        }
    }
}

/// The sum of the magnitudes of the terms of the loss.
fn size_of_terms(
    problem: &nasproof::problem::quadratic::Quadratic,
    w: &Array1<f64>,
    z: &ndarray::Array2<f64>,
    split: Split,
) -> f64 {
    let k = problem.coefficients(split);
    let (w, z): (Array1<f64>, Array1<f64>) = (w.mapv(f64::abs), z.iter().map(|z| z.abs()).collect());
    let abs = |a: &ndarray::Array2<f64>| a.mapv(f64::abs);
    w.dot(&abs(&k.hessian).dot(&w))
        + w.dot(&abs(&k.cross).dot(&z))
        + w.dot(&abs(&k.offsets).mean_axis(Axis(0)).unwrap())
        + z.dot(&abs(&k.gate_hessian).dot(&z))
        + z.dot(&k.gate_offset.mapv(f64::abs))
        + k.constant.abs()
}

#[test]
fn second_order_influence_feels_the_error_of_the_inverse_quadratically_and_eq_5_linearly() {
    let rng = &mut rng(20);
    let problem = quadratic(10.0, rng);
    let z = normal((3, 5), rng);
    let weights = problem.solve(&z, &Array1::zeros(12)).unwrap();
    let after = without(&z, 1, 1);
    let change =
        Discretisation { problem: &problem, weights: &weights, before: &z, after: &after, training: &Split::Training };
    let truth = change.change_at(&problem.solve(&after, &weights).unwrap(), &Split::Training);
    let errors = |size: f64| {
        let step = change.newton_step(&mut perturbed(size)).unwrap();
        let second = change.second_order_influence(&step, &Split::Training) - truth;
        assert!(second > 0.0, "an inexact inverse can only miss part of the gain of retraining");
        ((change.influence(&step) - truth).abs().ln(), second.ln())
    };
    // Only the direction counts, and whatever it is, the model's value lies between the minimum and standing still.
    let step = change.newton_step(&mut perturbed(0.3)).unwrap();
    let at = |factor: f64| change.second_order_influence(&(&step * factor), &Split::Training);
    let still = change.perturbation(&Split::Training);
    for factor in [1e-6, 0.5, -3.0, 1e6] {
        assert!(TestRatio::identity(at(factor), at(1.0), still.abs() + truth.abs() + 1.0, 27).passes(), "{factor}");
    }
    let nonsense = Array1::from_shape_fn(12, |i| (i as f64).cos());
    let value = change.second_order_influence(&nonsense, &Split::Training);
    assert!(truth <= value && value <= still, "{truth} {value} {still}");
    // Eq. 5 has no such bounds: it follows the scale.
    assert!(change.influence(&(&step * -3.0)) > still && change.influence(&(&step * 3.0)) < truth);
    // sin²φ has a next order, relative to the second of the size 1e-2 of the error: it tilts the slope over a decade by log10(1.01).
    let (coarse, fine) = (errors(1e-2), errors(1e-3));
    let slopes = ((coarse.0 - fine.0) / 10f64.ln(), (coarse.1 - fine.1) / 10f64.ln());
    assert_eq!((slopes.0.round(), slopes.1.round()), (1.0, 2.0), "{slopes:?}");
    assert!((slopes.0 - 1.0).abs() < 0.01 && (slopes.1 - 2.0).abs() < 0.01, "{slopes:?}");
}

#[test]
fn gradients_of_the_examples_average_to_the_gradient() {
    let rng = &mut rng(21);
    let problem = quadratic(10.0, rng);
    let (w, z) = (Array1::zeros(12).gaussian_like(rng), normal((3, 5), rng));
    let panel = problem.gradients(&w, &z, &Split::Training, 1);
    assert_eq!(panel.dim(), (7, 12));
    let gradient = problem.gradient(&w, &z, &Split::Training);
    assert!(TestRatio::forward(&panel.mean_axis(Axis(0)).unwrap(), &gradient, 1.0).passes());
    assert_eq!(problem.gradients(&w, &z, &Split::Training, 3).nrows(), 3);
}

#[test]
fn an_indefinite_training_loss_has_no_optimum_and_says_so() {
    use nasproof::problem::quadratic::{Coefficients, Quadratic};
    let rng = &mut rng(22);
    let spectrum: Vec<f64> = (0..8).map(|i| f64::from(i) - 1.5).collect();
    let k = Coefficients::random(&spectrum, 6, 3, rng);
    let problem = Quadratic::new((2, 3), k.clone(), k.clone()).unwrap();
    let error = problem.solve(&normal((2, 3), rng), &Array1::zeros(8)).unwrap_err();
    assert!(error.to_string().contains("positive spectrum"), "{error}");
    let error = Quadratic::new((2, 2), k.clone(), k).unwrap_err();
    assert!(error.to_string().contains("cross has shape [8, 6], expected [8, 4]"), "{error}");
}

/// Along a direction of negative curvature a quadratic has no minimum, and none is invented.
#[test]
fn without_a_minimum_a_step_is_taken_as_it_is() {
    let rng = &mut rng(90);
    let spectrum: Vec<f64> = (1..=12).map(f64::from).collect();
    let turned: Vec<f64> = spectrum.iter().map(|l| -l).collect();
    let [bowl, hill] = [&spectrum, &turned].map(|l| Coefficients::random(l, 15, 4, rng));
    let problem = Quadratic::new((3, 5), bowl, hill).unwrap();
    let (weights, step) = (Array1::zeros(12).gaussian_like(rng), Array1::zeros(12).gaussian_like(rng));
    let (before, after) = (normal((3, 5), rng), normal((3, 5), rng));
    let (weights, training) = (&weights, &Split::Training);
    let change = Discretisation { problem: &problem, weights, before: &before, after: &after, training };
    let multiple = |judge| change.model(judge).best_multiple(&step);
    assert_eq!(multiple(&Split::Validation), 1.0);
    // In the bowl the model is no lower a little to either side.
    let (best, model) = (multiple(training), change.model(training));
    let at = |t: f64| model.at_step(&(&step * t));
    assert!(best != 1.0 && at(best) < at(best + 0.01) && at(best) < at(best - 0.01), "{best}");
}
