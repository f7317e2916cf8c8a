//! Central differences: right, wrong by truncation, wrong by cancellation, and wrong by precedence.

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Bilevel, Supernet, quadratic::Split, softmax_regression::SoftmaxRegression},
    relaxation::softmax,
    taylor::finite_difference::{
        cross_adjoint, cross_product, darts_step, slope, sweep_cross_adjoint, sweep_cross_product,
    },
};
use ndarray::{Array1, Array2};

use super::common::{normal, quadratic, regression, rng};

#[test]
fn on_a_quadratic_only_cancellation_is_left() {
    let rng = &mut rng(50);
    let problem = quadratic(1e3, rng);
    let (w, v) = (Array1::zeros(12).gaussian_like(rng), Array1::zeros(12).gaussian_like(rng));
    let (z, u) = (normal((3, 5), rng), normal((3, 5), rng));
    let split = Split::Training;
    for step in [10.0, darts_step(v.norm()), 1e-6] {
        let exact = problem.cross_product(&w, &z, &split, &v);
        let got = cross_product(&problem, &w, &z, &split, &v, step);
        // Two costs of this size, each rounded over its 27 terms, subtracted and divided by 2ε.
        let terms = problem.cost(&w, &z, &split).mapv(f64::abs).sum() + step * exact.mapv(f64::abs).sum() + 27.0;
        for (got, exact) in got.iter().zip(&exact) {
            let ratio = TestRatio::identity(*got, *exact, terms / step, 27);
            assert!(ratio.passes(), "ε = {step:e}: ratio {ratio}");
        }
        let exact = problem.cross_adjoint(&w, &z, &split, &u);
        let got = cross_adjoint(&problem, &w, &z, &split, &u, step);
        let terms = problem.gradient(&w, &z, &split).norm() + step * exact.norm() + 27.0;
        assert!(TestRatio::quotient((&got - &exact).norm(), terms / step * 27.0 * f64::EPSILON).passes());
    }
}

/// `(p - n) / 2. * eps`, as two ports of DARTS had it.
fn with_the_precedence_bug(
    problem: &SoftmaxRegression,
    w: &Array1<f64>,
    z: &Array2<f64>,
    v: &Array1<f64>,
    eps: f64,
) -> Array2<f64> {
    let p = problem.cost(&(w + &(v * eps)), z, problem.validation());
    let n = problem.cost(&(w - &(v * eps)), z, problem.validation());
    (p - n) / 2. * eps
}

#[test]
fn the_quotient_is_over_twice_the_step_and_not_half_of_it_times_the_step() {
    let rng = &mut rng(51);
    let problem = SoftmaxRegression::digits(0);
    let z = softmax::gates(&normal(problem.gate_shape(), rng));
    let w = Array1::<f64>::zeros(problem.weight_count()).gaussian_like(rng) * 0.1;
    let v = problem.gradient(&w, &z, problem.validation());
    let step = darts_step(v.norm());
    let batch = problem.validation();
    let exact = problem.cross_product(&w, &z, batch, &v);
    let norm = |a: &Array2<f64>| (a * a).sum().sqrt();
    // Truncation: the error falls like ε², so two steps bound it: err(ε) ≤ 2·|quotient(ε) − quotient(ε/2)| (Richardson's 4/3, doubled).
    let got = cross_product(&problem, &w, &z, batch, &v, step);
    let bound = 2.0 * norm(&(&got - &cross_product(&problem, &w, &z, batch, &v, step / 2.0)));
    assert!(norm(&(&got - &exact)) <= bound, "{:e} > {bound:e}", norm(&(&got - &exact)));
    let wrong = with_the_precedence_bug(&problem, &w, &z, &v, step);
    assert!(norm(&(&wrong - &exact)) > 10.0 * bound, "the check would let the precedence bug through");
    // It is the right direction scaled by ε², which is why nobody saw it.
    let rescaled = wrong / (step * step);
    assert!(norm(&(&rescaled - &got)) <= TestRatio::PASS * 4.0 * f64::EPSILON * norm(&got));
}

#[test]
fn a_sweep_shows_both_breakdowns() {
    let rng = &mut rng(52);
    let problem = SoftmaxRegression::digits(0);
    let z = softmax::gates(&normal(problem.gate_shape(), rng));
    let w = Array1::<f64>::zeros(problem.weight_count()).gaussian_like(rng) * 0.1;
    let v = Array1::<f64>::zeros(w.len()).gaussian_like(rng);
    let v = &v / v.norm();
    let u = normal(z.dim(), rng);
    let steps: Vec<f64> = (-22..=-2).map(|k| 10f64.powf(f64::from(k) / 2.0)).collect();
    for sweep in [
        sweep_cross_product(&problem, &w, &z, problem.training(), &v, &steps).unwrap(),
        sweep_cross_adjoint(&problem, &w, &z, problem.training(), &u, &steps).unwrap(),
    ] {
        let (up, down) = (sweep.truncation_order.unwrap(), sweep.cancellation_order.unwrap());
        println!("{up} {down} {:?}", sweep.best);
        // The order-4 term of the truncation adds a relative ε² ≤ 1 %; cancellation is noise around its line over at least six half decades.
        assert!((up - 2.0).abs() < 0.1, "truncation order {up}");
        assert!((down + 1.0).abs() < 0.3, "cancellation order {down}");
        // Where they cross, ε ~ u^{1/3} and the error is ~ u^{2/3}: within the two decades that the constants may take.
        let ideal = (f64::EPSILON / 2.0).powf(2.0 / 3.0);
        assert!((0.01..100.0).contains(&(sweep.best.relative_error / ideal)), "{:?}", sweep.best);
    }
    assert!(sweep_cross_product(&problem, &w, &z, problem.training(), &v, &[]).is_none());
}

#[test]
fn the_slope_of_the_nearest_line_by_hand() {
    // On y = 3x + 1 but for ±2 at the ends, which adds Σ±2(x − 4)/Σ(x − 4)² = 12/20.
    let points = [(1.0, 2.0), (3.0, 10.0), (5.0, 16.0), (7.0, 24.0)];
    assert!(TestRatio::identity(slope(&points).unwrap(), 3.6, 3.6, 4).passes());
    assert_eq!((slope(&[]), slope(&points[..1]), slope(&[(1.0, 2.0), (1.0, 3.0)])), (None, None, None));
}

/// The errors of a sweep are those of its quotients, its best one is the least of them, and its orders are the slopes a decade off that.
#[test]
fn a_sweep_says_what_its_quotients_say() {
    let rng = &mut rng(53);
    let problem = regression(rng);
    let z = softmax::gates(&normal((3, 5), rng));
    let w = Array1::<f64>::zeros(12).gaussian_like(rng);
    let (v, u) = (Array1::<f64>::zeros(12).gaussian_like(rng), normal((3, 5), rng));
    let batch = problem.training();
    let steps: Vec<f64> = (-16..=0).map(|k| 4f64.powi(k)).collect();
    let exact = problem.cross_product(&w, &z, batch, &v);
    let norm = |a: &Array2<f64>| (a * a).sum().sqrt();
    let product = |step: f64| norm(&(cross_product(&problem, &w, &z, batch, &v, step) - &exact)) / norm(&exact);
    let along = problem.cross_adjoint(&w, &z, batch, &u);
    let adjoint = |step: f64| (&cross_adjoint(&problem, &w, &z, batch, &u, step) - &along).norm() / along.norm();
    for (sweep, error) in [
        (sweep_cross_product(&problem, &w, &z, batch, &v, &steps).unwrap(), &product as &dyn Fn(f64) -> f64),
        (sweep_cross_adjoint(&problem, &w, &z, batch, &u, &steps).unwrap(), &adjoint),
    ] {
        let mut points = Vec::new();
        for (found, &step) in sweep.errors.iter().zip(&steps) {
            let expected = error(step);
            assert!(found.step == step && TestRatio::identity(found.relative_error, expected, expected, 15).passes());
            assert!(sweep.best.relative_error <= found.relative_error);
            points.push((step, found.relative_error));
        }
        let order = |keep: &dyn Fn(f64) -> bool| {
            let kept = points.iter().filter(|(step, _)| keep(*step)).map(|(step, error)| (step.ln(), error.ln()));
            slope(&kept.collect::<Vec<_>>())
        };
        let best = sweep.best.step;
        assert!(best > 1e-8 && best < 0.1, "{best}");
        // Off by ten is off by sixteen or more, not by four.
        assert_eq!(sweep.truncation_order, order(&|step| step > 5.0 * best));
        assert_eq!(sweep.cancellation_order, order(&|step| step < 0.2 * best));
    }
}

#[test]
fn the_step_of_darts_by_hand() {
    assert_eq!(darts_step(4.0), 0.0025);
}
