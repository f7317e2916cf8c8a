//! Second-order DARTS: the exact gradient against its definition with dense matrices, the published differences against the exact product, and the
//! precedence bug of two ports.

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Bilevel, Supernet},
    relaxation::softmax,
    search::{CrossProduct, Darts, Pair, Settings, System, unrolled},
    taylor::finite_difference::{self, darts_step},
};
use ndarray::{Array1, Array2};

use crate::problems::{agree, dual_softmax, layout, normal, pulled, quadratic, ratio, regression, rng, run, size};

/// $M$ as a dense $EO\times d$ matrix, a row a gate: $M^\top e_k$.
fn dense_cross<P: Supernet<Vector = Array1<f64>>>(
    problem: &P,
    weights: &Array1<f64>,
    z: &Array2<f64>,
    batch: &P::Batch,
) -> Array2<f64> {
    let mut out = Array2::zeros((z.len(), weights.len()));
    for (k, index) in ndarray::indices(z.dim()).into_iter().enumerate() {
        let mut unit = Array2::zeros(z.dim());
        unit[index] = 1.0;
        out.row_mut(k).assign(&problem.cross_adjoint(weights, z, batch, &unit));
    }
    out
}

fn check<P: Bilevel<Vector = Array1<f64>>>(problem: &P, seed: u64) {
    let mut rng = rng(seed);
    let layout = layout(problem);
    let mut settings = Settings { epochs: 10, ..Settings::darts() };
    settings.weights.decay = 0.05;
    let alpha = normal(layout.shape(), &mut rng);
    let mut run = run(problem, &layout, &settings, alpha.clone(), &mut rng);
    let pair = Pair { training: problem.training(), validation: problem.validation() };
    let (w, rate, velocity) = (run.weights.clone(), run.rate(), run.sgd.velocity().clone());
    assert!(Vector::norm(&velocity) > 0.0);

    let z = softmax::gates(&alpha);
    let ahead = &w - &(rate * (0.9 * &velocity + problem.gradient(&w, &z, pair.training) + 0.05 * &w));
    let v = problem.gradient(&ahead, &z, pair.validation);
    let moved = dense_cross(problem, &w, &z, pair.training).dot(&v).into_shape_with_order(z.dim()).unwrap();
    let direct = problem.cost(&ahead, &z, pair.validation);
    let expected = pulled(&alpha, &(&direct - &(&moved * rate)), |a| dual_softmax(&a, 5));

    let mut system = Darts { second: Some(CrossProduct::Compared) };
    system.step(&mut run, pair).unwrap();
    agree(run.alpha_gradient.as_ref().unwrap(), &expected, size(&direct) + rate * size(&moved), 100);
    // Forgetting the second term, the decay, the momentum or a tenth of the step is seen.
    let with = |momentum: f64, decay: f64, xi: f64| {
        let ahead = &w - &(xi * (momentum * &velocity + problem.gradient(&w, &z, pair.training) + decay * &w));
        let v = problem.gradient(&ahead, &z, pair.validation);
        let moved = dense_cross(problem, &w, &z, pair.training).dot(&v).into_shape_with_order(z.dim()).unwrap();
        pulled(&alpha, &(problem.cost(&ahead, &z, pair.validation) - moved * xi), |a| dual_softmax(&a, 5))
    };
    let first = pulled(&alpha, &direct, |a| dual_softmax(&a, 5));
    let seen = |other: &Array2<f64>| !ratio(other, &expected, size(&direct) + rate * size(&moved), 100).passes();
    assert!(!seen(&with(0.9, 0.05, rate)) && seen(&first));
    assert!(seen(&with(0.0, 0.05, rate)) && seen(&with(0.9, 0.0, rate)) && seen(&with(0.9, 0.05, 0.9 * rate)));
    assert!(run.discrepancy.unwrap() > 0.0);
}

#[test]
fn the_exact_gradient_is_its_definition() {
    let mut rng = rng(1);
    check(&quadratic(&mut rng), 2);
    check(&regression(&mut rng), 3);
}

/// A quadratic has no truncation: differences miss the exact product by cancellation alone, about $u\lVert C\rVert/\epsilon$. `(p - n) / 2. * eps` multiplies by
/// the step instead of dividing by it: $\epsilon^2$ times the product, rejected.
#[test]
fn differences_are_over_twice_the_step_and_not_times_it() {
    let mut rng = rng(4);
    let problem = quadratic(&mut rng);
    let layout = layout(&problem);
    let settings = Settings { epochs: 10, ..Settings::darts() };
    let alpha = normal(layout.shape(), &mut rng);
    let run = run(&problem, &layout, &settings, alpha.clone(), &mut rng);
    let pair = Pair { training: problem.training(), validation: problem.validation() };
    let found = unrolled(&run, pair, CrossProduct::Compared);
    let (finite, exact) = (found.finite.clone().unwrap(), found.exact.clone().unwrap());

    let z = softmax::gates(&alpha);
    let mut direction = problem.gradient(&run.weights, &z, pair.training);
    direction.axpy(0.9, run.sgd.velocity());
    direction.axpy(3e-4, &run.weights);
    let mut ahead = run.weights.clone();
    ahead.axpy(-run.rate(), &direction);
    let v = problem.gradient(&ahead, &z, pair.validation);
    let step = darts_step(Vector::norm(&v));
    let cost = problem.cost(&run.weights, &z, pair.training);
    let judge = |product: &Array2<f64>| {
        let error = size(&(product - &exact));
        TestRatio::quotient(error, 27.0 * f64::EPSILON * (size(&cost) / step + size(&exact)))
    };
    assert!(judge(&finite).passes(), "{}", judge(&finite));

    let at = |sign: f64| {
        let mut moved = run.weights.clone();
        moved.axpy(sign * step, &v);
        softmax::pull(&z, &problem.cost(&moved, &z, pair.training))
    };
    let (p, n) = (at(1.0), at(-1.0));
    assert!(judge(&((&p - &n) / (2.0 * step))).passes());
    #[allow(clippy::precedence)]
    let bug = (&p - &n) / 2. * step;
    assert!(!judge(&bug).passes());
    // It is ε² times the product.
    assert!(judge(&(&bug / (step * step))).passes());
}

/// On the regression there is a truncation, of order $\epsilon^2$; DARTS's own step leaves it small but there.
#[test]
fn the_difference_that_darts_makes_is_reported() {
    let mut rng = rng(5);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let settings = Settings { epochs: 10, ..Settings::darts() };
    let alpha = normal(layout.shape(), &mut rng);
    let run = run(&problem, &layout, &settings, alpha.clone(), &mut rng);
    let pair = Pair { training: problem.training(), validation: problem.validation() };
    let found = unrolled(&run, pair, CrossProduct::Compared);
    let discrepancy = found.discrepancy().unwrap();
    // The order of the truncation, by the library's own sweep along the same kind of direction.
    let z = softmax::gates(&alpha);
    let v = problem.gradient(&run.weights, &z, pair.validation);
    let steps: Vec<f64> = (0..12).map(|k| darts_step(Vector::norm(&v)) * 10f64.powf(-f64::from(k) / 2.0)).collect();
    let sweep = finite_difference::sweep_cross_product(&problem, &run.weights, &z, pair.training, &v, &steps).unwrap();
    assert!((sweep.truncation_order.unwrap() - 2.0).abs() < 0.2);
    // Truncation, not rounding: far above what cancellation explains at this step.
    let cancellation = 27.0 * f64::EPSILON * size(&problem.cost(&run.weights, &z, pair.training)) / steps[0];
    assert!(discrepancy * size(found.exact.as_ref().unwrap()) > TestRatio::PASS * cancellation, "{discrepancy}");
    // Only what is asked for is computed.
    assert!(unrolled(&run, pair, CrossProduct::FiniteDifference).exact.is_none());
    assert!(unrolled(&run, pair, CrossProduct::Exact).finite.is_none());
    assert_eq!(found.gradient(), &found.direct - &(found.exact.as_ref().unwrap() * found.rate));
    // Over an epoch, the largest.
    let mut run = run;
    let mut system = Darts { second: Some(CrossProduct::Compared) };
    system.step(&mut run, pair).unwrap();
    assert_eq!(run.discrepancy, Some(discrepancy));
    run.discrepancy = Some(2.0 * discrepancy);
    let next = unrolled(&run, pair, CrossProduct::Compared).discrepancy().unwrap();
    system.step(&mut run, pair).unwrap();
    assert_eq!(run.discrepancy, Some(next.max(2.0 * discrepancy)));
    run.discrepancy = Some(0.5 * next);
    let next = unrolled(&run, pair, CrossProduct::Compared).discrepancy().unwrap();
    system.step(&mut run, pair).unwrap();
    assert_eq!(run.discrepancy, Some(next));
}
