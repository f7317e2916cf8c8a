//! The order in $\Delta Z$ of what each prediction drops, fitted on the softmax regression.

use nasproof::{
    problem::{Bilevel, softmax_regression::SoftmaxRegression},
    relaxation::softmax,
    taylor::{Discretisation, finite_difference::slope},
};
use ndarray::{Array1, Array2};

use super::common::{exact, normal, regression, rng};

/// The errors of all predictions when the gates move by `t` along `direction`.
fn errors(
    problem: &SoftmaxRegression,
    z: &Array2<f64>,
    weights: &Array1<f64>,
    direction: &Array2<f64>,
    t: f64,
) -> [f64; 8] {
    let after = z + &(direction * t);
    let training = problem.training();
    let validation = problem.validation();
    let change = Discretisation { problem, weights, before: z, after: &after, training };
    let retrained = problem.solve(&after, weights).unwrap();
    let (truth, truth_validation) = (change.change_at(&retrained, training), change.change_at(&retrained, validation));
    let newton = change.newton_step(&mut exact).unwrap();
    let implicit = change.implicit_step(&mut exact).unwrap();
    let expansion = change.expansion(&implicit, training);
    [
        expansion.first_order() - truth,
        change.perturbation(training) - truth,
        expansion.second_order() - truth,
        change.influence(&newton) - truth,
        change.second_order_influence(&newton, training) - truth,
        change.change_at(&(weights + &newton), training) - truth,
        change.perturbation(validation) - truth_validation,
        change.second_order_influence(&newton, validation) - truth_validation,
    ]
}

#[test]
fn each_prediction_has_the_order_derived() {
    let rng = &mut rng(30);
    let problem = regression(rng);
    let z = softmax::gates(&normal((3, 5), rng));
    let weights = problem.solve(&z, &Array1::zeros(12)).unwrap();
    let direction = normal((3, 5), rng) * 0.5;
    // Seven steps over two decades; the smallest fourth-order error, about 1e-4·(1e-2)^4, still stands clear of 1e-16.
    let steps: Vec<f64> = (0..7).map(|k| 0.3 * 0.6f64.powi(k)).collect();
    let table: Vec<[f64; 8]> = steps.iter().map(|&t| errors(&problem, &z, &weights, &direction, t)).collect();
    let names = ["first", "perturbation", "second", "influence", "second influence", "moved", "pt val", "second val"];
    let derived = [2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 1.0, 2.0];
    for (k, (name, order)) in names.into_iter().zip(derived).enumerate() {
        let points: Vec<(f64, f64)> = steps.iter().zip(&table).map(|(t, e)| (t.ln(), e[k].abs().ln())).collect();
        // The next order contributes a relative c·t, which bends the line: fit the smaller half.
        let fitted = slope(&points[3..]).unwrap();
        println!("{name}: fitted {fitted:.3}, derived {order}");
        assert!((fitted - order).abs() < 0.2, "{name}: fitted {fitted}, derived {order}; {:?}", points);
    }
}
