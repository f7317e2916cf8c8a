//! Central differences: right, wrong by truncation, wrong by cancellation, and wrong by precedence.

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Bilevel, Supernet, quadratic::Split, softmax_regression::SoftmaxRegression},
    relaxation::softmax,
    taylor::finite_difference::{cross_adjoint, cross_product, darts_step, sweep_cross_adjoint, sweep_cross_product},
};
use ndarray::{Array1, Array2};

use super::common::{normal, quadratic, rng};

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
