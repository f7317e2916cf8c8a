use nalgebra::{DMatrix, DVector};
use nasproof::{
    criterion::{Estimator, Site},
    ihvp::Stop,
    linalg::{Damped, TestRatio, Vector, dense},
    problem::{Bilevel, Hessian, Supernet, softmax_regression::SoftmaxRegression},
    relaxation::{Sharing, softmax},
    search::Layout,
    spectrum::Step,
};
use ndarray::{Array1, Array2};

use super::problems::{normal, quadratic, regression, rng};

fn inverse<P: Supernet<Vector = Array1<f64>>>(at: &Hessian<'_, P>, damping: f64) -> DMatrix<f64> {
    let h = dense(&Damped { inner: *at, damping }, at.weights);
    DMatrix::from_fn(h.nrows(), h.nrows(), |i, j| h[(i, j)]).try_inverse().unwrap()
}

fn column(v: &Array1<f64>) -> DVector<f64> {
    DVector::from_vec(v.to_vec())
}

struct Trained {
    problem: SoftmaxRegression,
    layout: Layout,
    gates: Array2<f64>,
    weights: Array1<f64>,
}

fn trained() -> Trained {
    let mut rng = rng(1);
    let problem = regression(&mut rng);
    let layout = super::problems::layout(&problem);
    let gates = softmax::gates(&normal((3, 5), &mut rng));
    let weights = problem.solve(&gates, &Array1::zeros(12)).unwrap();
    Trained { problem, layout, gates, weights }
}

impl Trained {
    fn site(&self) -> Site<'_, SoftmaxRegression> {
        Site {
            problem: &self.problem,
            layout: &self.layout,
            weights: &self.weights,
            gates: &self.gates,
            training: self.problem.training(),
            judge: self.problem.validation(),
        }
    }
}

/// Eq. 5 with a dense inverse, removal by removal.
#[test]
fn darts_if_is_its_formula() {
    let t = trained();
    let got = t.site().influence(&mut Estimator::Exact { damping: 0.0 }).unwrap();
    let batch = t.problem.training();
    for e in 0..3 {
        for o in 0..5 {
            let mut after = t.gates.clone();
            after[(e, o)] = 0.0;
            let at = Hessian { problem: &t.problem, weights: &t.weights, gates: &after, batch };
            let g = column(&t.problem.gradient(&t.weights, &after, batch));
            let quadratic = 0.5 * g.dot(&(inverse(&at, 0.0) * &g));
            let (now, then) = (t.problem.loss(&t.weights, &after, batch), t.problem.loss(&t.weights, &t.gates, batch));
            // The inverse of an l2-regularised Hessian: κ ≤ 1/l2 times its norm, about 20 here, in 12 dimensions.
            let terms = now + then + 20.0 * quadratic.abs();
            let ratio = |x: f64| TestRatio::identity(x, now - then - quadratic, terms, 12);
            assert!(ratio(got[(e, o)]).passes(), "{} {}", got[(e, o)], now - then - quadratic);
            // A whole in place of the half.
            assert!(!ratio(now - then - 2.0 * quadratic).passes());
        }
    }
}

/// Several inverses in one pass are each the one alone, to the bit; one that refuses spoils none of the others.
#[test]
fn darts_if_by_several_inverses_is_that_by_each() {
    let t = trained();
    let site = t.site();
    let inverses = [
        Estimator::Identity { step: 2.0 },
        Estimator::Neumann { damping: 0.1, terms: 3, step: Step::Given(1e9) },
        Estimator::Woodbury { damping: 0.1, group: 1 },
        Estimator::ConjugateGradient { damping: 0.1, stop: Stop::terms(5) },
    ];
    let mut operations = 0;
    let together = site.influence_by(&mut inverses.clone(), || operations += 1);
    assert_eq!((together.len(), operations), (4, 15));
    for (mut inverse, found) in inverses.into_iter().zip(together) {
        assert_eq!(found.is_err(), inverse.name() == "neumann", "{inverse:?}");
        assert_eq!(found, site.influence(&mut inverse));
    }
}

/// Definition 1 with a dense inverse, two cells sharing a row: $M$ summed over them.
#[test]
fn darts_im_is_its_definition_with_shared_cells() {
    let mut rng = rng(2);
    let problem = quadratic(&mut rng);
    let mut present = Array2::from_elem((2, 5), true);
    present[(1, 3)] = false;
    let sharing = Sharing::new(vec![0, 1, 0], 2).unwrap();
    let layout = Layout { sharing, ..Layout::untied(present, vec![0, 0]) };
    let gates = softmax::gates(&normal((2, 5), &mut rng));
    let expanded = layout.sharing.expand(&gates);
    let weights = problem.solve(&expanded, &Array1::zeros(12)).unwrap();
    let (training, judge) = (problem.training(), problem.validation());
    let site = Site { problem: &problem, layout: &layout, weights: &weights, gates: &gates, training, judge };
    let got = site.influential_magnitude(&mut Estimator::Exact { damping: 0.0 }).unwrap();

    let dense_cross = |batch: &nasproof::problem::quadratic::Split| -> DMatrix<f64> {
        let mut m = DMatrix::zeros(10, 12);
        for (row, &to) in layout.sharing.rows().iter().enumerate() {
            for o in 0..5 {
                let mut unit = Array2::zeros((3, 5));
                unit[(row, o)] = 1.0;
                let slope = problem.cross_adjoint(&weights, &expanded, batch, &unit);
                for (k, x) in slope.iter().enumerate() {
                    m[(to * 5 + o, k)] += x;
                }
            }
        }
        m
    };
    let ones = DVector::from_fn(10, |k, _| if k == 8 { 0.0 } else { 1.0 });
    let at = Hessian { problem: &problem, weights: &weights, gates: &expanded, batch: training };
    let x = inverse(&at, 0.0) * (dense_cross(training).transpose() * ones);
    let expected: DVector<f64> = -(dense_cross(judge) * x);
    // κ = 100 of the quadratic.
    let scale = 100.0 * expected.norm();
    for k in (0..10).filter(|&k| k != 8) {
        let ratio = |value: f64| TestRatio::identity(value, expected[k], scale, 12);
        assert!(ratio(got[(k / 5, k % 5)]).passes());
        assert!(!ratio(-got[(k / 5, k % 5)]).passes());
    }
    assert_eq!(got[(1, 3)], f64::NEG_INFINITY);
}

/// Every estimator against the dense inverse of what it inverts.
#[test]
fn estimators_give_what_they_invert() {
    let t = trained();
    let site = t.site();
    let eta = 0.1;
    let reference = site.influential_magnitude(&mut Estimator::Exact { damping: eta }).unwrap();
    // The error of the inverse is the condition number times the residual, and so is that of the score relative to M H⁻¹ Mᵀ's own size.
    let at = Hessian { problem: &t.problem, weights: &t.weights, gates: &t.gates, batch: t.problem.training() };
    let h = dense(&Damped { inner: at, damping: eta }, &t.weights);
    let eigenvalues = DMatrix::from_fn(12, 12, |i, j| h[(i, j)]).symmetric_eigenvalues();
    let condition = eigenvalues.max() / eigenvalues.min();
    let ones = Array2::ones((3, 5));
    let slope = t.problem.cross_adjoint(&t.weights, &t.gates, t.problem.training(), &ones);
    let crosses = |x: &Array1<f64>| t.problem.cross_product(&t.weights, &t.gates, t.problem.validation(), x);
    // ‖M‖ by its entries.
    let units = (0..12).map(|k| crosses(&Array1::from_shape_fn(12, |i| f64::from(u8::from(i == k)))));
    let largest = units.map(|m| (&m * &m).sum()).sum::<f64>().sqrt();
    let scale = largest * slope.norm() / eigenvalues.min();
    let apart = |a: &Array2<f64>, b: &Array2<f64>| ((a - b) * (a - b)).sum().sqrt() / scale;
    let close = |other: &Array2<f64>, residual: f64| apart(other, &reference) <= condition * residual;
    let mut cg = Estimator::ConjugateGradient { damping: eta, stop: Stop::tolerance(1e-12) };
    assert!(close(&site.influential_magnitude(&mut cg).unwrap(), 1e-12));
    // The series leaves (1 − λ_min/U)^(K+1) of the right-hand side; U is at most 1.1 λ_max.
    let neumann = |terms: usize| {
        let mut estimator = Estimator::Neumann { damping: eta, terms, step: Step::Auto };
        apart(&site.influential_magnitude(&mut estimator).unwrap(), &reference)
    };
    let rate = |terms: i32| (1.0 - 1.0 / (1.1 * condition)).powi(terms + 1);
    for terms in [1, 10, 100] {
        assert!(neumann(terms as usize) <= rate(terms) + condition * 12.0 * f64::EPSILON * TestRatio::PASS);
    }
    assert!(neumann(1) > rate(100));
    // The two Fisher forms are one inverse, and not that of the Hessian.
    let woodbury = site.influential_magnitude(&mut Estimator::Woodbury { damping: eta, group: 1 }).unwrap();
    let recursion = site.influential_magnitude(&mut Estimator::ShermanMorrison { damping: eta, group: 1 }).unwrap();
    let gradients = t.problem.gradients(&t.weights, &t.gates, t.problem.training(), 1);
    let fisher = gradients.t().dot(&gradients) / 20.0 + eta * Array2::<f64>::eye(12);
    let inverse = DMatrix::from_fn(12, 12, |i, j| fisher[(i, j)]).try_inverse().unwrap();
    let fisher_condition = (fisher.diag().sum() / eta) * 1e-10;
    let x = Array1::from((inverse * column(&slope)).as_slice().to_vec());
    // Both are solved to relative residuals of 1e-10; λ_min of the damped Fisher is η.
    let expected = -crosses(&x);
    assert!(apart(&woodbury, &expected) <= fisher_condition && apart(&recursion, &expected) <= fisher_condition);
    assert!(apart(&woodbury, &reference) > 100.0 * fisher_condition);
    // No curvature: −γ M Mᵀ 1.
    let identity = site.influential_magnitude(&mut Estimator::Identity { step: 2.0 }).unwrap();
    let mut doubled = slope.clone();
    doubled.scale(2.0);
    assert_eq!(identity, -crosses(&doubled));
    let refused = site.influential_magnitude(&mut Estimator::Woodbury { damping: 0.0, group: 1 }).unwrap_err();
    assert_eq!(refused.method, "woodbury");
    assert!(refused.reason.contains("damping"), "{refused}");
}

/// On a quadratic, trained exactly, DARTS-IF is the truth of retraining, and the perturbation is not.
#[test]
fn influence_predicts_retraining_on_a_quadratic() {
    let mut rng = rng(3);
    let problem = quadratic(&mut rng);
    let layout = super::problems::layout(&problem);
    let gates = softmax::gates(&normal((3, 5), &mut rng));
    let weights = problem.solve(&gates, &Array1::zeros(12)).unwrap();
    let batch = problem.training();
    let site =
        Site { problem: &problem, layout: &layout, weights: &weights, gates: &gates, training: batch, judge: batch };
    let predicted = site.influence(&mut Estimator::Exact { damping: 0.0 }).unwrap();
    let second = site.second_order_influence(&mut Estimator::Exact { damping: 0.0 }).unwrap();
    let perturbation = site.perturbation();
    let before = problem.loss(&weights, &gates, batch);
    for ((e, o), predicted) in predicted.indexed_iter() {
        let mut after = gates.clone();
        after[(e, o)] = 0.0;
        let retrained = problem.solve(&after, &weights).unwrap();
        let truth = problem.loss(&retrained, &after, batch) - before;
        let h = &problem.coefficients(nasproof::problem::quadratic::Split::Training).hessian;
        // The summands of the loss, θᵀHθ and θᵀ(b + Bz) at κ = 100.
        let terms = 100.0 * (weights.dot(&h.dot(&weights)).abs() + before.abs() + 1.0);
        let ratio = |x: f64| TestRatio::identity(x, truth, terms, 15);
        assert!(ratio(*predicted).passes() && ratio(second[(e, o)]).passes(), "{predicted} {truth}");
        assert!(!ratio(perturbation[(e, o)]).passes());
    }
}

/// What a removal changes on the judge's batch, with the loss before it: the same loss for every operation shifts no order, but the change is not it.
#[test]
fn the_perturbation_is_a_difference_of_losses_of_the_judge() {
    let mut rng = rng(4);
    let problem = quadratic(&mut rng);
    let layout = super::problems::layout(&problem);
    let gates = softmax::gates(&normal((3, 5), &mut rng));
    let weights = Array1::<f64>::linspace(-1.0, 2.0, 12);
    let (training, judge) = (problem.training(), problem.validation());
    let site = Site { problem: &problem, layout: &layout, weights: &weights, gates: &gates, training, judge };
    let before = problem.loss(&weights, &gates, judge);
    assert!(before != 0.0 && before != problem.loss(&weights, &gates, training));
    for ((e, o), change) in site.perturbation().indexed_iter() {
        let mut after = gates.clone();
        after[(e, o)] = 0.0;
        assert_eq!(*change, problem.loss(&weights, &after, judge) - before);
    }
}

/// What single precision can be held to is looser.
#[test]
fn answers_are_held_to_what_their_precision_can_tell() {
    let (double, single) = (f64::EPSILON, f64::from(f32::EPSILON));
    assert_eq!((Estimator::tolerance(double), Estimator::tolerance(single)), (1e-10, 3e-4));
}
