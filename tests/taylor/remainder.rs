//! The bounds hold, and are not so loose as to say nothing.

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Bilevel, Supernet},
    relaxation::softmax,
    taylor::{Discretisation, Displacement, ThirdDerivative, without},
};
use ndarray::Array1;

use super::common::{exact, normal, regression, rng};

#[test]
fn the_loss_along_a_step_stays_between_its_bounds() {
    let rng = &mut rng(60);
    let problem = regression(rng);
    let z = softmax::gates(&normal((3, 5), rng));
    let batch = problem.training();
    let third = ThirdDerivative::SelfConcordant(problem.self_concordance(&z, batch));
    let mut sharpest = 0.0f64;
    for k in 0..200 {
        let w = Array1::<f64>::zeros(12).gaussian_like(rng) * [0.1, 1.0, 10.0][k % 3];
        let step = Array1::<f64>::zeros(12).gaussian_like(rng) * [0.01, 0.1, 1.0, 5.0][k % 4];
        let size = Displacement::new(&problem, &w, &z, batch, &step);
        let model = problem.gradient(&w, &z, batch).dot(&step) + 0.5 * size.curvature;
        let (before, after) = (problem.loss(&w, &z, batch), problem.loss(&(&w + &step), &z, batch));
        let difference = after - before - model;
        let rounding = 30.0 * f64::EPSILON * 12.0 * (before + after + model.abs());
        assert!(difference <= third.above(size) + rounding, "{difference:e} above {:e}", third.above(size));
        assert!(-difference <= third.below(size) + rounding, "{difference:e} below {:e}", third.below(size));
        sharpest = sharpest.max(difference / third.above(size)).max(-difference / third.below(size));
    }
    assert!(sharpest > 0.02, "a bound that loose bounds nothing: {sharpest}");
}

#[test]
fn the_error_of_influence_stays_below_its_bounds() {
    let rng = &mut rng(61);
    let problem = regression(rng);
    let batch = problem.training();
    let mut sharpest = 0.0f64;
    for _ in 0..10 {
        let z = softmax::gates(&normal((3, 5), rng));
        let weights = problem.solve(&z, &Array1::zeros(12)).unwrap();
        for (e, o) in [(0, 1), (1, 4), (2, 2)] {
            let after = without(&z, e, o);
            let change =
                Discretisation { problem: &problem, weights: &weights, before: &z, after: &after, training: batch };
            let newton = change.newton_step(&mut exact).unwrap();
            let retrained = problem.solve(&after, &weights).unwrap();
            let error = (change.influence(&newton) - change.change_at(&retrained, batch)).abs();
            let measure = |step: &Array1<f64>| Displacement::new(&problem, &weights, &after, batch, step);
            let (n, d) = (measure(&newton), measure(&(&retrained - &weights)));
            let gradient = problem.gradient(&weights, &after, batch).norm();
            let constant = problem.self_concordance(&after, batch);
            let concordant = ThirdDerivative::SelfConcordant(constant);
            // λ_max(H) ≤ λ + ½·max‖h‖² (‖J‖ ≤ ½), so |D³L[v,v,v]| ≤ R·½max‖h‖²·‖v‖³ = R³/4·‖v‖³ with R² = 2 max‖h‖².
            let bounded = ThirdDerivative::Bounded(constant.powi(3) / 4.0);
            let rounding = 30.0 * f64::EPSILON * 12.0 * problem.loss(&weights, &z, batch);
            for bound in [
                concordant.influence_error(n, d),
                bounded.influence_error(n, d),
                concordant.influence_error_a_priori(n, gradient, problem.l2()),
                bounded.influence_error_a_priori(n, gradient, problem.l2()),
            ] {
                assert!(error <= bound + rounding, "{error:e} > {bound:e}");
            }
            sharpest = sharpest.max(error / concordant.influence_error(n, d));
        }
    }
    assert!(sharpest > 0.02, "a bound that loose bounds nothing: {sharpest}");
}

/// By hand, the Newton step of norm 1/10 with $N^\top HN=\delta^2=1/25$, $\lVert g\rVert=3/10$ and $\lambda=1/2$: no step leads further than $\lVert g\rVert/\lambda=3/5$.
#[test]
fn the_bound_before_any_retraining_by_hand() {
    let newton = Displacement { norm: 0.1, curvature: 0.04 };
    let bound = |third: ThirdDerivative| third.influence_error_a_priori(newton, 0.3, 0.5);
    // 12/6 · (3/5)³.
    assert!(TestRatio::identity(bound(ThirdDerivative::Bounded(12.0)), 0.432, 0.432, 4).passes());
    // S = 2 · 3/5, ψ = (e^{−S} + S − 1)/S², and D may lie ½ − ψ of δ²/ψ² below.
    let s = 1.2f64;
    let psi = ((-s).exp() + s - 1.0) / (s * s);
    let expected = 0.04 / (psi * psi) * (0.5 - psi);
    assert!(
        TestRatio::identity(bound(ThirdDerivative::SelfConcordant(2.0)), expected, 0.04 / (psi * psi), 16).passes()
    );
}

/// What is said of the judge's loss after a step is the difference of two losses.
#[test]
fn a_model_knows_the_loss_it_started_from() {
    let rng = &mut rng(62);
    let problem = regression(rng);
    let (training, judge) = (problem.training(), problem.validation());
    let z = softmax::gates(&normal((3, 5), rng));
    let weights = Array1::<f64>::zeros(12).gaussian_like(rng);
    let (after, step) = (without(&z, 1, 2), Array1::<f64>::zeros(12).gaussian_like(rng));
    let change = Discretisation { problem: &problem, weights: &weights, before: &z, after: &after, training };
    let (end, start) = (problem.loss(&(&weights + &step), &after, judge), problem.loss(&weights, &z, judge));
    let moved = change.model(judge).moved(&step);
    assert!(TestRatio::identity(moved, end - start, end + start, 2).passes(), "{moved}");
}
