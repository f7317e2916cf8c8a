//! First derivatives, and the products with second ones.

use std::ops::Range;

use nasproof::{
    linalg::TestRatio,
    problem::{Supernet, dense_cell::Settings},
};
use ndarray::{Array1, Array2, s};
use num_dual::Dual64;

use crate::{
    oracle::Tie,
    point::{Point, points},
};

#[test]
fn loss_gradient_and_cost() {
    for (name, point) in points() {
        let (d, oracle) = (point.weights.len(), point.oracle(Tie::First));
        let loss = point.cell.loss(&point.weights, &point.gates, &point.batch);
        let theirs = oracle.loss(point.weights.as_slice().unwrap(), &point.flat_gates());
        let n = 64 * point.batch.len();
        let ratio = TestRatio::identity(loss, theirs, theirs.abs(), n);
        assert!(ratio.passes(), "{name}: loss {loss} and {theirs}, test ratio {ratio}");

        // Gradient and cost along random directions of the joint space, and along every gate.
        let gradient = point.cell.gradient(&point.weights, &point.gates, &point.batch);
        let cost = point.cell.cost(&point.weights, &point.gates, &point.batch);
        let mut directions: Vec<(Array1<f64>, Array2<f64>)> =
            (0..8).map(|k| (point.random_weights(k), point.random_gates(k))).collect();
        directions.extend((0..point.gates.len()).step_by(3).map(|g| {
            let mut gates = Array2::zeros(point.gates.dim());
            gates[(g / 8, g % 8)] = 1.0;
            (Array1::zeros(d), gates)
        }));
        for (v, u) in directions {
            let dual = |x: f64, dot: f64| Dual64::new(x, dot);
            let weights: Vec<_> = point.weights.iter().zip(&v).map(|(&x, &dot)| dual(x, dot)).collect();
            let gates: Vec<_> = point.gates.iter().zip(&u).map(|(&x, &dot)| dual(x, dot)).collect();
            let exact = oracle.loss(&weights, &gates).eps;
            let ours = gradient.dot(&v) + (&cost * &u).sum();
            let terms = (&gradient * &v).mapv(f64::abs).sum() + (&cost * &u).mapv(f64::abs).sum();
            let ratio = TestRatio::identity(ours, exact, terms.max(f64::MIN_POSITIVE), n);
            assert!(ratio.passes(), "{name}: directional derivative {ours} and {exact}, test ratio {ratio}");
        }
    }
}

#[test]
fn second_derivatives_in_weights_and_gates() {
    for (name, point) in points() {
        let at = (&point.weights, &point.gates, &point.batch);
        let agree = |what: &str, exact: f64, product: f64, terms: f64| {
            let ratio = TestRatio::identity(product, exact, terms, 64 * point.batch.len());
            assert!(ratio.passes(), "{name}, {what}: {product} and {exact}, test ratio {ratio}");
        };
        let (no_weights, no_gates) = (Array1::zeros(point.weights.len()), Array2::zeros(point.gates.dim()));
        for seed in 0..4 {
            let (v, w) = (point.random_weights(seed), point.random_weights(seed + 50));
            let (u, z) = (point.random_gates(seed), point.random_gates(seed + 50));
            let hv = point.cell.hessian_product(at.0, at.1, at.2, &v);
            let exact = point.oracle_form((&v, &no_gates), (&w, &no_gates));
            agree("Hessian", exact, hv.dot(&w), (&hv * &w).mapv(f64::abs).sum());
            let mv = point.cell.cross_product(at.0, at.1, at.2, &v);
            let exact = point.oracle_form((&v, &no_gates), (&no_weights, &u));
            agree("cross product", exact, (&mv * &u).sum(), (&mv * &u).mapv(f64::abs).sum());
            let gu = point.cell.gate_hessian_product(at.0, at.1, at.2, &u);
            let exact = point.oracle_form((&no_weights, &u), (&no_weights, &z));
            agree("gate Hessian", exact, (&gu * &z).sum(), (&gu * &z).mapv(f64::abs).sum());
        }
    }
}

#[test]
fn the_cross_product_and_its_adjoint_are_adjoint() {
    for (name, point) in points() {
        let (v, u) = (point.random_weights(31), point.random_gates(32));
        let forward = point.cell.cross_product(&point.weights, &point.gates, &point.batch, &v);
        let back = point.cell.cross_adjoint(&point.weights, &point.gates, &point.batch, &u);
        let terms = (&forward * &u).mapv(f64::abs).sum() + (&back * &v).mapv(f64::abs).sum();
        let ratio = TestRatio::identity((&forward * &u).sum(), back.dot(&v), terms, 64 * point.batch.len());
        assert!(ratio.passes(), "{name}: test ratio {ratio}");
        assert!(terms > 0.0);
    }
}

/// Halving the step of a central difference quarters its error until rounding takes over; a wrong derivative would level off.
#[test]
fn central_differences_of_the_gradient_converge_to_the_hessian_product() {
    let point = Point::new(Settings::masked(), 16, 41);
    let v = point.random_weights(42);
    let exact = point.cell.hessian_product(&point.weights, &point.gates, &point.batch, &v);
    let error = |h: f64| {
        let at = |h: f64| point.cell.gradient(&(&point.weights + &(&v * h)), &point.gates, &point.batch);
        let difference = (at(h) - at(-h)) / (2.0 * h) - &exact;
        difference.dot(&difference).sqrt() / exact.dot(&exact).sqrt()
    };
    // Steps small enough to cross no kink of ReLU or maximum: there the error is of second order.
    let (coarse, fine) = (error(4e-6), error(2e-6));
    println!("central differences: {coarse:e}, {fine:e}");
    // Rounding: the gradient is good to about nε, divided by the step.
    let rounding = 64.0 * 16.0 * f64::EPSILON / 2e-6;
    assert!(fine < coarse / 3.0 + rounding, "{coarse:e} and {fine:e}, rounding {rounding:e}");
}

/// Ties are real, and no derivative depends on how they are broken.
#[test]
fn equal_pixels_are_equal_functions() {
    let point = Point::new(Settings::masked(), 32, 51);
    let derivative = |tie, v: &Array1<f64>| {
        let weights: Vec<_> = point.weights.iter().zip(v).map(|(&x, &dot)| Dual64::new(x, dot)).collect();
        let gates: Vec<_> = point.flat_gates().into_iter().map(Dual64::from_re).collect();
        point.oracle(tie).loss(&weights, &gates).eps
    };
    let gradient = point.cell.gradient(&point.weights, &point.gates, &point.batch);
    for seed in 0..4 {
        let v = point.random_weights(seed);
        let (first, last) = (derivative(Tie::First, &v), derivative(Tie::Last, &v));
        let terms = (&gradient * &v).mapv(f64::abs).sum();
        let ratio = TestRatio::identity(first, last, terms, 64 * 32);
        assert!(ratio.passes(), "test ratio {ratio}");
    }
    // Two blank columns at the margin make the stem's first column one value.
    let blank = |image: ndarray::ArrayView1<f64>| (0..8).all(|y| image[8 * y] == 0.0 && image[8 * y + 1] == 0.0);
    assert!(point.digits.images.rows().into_iter().any(blank));
}

/// A channel normalised over one image has mean 0, and so has a sum of such channels: nothing reaches the classifier.
#[test]
fn a_single_example_has_no_gradient_but_that_of_the_bias() {
    let mut settings = Settings::masked();
    settings.classifier_bias = true;
    let point = Point::new(settings, 12, 61);
    let d = point.cell.weight_count();
    let single = point.cell.gradients(&point.weights, &point.gates, &point.batch, 1);
    let pairs = point.cell.gradients(&point.weights, &point.gates, &point.batch, 2);
    assert_eq!((single.dim(), pairs.dim()), ((12, d), (6, d)));
    let size =
        |rows: &Array2<f64>, range: Range<usize>| rows.slice(s![.., range]).iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let ratio = TestRatio::quotient(size(&single, 0..d - 10), 64.0 * f64::EPSILON * size(&pairs, 0..d - 10));
    assert!(ratio.passes(), "test ratio {ratio}");
    assert!(size(&single, d - 10..d) > 0.1);
}

#[test]
fn a_group_is_its_own_batch() {
    let point = Point::new(Settings::masked(), 11, 62);
    let rows = point.cell.gradients(&point.weights, &point.gates, &point.batch, 4);
    assert_eq!(rows.nrows(), 3);
    for (row, range) in rows.rows().into_iter().zip([0..4, 4..8, 8..11]) {
        let batch = point.cell.batch(range).unwrap();
        assert_eq!(row, point.cell.gradient(&point.weights, &point.gates, &batch));
    }
}
