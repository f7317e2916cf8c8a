//! Bounds, intervals and thresholds against their formulas multiplied out.

use std::{cell::RefCell, f64::consts::PI};

use nasproof::{
    linalg::{Closure, Damped, DenseSymmetric, Fisher, LinearOperator, TestRatio, Vector, gamma},
    spectrum::{self, Lanczos, definite, extreme, negligible, power, trace},
};
use ndarray::{Array1, Array2};

use super::fixed;

const N: usize = 24;

/// Eigenvalues 1, …, 24 and an outlier.
fn process(steps: usize) -> (DenseSymmetric<f64>, Lanczos<Array1<f64>>) {
    let eigenvalues = (1..N).map(|i| i as f64).chain([60.0]).collect();
    let operator = fixed(eigenvalues, 5).operator::<f64>();
    let mut process = Lanczos::start(&operator, &Array1::zeros(N), 6).unwrap();
    process.extend(&operator, steps).unwrap();
    (operator, process)
}

#[track_caller]
fn same(found: f64, expected: f64, terms: f64, n: usize) {
    let ratio = TestRatio::identity(found, expected, terms, n);
    assert!(ratio.passes(), "{found:e} {expected:e}: {ratio}");
}

#[test]
fn the_least_component_by_hand() {
    assert_eq!(extreme::component_quantile(1, 0.3), 1.0);
    for (n, delta) in [(2, 0.5), (9, 0.1), (1001, 1e-6)] {
        let expected = delta * (PI / (2.0 * (n as f64 - 1.0))).sqrt();
        same(extreme::component_quantile(n, delta), expected, expected, 4);
    }
}

/// $\sum_i\ln(x-\theta_i)=\sum_i\ln\beta_i-\ln t$ at either end, once the part for rounding is taken off.
#[test]
fn the_bounds_are_the_roots_of_their_equation() {
    for steps in [1, 3, 7] {
        let (operator, process) = process(steps);
        let delta = 0.02;
        let found = extreme::bounds(&process, &operator, delta);
        assert_eq!((found.failure_probability, found.steps, found.exhausted), (delta, steps, false));
        let right: f64 = process.off_diagonal().iter().map(|b| b.ln()).sum::<f64>()
            - extreme::component_quantile(N, delta / 2.0).ln();
        let ritz: Vec<f64> = process.ritz().iter().map(|r| r.value).collect();
        assert_eq!((found.smallest.ritz, found.largest.ritz), (ritz[0], ritz[steps - 1]));
        for (end, sign) in [(found.largest, 1.0), (found.smallest, -1.0)] {
            let root = end.bound - sign * found.rounding;
            assert!(sign * (root - end.ritz) > 0.0);
            let logarithms: Vec<f64> = ritz.iter().map(|theta| (sign * (root - theta)).ln()).collect();
            let left: f64 = logarithms.iter().sum();
            // A root rounded to ε|x| moves each logarithm by ε|x|/|x − θ|.
            let moved = (1.0 + root.abs()) / (root - end.ritz).abs();
            same(left, right, right.abs() + logarithms.iter().map(|l| l.abs() + moved).sum::<f64>(), steps + N);
        }
    }
}

#[test]
fn the_part_for_rounding_by_hand() {
    let (operator, process) = process(7);
    let closure = Closure::new(N, |x: &Array1<f64>, y: &mut Array1<f64>| operator.apply(x, y));
    let panel = Array2::from_shape_fn((5, N), |(i, j)| ((i * 7 + j * 3) % 11) as f64 - 5.0);
    let fisher = Damped { inner: Fisher::new(panel), damping: 0.5 };
    let (epsilon, norm) = (f64::EPSILON, process.norm());
    let unit = 1.0 + gamma(N + 2, epsilon) + epsilon;
    let expected =
        |product: f64| 2.0 * 7f64.sqrt() * (product + 2.0 * gamma(18, epsilon) * norm) + gamma(28, epsilon) * norm;
    for (found, product) in [
        (extreme::bounds(&process, &closure, 0.1).rounding, negligible(N, epsilon, norm)),
        (extreme::bounds(&process, &operator, 0.1).rounding, operator.rounding(unit, epsilon).unwrap()),
        (extreme::bounds(&process, &fisher, 0.1).rounding, fisher.rounding(unit, epsilon).unwrap()),
    ] {
        same(found, expected(product), expected(product), 8);
    }
}

#[test]
fn what_is_negligible_by_hand() {
    assert_eq!(negligible(9, f64::EPSILON, 2.0), 24.0 * f64::EPSILON);
}

/// Gershgorin: the largest sum of a row of $|T|$, to which the last $\beta$ does not belong.
#[test]
fn the_norm_of_a_process_is_its_largest_row_sum() {
    for steps in [1, 2, 5] {
        let (_, process) = process(steps);
        let (alpha, beta) = (process.diagonal(), process.off_diagonal());
        let t = |i: usize, j: usize| match i.abs_diff(j) {
            0 => alpha[i].abs(),
            1 => beta[i.min(j)].abs(),
            _ => 0.0,
        };
        let rows = (0..steps).map(|i| (0..steps).map(|j| t(i, j)).sum::<f64>());
        let expected = rows.fold(0.0, f64::max);
        same(process.norm(), expected, expected, 3);
    }
}

#[test]
fn refusals_of_definiteness_carry_their_numbers() {
    let diagonal = |values: &[f64]| DenseSymmetric::new(Array2::from_diag(&Array1::from(values.to_vec()))).unwrap();
    let like = Array1::zeros(9);
    let values: Vec<f64> = (0..9).map(f64::from).collect();
    let refused = |operator: &DenseSymmetric<f64>, params: &extreme::Params| {
        spectrum::positive_definite(operator, &like, params).unwrap_err()
    };
    let definite::Error::Singular { ritz, threshold } = refused(&diagonal(&values), &extreme::Params::default()) else {
        panic!("0 is an eigenvalue")
    };
    // 4·3·ε·8.
    same(threshold, 96.0 * f64::EPSILON, 96.0 * f64::EPSILON, 9);
    assert!(ritz.abs() <= threshold);
    // Of the size of the operator even where the positive end is small.
    let values: Vec<f64> = (0..9).map(|i| if i == 0 { -64.0 } else { f64::from(i) / 8.0 }).collect();
    let definite::Error::Indefinite { direction, curvature } = refused(&diagonal(&values), &extreme::Params::default())
    else {
        panic!("−64 is an eigenvalue")
    };
    same(curvature, -64.0, 64.0, 9);
    same(direction[0].abs(), 1.0, 1.0, 9);
    // Four steps do not tell 1e-6 from 0.
    let values: Vec<f64> = (0..9).map(|i| 10f64.powf(-6.0 * f64::from(i) / 8.0)).collect();
    let params = extreme::Params { max_steps: 4, ..Default::default() };
    let definite::Error::Undecided { lower, ritz, steps: 4 } = refused(&diagonal(&values), &params) else {
        panic!("four steps are few")
    };
    let (found, _) = extreme::extremes(&diagonal(&values), &like, spectrum::Ends::Both, &params).unwrap();
    assert_eq!((lower, ritz), (found.smallest.bound, found.smallest.ritz));
    assert!(lower <= 0.0 && ritz > 0.0);
}

/// Three probes, two degrees of freedom: Student's $t$ is $(2p-1)\sqrt{2/(4p(1-p))}$ there.
#[test]
fn the_interval_of_a_trace_by_hand() {
    let (operator, _) = process(1);
    let seen = RefCell::new(Vec::new());
    let watched = Closure::new(N, |x: &Array1<f64>, y: &mut Array1<f64>| {
        assert!(x.iter().all(|x| x.abs() == 1.0));
        operator.apply(x, y);
        seen.borrow_mut().push(Vector::dot(x, y));
    });
    let params = trace::Params { samples: 3, confidence: 0.9, seed: 3 };
    let found = trace::trace(&watched, &Array1::zeros(N), &params).unwrap();
    let seen = seen.borrow();
    let mean = seen.iter().sum::<f64>() / 3.0;
    let error = (seen.iter().map(|t| (t - mean) * (t - mean)).sum::<f64>() / 2.0 / 3.0).sqrt();
    assert!(error > 0.0);
    assert_eq!((found.samples, found.confidence), (3, 0.9));
    same(found.value, mean, mean, N);
    same(found.standard_error, error, mean, N);
    // The quantile is computed to half the digits.
    let width = 0.9 * (2.0 / 0.19f64).sqrt() * error;
    let ratio = TestRatio::quotient((found.half_width - width).abs(), f64::EPSILON.sqrt() * width);
    assert!(ratio.passes(), "{} {width}", found.half_width);
    for (trace, inside) in [(0.999, true), (-0.999, true), (1.001, false), (-1.001, false)] {
        assert_eq!(found.contains(mean + trace * width), inside);
    }
}

#[test]
fn power_iteration_says_where_it_stands() {
    let operator = DenseSymmetric::new(Array2::from_diag(&Array1::from(vec![-4.0, 3.0, 1.0, 0.5]))).unwrap();
    let like = Array1::zeros(4);
    let params = power::Params { seed: 1, tolerance: 1e-6, iterations: 1000 };
    let found = power::power(&operator, &like, &params).unwrap();
    let mut residual = operator.matrix().dot(&found.vector);
    residual.axpy(-found.value, &found.vector);
    same(found.residual, residual.norm(), 4.0, 4);
    same(found.vector.norm(), 1.0, 1.0, 4);
    assert!(found.residual <= 4.0 * params.tolerance && (found.value + 4.0).abs() <= found.residual);
    // Of a multiple of the identity every unit vector tells all at once.
    let multiple = DenseSymmetric::new(Array2::<f64>::eye(4) * 3.0).unwrap();
    let at_once = power::power(&multiple, &like, &params).unwrap();
    assert_eq!(at_once.iterations, 1);
    same(at_once.value, 3.0, 3.0, 4);
    // One product fewer is not enough.
    let params = power::Params { iterations: found.iterations - 1, ..params };
    match power::power(&operator, &like, &params) {
        Err(power::Error::NotConverged { value, residual, iterations }) => {
            assert!(iterations == found.iterations - 1 && residual > 1e-6 * value.abs() && value < -3.9);
        }
        other => panic!("{other:?}"),
    }
}
