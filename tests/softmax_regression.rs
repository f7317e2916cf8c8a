//! The gated softmax regression against an obvious forward pass differentiated by dual numbers, and its optimum against its definition.

use nalgebra::DVector;
use nasproof::{
    linalg::{LinearOperator, TestRatio, Vector, dense, laws},
    problem::{
        Bilevel, Hessian, Supernet,
        softmax_regression::{DartsTraining, Examples, SoftmaxRegression},
    },
    relaxation::softmax,
};
use ndarray::{Array1, Array2, Array4, Axis};
use num_dual::{Dual3_64, DualNum, HyperDual64, hessian};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The loss, spelled out over scalars that carry derivatives.
mod oracle {
    use super::*;

    pub fn loss<D: DualNum<Primitive = f64>>(problem: &SoftmaxRegression, w: &[D], z: &[D], batch: &Examples) -> D {
        let (classes, width) = (problem.classes(), problem.width());
        let mut sum = D::from(0.0);
        for &i in &batch.rows {
            let phi = problem.features(i);
            let mut scores = vec![D::from(0.0); classes];
            for f in 0..width {
                let mut h = D::from(0.0);
                for (eo, z) in z.iter().enumerate() {
                    h += z.clone() * phi[(eo, f)];
                }
                for (c, score) in scores.iter_mut().enumerate() {
                    *score += w[c * width + f].clone() * h.clone();
                }
            }
            let partition = scores.iter().map(|s| s.clone().exp()).reduce(|a, b| a + b).unwrap();
            sum += partition.ln() - scores[problem.labels()[i]].clone();
        }
        let mut loss = sum / batch.rows.len() as f64;
        if batch.regularised {
            for w in w {
                loss += w.clone() * w.clone() * (0.5 * problem.l2());
            }
        }
        loss
    }
}

fn normal(shape: (usize, usize), rng: &mut ChaCha8Rng) -> Array2<f64> {
    Array2::from_shape_vec(shape, Array1::<f64>::zeros(shape.0 * shape.1).gaussian_like(rng).to_vec()).unwrap()
}

/// 12 examples, 3 edges, 5 operations (one zero, one doubled), 4 features, 3 classes.
fn small(rng: &mut ChaCha8Rng) -> SoftmaxRegression {
    let mut features = Array4::from_shape_simple_fn((12, 3, 5, 4), || rng.random_range(-1.0..1.0f64));
    features.index_axis_mut(Axis(2), 0).fill(0.0);
    let labels = (0..12).map(|i| i % 3).collect();
    SoftmaxRegression::new(features, labels, 3, (0..7).collect(), (7..12).collect(), 0.05).unwrap()
}

/// The largest difference over what rounding explains: each entry is a sum of at most a few products an example, feature and gate,
/// through a softmax whose scores have size at most `1 + Σ|w||h|`.
fn ratio(got: impl IntoIterator<Item = f64>, want: impl IntoIterator<Item = f64>, scale: f64, n: usize) -> TestRatio {
    got.into_iter().zip(want).fold(TestRatio(0.0), |worst, (g, w)| worst.max(TestRatio::identity(g, w, scale, n)))
}

#[test]
fn every_derivative_of_a_small_problem_is_that_of_dual_numbers() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let problem = small(&mut rng);
    let (d, gates) = (problem.weight_count(), 15);
    for batch in [problem.training().clone(), problem.validation().clone()] {
        let w = Array1::zeros(d).gaussian_like(&mut rng);
        let z = normal((3, 5), &mut rng);
        let point: Vec<f64> = w.iter().chain(&z).copied().collect();
        let (value, gradient, full) = hessian(
            |x| oracle::loss(&problem, &x.as_slice()[..d], &x.as_slice()[d..], &batch),
            &DVector::from_vec(point),
        );
        // One scale for every entry: the size of the largest second derivative.
        let (scale, n) = (full.amax().max(gradient.amax()).max(value), d + gates);
        assert!(TestRatio::identity(problem.loss(&w, &z, &batch), value, scale, n).passes());
        let g = problem.gradient(&w, &z, &batch);
        assert!(ratio(g, gradient.iter().copied().take(d), scale, n).passes());
        let c = problem.cost(&w, &z, &batch);
        assert!(ratio(c, gradient.iter().copied().skip(d), scale, n).passes());
        let h = problem.dense_hessian(&w, &z, &batch);
        for ((i, j), value) in h.indexed_iter() {
            assert!(TestRatio::identity(*value, full[(i, j)], scale, n).passes(), "H[{i}, {j}]");
        }
        for j in 0..d {
            let mut unit = Array1::zeros(d);
            unit[j] = 1.0;
            assert!(
                ratio(problem.hessian_product(&w, &z, &batch, &unit), full.column(j).iter().copied(), scale, n)
                    .passes()
            );
            let cross = problem.cross_product(&w, &z, &batch, &unit);
            assert!(ratio(cross, full.column(j).iter().copied().skip(d), scale, n).passes());
        }
        for j in 0..gates {
            let mut unit = Array2::zeros((3, 5));
            unit[(j / 5, j % 5)] = 1.0;
            let column = full.column(d + j);
            assert!(ratio(problem.cross_adjoint(&w, &z, &batch, &unit), column.iter().copied(), scale, n).passes());
            let hessian = problem.gate_hessian_product(&w, &z, &batch, &unit);
            assert!(ratio(hessian, column.iter().copied().skip(d), scale, n).passes());
        }
    }
}

#[test]
fn random_directions_of_the_digits_agree_with_hyper_dual_numbers() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let problem = SoftmaxRegression::digits(0);
    let batch = Examples { rows: problem.training().rows[..8].to_vec(), regularised: true };
    let d = problem.weight_count();
    let w = Array1::<f64>::zeros(d).gaussian_like(&mut rng) * 0.2;
    let z = normal(problem.gate_shape(), &mut rng);
    for _ in 0..5 {
        let (u, v) = (Array1::zeros(d).gaussian_like(&mut rng), Array1::zeros(d).gaussian_like(&mut rng));
        let (a, b) = (normal(z.dim(), &mut rng), normal(z.dim(), &mut rng));
        let dual = |x: &f64, first: &f64, second: &f64| HyperDual64::new(*x, *first, *second, 0.0);
        let ws: Vec<_> = w.iter().zip(u.iter().zip(&v)).map(|(x, (u, v))| dual(x, u, v)).collect();
        let zs: Vec<_> = z.iter().zip(a.iter().zip(&b)).map(|(x, (a, b))| dual(x, a, b)).collect();
        let exact = oracle::loss(&problem, &ws, &zs, &batch);

        let parts = [
            u.dot(&problem.hessian_product(&w, &z, &batch, &v)),
            (&a * &problem.cross_product(&w, &z, &batch, &v)).sum(),
            u.dot(&problem.cross_adjoint(&w, &z, &batch, &b)),
            (&a * &problem.gate_hessian_product(&w, &z, &batch, &b)).sum(),
        ];
        let terms: f64 = parts.iter().map(|x| x.abs()).sum();
        assert!(TestRatio::identity(parts.iter().sum(), exact.eps1eps2, terms, d).passes());
        let first = [u.dot(&problem.gradient(&w, &z, &batch)), (&a * &problem.cost(&w, &z, &batch)).sum()];
        assert!(TestRatio::identity(first[0] + first[1], exact.eps1, first[0].abs() + first[1].abs(), d).passes());
    }
}

#[test]
fn the_dense_hessian_of_the_digits_is_the_operator() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let problem = SoftmaxRegression::digits(0);
    let w = Array1::<f64>::zeros(problem.weight_count()).gaussian_like(&mut rng) * 0.2;
    let z = softmax::gates(&normal(problem.gate_shape(), &mut rng));
    let batch = problem.training();
    let h = problem.dense_hessian(&w, &z, batch);
    let operator = Hessian { problem: &problem, weights: &w, gates: &z, batch };
    let norm = h.iter().map(|x| x * x).sum::<f64>().sqrt();
    assert!(laws::operator(&operator, norm, &w, &mut rng).passes());
    let difference = &h - &dense(&operator, &w);
    let size = norm * (operator.dim() as f64) * f64::EPSILON;
    assert!(TestRatio::quotient(difference.iter().map(|x| x * x).sum::<f64>().sqrt(), size).passes());
    assert_eq!(h, h.t());
}

#[test]
fn the_third_derivative_keeps_the_bound_of_self_concordance() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let problem = SoftmaxRegression::digits(0);
    let batch = Examples { rows: problem.training().rows[..8].to_vec(), regularised: false };
    let z = softmax::gates(&normal(problem.gate_shape(), &mut rng));
    let bound = problem.self_concordance(&z, &batch);
    let mut sharpest = 0.0f64;
    for scale in [0.05, 0.5, 5.0] {
        let w = Array1::<f64>::zeros(problem.weight_count()).gaussian_like(&mut rng) * scale;
        for _ in 0..4 {
            // Random directions, and ones that move a single example's scores: the bound is sharp near those.
            let v = if rng.random_bool(0.5) {
                Array1::zeros(w.len()).gaussian_like(&mut rng)
            } else {
                problem.gradients(&w, &z, &batch, 1).row(0).to_owned()
            };
            let ws: Vec<_> = w.iter().zip(&v).map(|(w, v)| Dual3_64::new(*w, *v, 0.0, 0.0)).collect();
            let zs: Vec<_> = z.iter().map(|z| Dual3_64::from(*z)).collect();
            let value = oracle::loss(&problem, &ws, &zs, &batch);
            let allowed = bound * v.norm() * value.v2;
            assert!(value.v3.abs() <= allowed, "{} > {allowed}", value.v3);
            sharpest = sharpest.max(value.v3.abs() / allowed);
        }
    }
    assert!(sharpest > 0.01, "the directions do not try the bound: {sharpest}");
}

#[test]
fn gradients_of_groups_average_to_the_gradient_without_regulariser() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let problem = SoftmaxRegression::digits(0);
    let w = Array1::zeros(problem.weight_count()).gaussian_like(&mut rng);
    let z = normal(problem.gate_shape(), &mut rng);
    let batch = Examples { rows: problem.training().rows[..96].to_vec(), regularised: true };
    let bare = Examples { regularised: false, ..batch.clone() };
    for group in [1, 8, 96] {
        let panel = problem.gradients(&w, &z, &batch, group);
        assert_eq!(panel.dim(), (96 / group, w.len()));
        let mean = panel.mean_axis(Axis(0)).unwrap();
        assert!(TestRatio::forward(&mean, &problem.gradient(&w, &z, &bare), 1.0).passes());
    }
    // The last group may be short, and its mean is over what it has.
    let last = problem.gradients(&w, &z, &batch, 90).row(1).to_owned();
    let tail = Examples { rows: batch.rows[90..].to_vec(), regularised: false };
    assert!(TestRatio::forward(&last, &problem.gradient(&w, &z, &tail), 1.0).passes());
}

#[test]
fn the_optimum_is_reached_to_rounding_from_anywhere() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let problem = SoftmaxRegression::digits(0);
    let z = softmax::gates(&normal(problem.gate_shape(), &mut rng));
    let zero = Array1::zeros(problem.weight_count());
    let far = zero.gaussian_like(&mut rng) * 3.0;
    let a = problem.minimise(&z, problem.training(), &zero).unwrap();
    let b = problem.minimise(&z, problem.training(), &far).unwrap();
    assert!(a.ratio.passes() && b.ratio.passes());
    // ½gᵀH⁻¹g is how far the loss stands above its minimum: nothing the loss could resolve.
    let loss = problem.loss(&a.weights, &z, problem.training());
    assert!(a.excess <= f64::EPSILON * loss && b.excess <= f64::EPSILON * loss, "{:e} {:e}", a.excess, b.excess);
    // λ-strong convexity: ‖θ₁ − θ₂‖ ≤ (‖g₁‖ + ‖g₂‖)/λ.
    let apart = (&a.weights - &b.weights).norm();
    let rounding = TestRatio::PASS * f64::EPSILON * a.weights.norm();
    assert!(apart <= (a.gradient_norm + b.gradient_norm) / problem.l2() + rounding, "{apart:e}");
}

#[test]
fn gates_that_are_not_finite_are_refused() {
    let problem = SoftmaxRegression::digits(0);
    let nan = Array2::from_elem(problem.gate_shape(), f64::NAN);
    let error = problem.solve(&nan, &Array1::zeros(problem.weight_count())).unwrap_err();
    assert!(error.advice.contains("non-finite"), "{error}");
}

#[test]
fn training_is_deterministic_and_learns() {
    let problem = SoftmaxRegression::digits(0);
    let schedule = DartsTraining { epochs: 4, ..DartsTraining::default() };
    let (a, b) = (problem.train(&schedule).unwrap(), problem.train(&schedule).unwrap());
    assert_eq!(a.logits, b.logits);
    assert_eq!(a.weights, b.weights);
    assert_ne!(a.logits, problem.train(&DartsTraining { seed: 1, ..schedule }).unwrap().logits);
    for row in a.gates.rows() {
        assert!(TestRatio::identity(row.sum(), 1.0, 1.0, 6).passes());
    }
    let (accuracy, entropy) = problem.accuracy_and_entropy(&a.weights, &a.gates, problem.validation()).unwrap();
    assert!(accuracy > 0.9, "{accuracy}");
    // C = L − H summed over one edge's gates times the gates, for bias-free logits: Σ Z C over all edges is L − H for the bare loss.
    let cost = problem.cost(&a.weights, &a.gates, problem.validation());
    let loss = problem.loss(&a.weights, &a.gates, problem.validation());
    let sum = (&cost * &a.gates).sum();
    // What the softmax sees are scores: the identity rounds relative to Σ|Z C| and to the two entropies.
    let terms = (&cost * &a.gates).mapv(f64::abs).sum() + loss + entropy;
    assert!(TestRatio::identity(sum, loss - entropy, terms, problem.width() * 18).passes());
}

#[test]
fn bad_data_are_refused() {
    let features = |x: f64| Array4::from_elem((3, 2, 2, 2), x);
    let make = |features, labels: Vec<usize>, training: Vec<usize>, l2| {
        SoftmaxRegression::new(features, labels, 2, training, vec![0], l2).unwrap_err().to_string()
    };
    assert!(make(features(1.0), vec![0, 1], vec![0], 1.0).contains("2 labels for 3 examples"));
    assert!(make(features(1.0), vec![0, 1, 2], vec![0], 1.0).contains("label 2 at position 2"));
    assert!(make(features(1.0), vec![0, 1, 1], vec![3], 1.0).contains("training row 3"));
    assert!(make(features(f64::NAN), vec![0, 1, 1], vec![0], 1.0).contains("feature NaN"));
    assert!(make(features(1.0), vec![0, 1, 1], vec![], 1.0).contains("at least 1"));
    assert!(make(features(1.0), vec![0, 1, 1], vec![0], 0.0).contains("L2"));
}
