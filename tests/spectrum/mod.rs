//! The spectrum from products alone, against spectra chosen beforehand.

mod formulas;

use nasproof::{
    ihvp::Certificate,
    linalg::{
        Closure, Contraction, Damped, DenseSymmetric, Fisher, LinearOperator, PositiveDefinite, Scalar, Scaled,
        TestRatio, Vector, WitnessError,
        samples::{Sample, indefinite, positive_definite},
    },
    spectrum::{self, Ends, Lanczos, Step, definite, extreme, power, trace},
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{Binomial, DiscreteCDF};

/// A sample with these eigenvalues and reflections drawn from `seed`.
fn fixed(eigenvalues: Vec<f64>, seed: u64) -> Sample {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n = eigenvalues.len();
    let reflections = (0..3).map(|_| (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()).collect();
    Sample::new(eigenvalues, reflections)
}

fn ascending(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// ‖AQ − QT − βqeᵀ‖ column by column, and ‖QᵀQ − I‖, as test ratios.
fn relation<S: Scalar>(operator: &DenseSymmetric<S>, norm: f64, steps: usize, seed: u64) -> TestRatio
where
    Array1<S>: Vector,
{
    let like = Array1::<S>::zeros(operator.dim());
    let mut process = Lanczos::start(operator, &like, seed).unwrap();
    process.extend(operator, steps).unwrap();
    let (q, alpha, beta) = (process.basis(), process.diagonal(), process.off_diagonal());
    let k = process.steps();
    let unit = operator.dim() as f64 * like.epsilon();
    let mut worst = TestRatio(0.0);
    for j in 0..k {
        for i in 0..=j {
            let expected = if i == j { 1.0 } else { 0.0 };
            worst = worst.max(TestRatio::quotient((q[i].dot(&q[j]) - expected).abs(), unit));
        }
        if j + 1 < k {
            let mut residual = like.zeros_like();
            operator.apply(&q[j], &mut residual);
            residual.axpy(-alpha[j], &q[j]);
            residual.axpy(-beta[j], &q[j + 1]);
            if j > 0 {
                residual.axpy(-beta[j - 1], &q[j - 1]);
            }
            worst = worst.max(TestRatio::quotient(residual.norm(), norm * unit));
        }
    }
    worst
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn lanczos_satisfies_its_relation(sample in indefinite(8..=40, 6.0), seed: u64, part in 0.2..1.0f64) {
        let steps = (sample.dim() as f64 * part).ceil() as usize;
        prop_assert!(relation(&sample.operator::<f64>(), sample.norm(), steps, seed).passes());
        prop_assert!(relation(&sample.operator::<f32>(), sample.norm(), steps, seed).passes());
    }

    #[test]
    fn all_steps_give_all_eigenvalues(sample in indefinite(8..=32, 6.0), seed: u64) {
        let operator = sample.operator::<f64>();
        let n = sample.dim();
        let mut process = Lanczos::start(&operator, &Array1::zeros(n), seed).unwrap();
        process.extend(&operator, n).unwrap();
        prop_assert!(process.exhausted());
        let chosen = ascending(sample.eigenvalues.clone());
        // Two chosen eigenvalues may coincide, and Krylov spaces see each value once: match every Ritz value to its nearest.
        for ritz in process.ritz() {
            let distance = chosen.iter().map(|l| (l - ritz.value).abs()).fold(f64::INFINITY, f64::min);
            prop_assert!(TestRatio::quotient(distance, sample.norm() * n as f64 * f64::EPSILON).passes());
        }
    }

    #[test]
    fn ritz_residuals_and_bounds_enclose(sample in indefinite(8..=40, 6.0), seed: u64, part in 0.1..0.7f64) {
        let operator = sample.operator::<f64>();
        let mut process = Lanczos::start(&operator, &Array1::zeros(sample.dim()), seed).unwrap();
        process.extend(&operator, (sample.dim() as f64 * part).ceil() as usize).unwrap();
        let slack = TestRatio::PASS * sample.norm() * sample.dim() as f64 * f64::EPSILON;
        for ritz in process.ritz() {
            let distance = sample.eigenvalues.iter().map(|l| (l - ritz.value).abs()).fold(f64::INFINITY, f64::min);
            prop_assert!(distance <= ritz.residual + slack);
            let y = process.ritz_vector(&ritz).unwrap();
            let mut r = operator.matrix().dot(&y);
            r.axpy(-ritz.value, &y);
            prop_assert!((r.norm() - ritz.residual).abs() <= slack);
        }
        let found = extreme::bounds(&process, &operator, 1e-9);
        prop_assert!(found.largest.ritz <= sample.lambda_max() + slack && sample.lambda_max() <= found.largest.bound);
        prop_assert!(found.smallest.ritz >= sample.lambda_min() - slack && sample.lambda_min() >= found.smallest.bound);
    }

    #[test]
    fn definiteness_is_decided_as_chosen(sample in positive_definite(8..=40, 6.0), seed: u64) {
        let params = extreme::Params { seed, ..Default::default() };
        let like = Array1::zeros(sample.dim());
        let witness = spectrum::positive_definite(sample.operator::<f64>(), &like, &params).unwrap();
        prop_assert_eq!(witness.certificate(), Certificate::Probabilistic);
        prop_assert!(witness.lambda_min() <= sample.lambda_min());
        prop_assert!(witness.lambda_min() >= 0.5 * sample.lambda_min(), "{} {}", witness.lambda_min(), sample.lambda_min());
    }

    #[test]
    fn negative_curvature_is_reported_with_its_direction(sample in indefinite(8..=40, 6.0), seed: u64) {
        let operator = sample.operator::<f64>();
        let params = extreme::Params { seed, ..Default::default() };
        let error = spectrum::positive_definite(&operator, &Array1::zeros(sample.dim()), &params).unwrap_err();
        let definite::Error::Indefinite { direction, curvature } = error else { panic!("{error}") };
        prop_assert!(curvature < 0.0);
        let recomputed = direction.dot(&operator.matrix().dot(&direction)) / direction.dot(&direction);
        prop_assert!(TestRatio::quotient((curvature - recomputed).abs(), sample.norm() * sample.dim() as f64 * f64::EPSILON).passes());
    }

    #[test]
    fn a_singular_operator_is_refused(sample in positive_definite(8..=30, 4.0), seed: u64, zeros in 1..4usize) {
        let mut eigenvalues = sample.eigenvalues;
        eigenvalues.iter_mut().rev().take(zeros).for_each(|l| *l = 0.0);
        let operator = Sample::new(eigenvalues, sample.reflections).operator::<f64>();
        let params = extreme::Params { seed, ..Default::default() };
        let error = spectrum::positive_definite(&operator, &Array1::zeros(operator.dim()), &params).unwrap_err();
        let singular = matches!(error, definite::Error::Singular { .. });
        prop_assert!(singular, "{}", error);
    }

    #[test]
    fn the_step_of_a_contraction_is_checked(sample in positive_definite(8..=30, 4.0), seed: u64, part in 0.1..0.9f64) {
        let params = extreme::Params { seed, gap: 1e-2, ..Default::default() };
        let like = Array1::zeros(sample.dim());
        let operator = sample.operator::<f64>();
        let limit = 2.0 / sample.lambda_max();
        let refused = |step| match spectrum::contraction(&operator, &like, Step::Given(step), &params) {
            Err(definite::Error::Witness(WitnessError::Step { .. })) => true,
            Err(error) => panic!("{error}"),
            Ok(_) => false,
        };
        prop_assert!(!refused(limit * part));
        prop_assert!(refused(limit) && refused(limit / part) && refused(-limit * part) && refused(0.0) && refused(f64::NAN));
        let granted = spectrum::contraction(&operator, &like, Step::Given(limit * part), &params).unwrap();
        let norm = sample.eigenvalues.iter().map(|l| (1.0 - granted.step() * l).abs()).fold(0.0, f64::max);
        prop_assert!(norm <= granted.rate() && granted.rate() < 1.0);
        // Double the operator and the step is too long; halve the step and it is granted again.
        let doubled = Scaled { inner: &operator, factor: 2.0 };
        let step = 1.5 / sample.lambda_max();
        prop_assert!(spectrum::contraction(&operator, &like, Step::Given(step), &params).is_ok());
        let error = spectrum::contraction(&doubled, &like, Step::Given(step), &params).unwrap_err();
        let too_long = matches!(error, definite::Error::Witness(WitnessError::Step { .. }));
        prop_assert!(too_long);
        prop_assert!(spectrum::contraction(&doubled, &like, Step::Given(step / 2.0), &params).is_ok());
    }

    #[test]
    fn power_iteration_finds_the_largest_magnitude(sample in positive_definite(8..=30, 4.0), seed: u64) {
        // Twice the rest and negative: a gap of at least 2.
        let mut eigenvalues = sample.eigenvalues;
        let largest = 2.0 * eigenvalues[0];
        eigenvalues[0] = -largest;
        let operator = Sample::new(eigenvalues.clone(), sample.reflections.clone()).operator::<f64>();
        let params = power::Params { seed, tolerance: 1e-8, iterations: 400 };
        let like = Array1::zeros(operator.dim());
        let found = power::power(&operator, &like, &params).unwrap();
        let slack = TestRatio::PASS * largest * f64::EPSILON * operator.dim() as f64;
        prop_assert!((found.value + largest).abs() <= found.residual + slack);
        // Opposite signs: no limit, and no number pretends to be one.
        eigenvalues[1] = largest;
        let operator = Sample::new(eigenvalues, sample.reflections).operator::<f64>();
        let stuck = matches!(power::power(&operator, &like, &params), Err(power::Error::NotConverged { .. }));
        prop_assert!(stuck);
    }
}

#[test]
fn multiple_eigenvalues_are_no_obstacle() {
    let eigenvalues = [vec![5.0; 6], vec![2.0; 5], vec![1.0; 4], vec![0.5]].concat();
    let operator = fixed(eigenvalues.clone(), 3).operator::<f64>();
    let mut process = Lanczos::start(&operator, &Array1::zeros(16), 7).unwrap();
    // In exact arithmetic the Krylov space of four distinct values is exhausted after four steps.
    for steps in [4, 12] {
        process.extend(&operator, steps).unwrap();
        let ritz = process.ritz();
        let distance =
            |value: f64, to: &mut dyn Iterator<Item = f64>| to.map(|l| (l - value).abs()).fold(f64::INFINITY, f64::min);
        let unit = 5.0 * 16.0 * f64::EPSILON;
        for r in &ritz {
            assert!(TestRatio::quotient(distance(r.value, &mut eigenvalues.iter().copied()), unit).passes());
        }
        for &l in &eigenvalues {
            assert!(TestRatio::quotient(distance(l, &mut ritz.iter().map(|r| r.value)), unit).passes());
        }
    }
    assert!(process.exhausted());
}

#[test]
fn the_rate_is_that_of_the_worse_end() {
    let sample = fixed((0..9).map(|i| 2.0 + f64::from(i) / 8.0).collect(), 4);
    let params = extreme::Params { gap: 1e-3, ..Default::default() };
    let like = Array1::zeros(9);
    for (step, rate) in [(0.1 / 3.0, 1.0 - 0.2 / 3.0), (1.9 / 3.0, 0.9)] {
        let granted = spectrum::contraction(sample.operator::<f64>(), &like, Step::Given(step), &params).unwrap();
        // The bounds are within that gap of the ends, and a step times an end is at most 2.
        assert!(granted.rate() >= rate && granted.rate() <= rate + 2.0 * params.gap, "{} {rate}", granted.rate());
    }
}

#[test]
fn operators_by_construction_are_proved() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let panel = Array2::from_shape_fn((6, 40), |_| rng.random_range(-1.0..1.0));
    let like = Array1::zeros(40);
    let params = extreme::Params::default();
    let fisher = Fisher::new(panel);
    let error = spectrum::positive_definite(&fisher, &like, &params).unwrap_err();
    assert!(matches!(error, definite::Error::Singular { .. }), "{error}");
    let damped = Damped { inner: &fisher, damping: 1e-3 };
    let witness = spectrum::positive_definite(&damped, &like, &params).unwrap();
    assert_eq!((witness.certificate(), witness.lambda_min()), (Certificate::Proved, 1e-3));
    // The Lanczos bound on λ_max is below the trace, so the rate is only probable; with the trace it is proved.
    let granted = spectrum::contraction(&damped, &like, Step::Auto, &params).unwrap();
    assert_eq!(
        (granted.certificate(), granted.definite().certificate()),
        (Certificate::Probabilistic, Certificate::Proved)
    );
    let proved = Contraction::by_construction(witness, 1.0 / damped.norm_bound().unwrap()).unwrap();
    assert_eq!(proved.certificate(), Certificate::Proved);
    assert!(proved.step() < granted.step());
    let closure = Closure::new(40, |x: &Array1<f64>, y: &mut Array1<f64>| damped.apply(x, y));
    assert!(matches!(PositiveDefinite::by_construction(&closure), Err(WitnessError::Unknown)));
}

/// The probability of at least `failures` in `trials` when each fails with `p`.
fn tail(failures: u64, trials: u64, p: f64) -> f64 {
    if failures == 0 { 1.0 } else { 1.0 - Binomial::new(p, trials).unwrap().cdf(failures - 1) }
}

/// A count less likely than this under the stated coverage rejects the statement.
const SIGNIFICANCE: f64 = 1e-5;

#[test]
fn the_probabilistic_bounds_cover_as_stated() {
    const TRIALS: u64 = 2000;
    const STATED: f64 = 0.1;
    let n = 24;
    // An outlier at either end: their components decide, as in the derivation.
    let mut eigenvalues: Vec<f64> = (0..n - 2).map(|i| 1.0 + i as f64 / n as f64).collect();
    eigenvalues.extend([1e-3, 6.0]);
    let sample = fixed(eigenvalues, 11);
    let operator = sample.operator::<f64>();
    let failures = |delta: f64| {
        let fails = |seed| {
            let mut process = Lanczos::start(&operator, &Array1::zeros(n), seed).unwrap();
            // At every look: the statement allows stopping at any of them.
            (0..n).any(|_| {
                process.extend(&operator, 1).unwrap();
                let found = extreme::bounds(&process, &operator, delta);
                found.largest.bound < sample.lambda_max() || found.smallest.bound > sample.lambda_min()
            })
        };
        (0..TRIALS).filter(|&seed| fails(seed)).count() as u64
    };
    let honest = failures(STATED);
    assert!(tail(honest, TRIALS, STATED) > SIGNIFICANCE, "{honest} of {TRIALS} failed");
    // Control: the bounds for twice the failure probability do not pass as bounds for the stated one.
    let bold = failures(2.0 * STATED);
    assert!(tail(bold, TRIALS, STATED) < SIGNIFICANCE, "{bold} of {TRIALS} failed: the check has no power");
    println!("failures of {TRIALS}: {honest} at {STATED}, {bold} at {}", 2.0 * STATED);
}

#[test]
fn the_trace_interval_covers_as_stated() {
    const TRIALS: u64 = 1000;
    let sample = fixed((1..=60).map(|i| f64::from(i) * if i % 5 == 0 { -1.0 } else { 1.0 }).collect(), 2);
    let operator = sample.operator::<f64>();
    let exact: f64 = sample.eigenvalues.iter().sum();
    let misses = |shift: f64| {
        let misses = |seed| {
            let params = trace::Params { samples: 30, confidence: 0.9, seed };
            !trace::trace(&operator, &Array1::zeros(60), &params).unwrap().contains(exact + shift)
        };
        (0..TRIALS).filter(|&seed| misses(seed)).count() as u64
    };
    let missed = misses(0.0);
    // Two-sided: an interval that is too wide is wrong as well.
    assert!(tail(missed, TRIALS, 0.1) > SIGNIFICANCE, "{missed} of {TRIALS} missed");
    assert!(Binomial::new(0.1, TRIALS).unwrap().cdf(missed) > SIGNIFICANCE, "{missed} of {TRIALS} missed");
    // Control: a trace that is off by a seventh of ‖A‖_F, about half a standard error, is missed too often.
    let shift = sample.matrix.iter().map(|x| x * x).sum::<f64>().sqrt() / 7.0;
    let wrong = misses(shift);
    assert!(tail(wrong, TRIALS, 0.1) < SIGNIFICANCE, "{wrong} of {TRIALS} missed: the check has no power");
    println!("missed of {TRIALS}: {missed}, shifted: {wrong}");
}

#[test]
fn the_trace_of_a_diagonal_operator_is_exact() {
    let operator = DenseSymmetric::new(Array2::from_diag(&Array1::from_iter((1..=9).map(f64::from)))).unwrap();
    let found = trace::trace(&operator, &Array1::zeros(9), &trace::Params::default()).unwrap();
    assert_eq!((found.value, found.half_width), (45.0, 0.0));
}

#[test]
fn bad_input_is_refused() {
    let operator = fixed(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 1).operator::<f64>();
    let short = Array1::<f64>::zeros(7);
    let params = extreme::Params::default();
    let error = Lanczos::start(&operator, &short, 0).unwrap_err();
    assert_eq!(error, spectrum::lanczos::Error::Dimension { given: 7, expected: 8 });
    assert!(spectrum::extremes(&operator, &short, Ends::Both, &params).is_err());
    assert!(power::power(&operator, &short, &power::Params::default()).is_err());
    assert!(trace::trace(&operator, &short, &trace::Params::default()).is_err());
    let like = Array1::zeros(8);
    for failure_probability in [0.0, 0.6, f64::NAN] {
        let params = extreme::Params { failure_probability, ..params.clone() };
        assert!(spectrum::extremes(&operator, &like, Ends::Both, &params).is_err());
    }
    assert!(trace::trace(&operator, &like, &trace::Params { samples: 1, ..Default::default() }).is_err());
    let broken = Closure::new(8, |_: &Array1<f64>, y: &mut Array1<f64>| y.fill(f64::NAN));
    assert!(spectrum::extremes(&broken, &like, Ends::Both, &params).is_err());
    assert!(power::power(&broken, &like, &power::Params::default()).is_err());
    assert!(trace::trace(&broken, &like, &trace::Params::default()).is_err());
}

#[test]
fn lanczos_stops_when_the_bounds_asked_for_are_tight() {
    let eigenvalues: Vec<f64> = (1..=100).map(f64::from).chain([1e3]).collect();
    let operator = fixed(eigenvalues, 8).operator::<f64>();
    let like = Array1::zeros(101);
    let steps = |ends, gap| {
        let (found, process) =
            extreme::extremes(&operator, &like, ends, &extreme::Params { gap, ..Default::default() }).unwrap();
        assert!((found.largest.bound - found.largest.ritz).abs() <= gap * found.largest.ritz.abs());
        let tight = (found.smallest.bound - found.smallest.ritz).abs() <= gap * found.smallest.ritz.abs();
        assert!(tight || ends == Ends::Largest);
        process.steps()
    };
    // The outlier is found in a few steps, the small end in many, a rough bound before a near one: and each before the space is exhausted.
    let [rough, near, both] = [steps(Ends::Largest, 0.1), steps(Ends::Largest, 1e-6), steps(Ends::Both, 0.1)];
    assert!(rough < near && rough < both && near < 101 && both < 101, "{rough} {near} {both}");
}

#[test]
fn no_more_steps_are_taken_than_allowed() {
    let operator = fixed((1..=40).map(f64::from).collect(), 7).operator::<f64>();
    for max_steps in [1, 4, 5, 6, 11] {
        let params = extreme::Params { gap: f64::MIN_POSITIVE, max_steps, ..Default::default() };
        let (_, process) = extreme::extremes(&operator, &Array1::zeros(40), Ends::Both, &params).unwrap();
        assert_eq!(process.steps(), max_steps);
    }
}

/// Where the operator knows its own norm at least as well as Lanczos does, the bound is proved: of one row $g$ the trace is the norm.
#[test]
fn a_norm_that_is_known_is_proved_and_a_trace_of_many_is_not() {
    for (rows, certificate) in [(1, Certificate::Proved), (6, Certificate::Probabilistic)] {
        let panel = Array2::from_shape_fn((rows, 9), |(i, j)| f64::from((3 * i + 2 * j) as u32 % 7) - 2.0);
        let operator = Damped { inner: Fisher::new(panel), damping: 0.5 };
        let (like, params) = (Array1::<f64>::zeros(9), extreme::Params { gap: 1e-3, ..Default::default() });
        let found = definite::contraction(&operator, &like, Step::Auto, &params).unwrap();
        assert_eq!(found.certificate(), certificate, "{rows}");
    }
}

/// A lower bound of zero is none: a Fisher of more rows than weights is positive definite all the same, and Lanczos sees it.
#[test]
fn an_operator_that_knows_no_more_than_that_it_is_positive_is_looked_at() {
    let panel = Array2::from_shape_fn((12, 4), |(i, j)| if i % 4 == j { 1.0 + j as f64 } else { 0.25 });
    let operator = Fisher::new(panel);
    assert_eq!(operator.lower_bound(), Some(0.0));
    let params = extreme::Params::default();
    let found = definite::contraction(&operator, &Array1::<f64>::zeros(4), Step::Auto, &params).unwrap();
    assert_eq!(found.certificate(), Certificate::Probabilistic);
}

/// Where one over the norm of what is left is no number, the space is taken to be complete.
#[test]
fn an_operator_near_the_smallest_number_ends_the_process() {
    let operator = DenseSymmetric::new(Array2::from_diag(&Array1::from(vec![1.0, 2.0, 3.0])) * 1e-310).unwrap();
    let mut process = Lanczos::start(&operator, &Array1::<f64>::zeros(3), 5).unwrap();
    process.extend(&operator, 3).unwrap();
    assert!(process.exhausted() && process.steps() == 1);
}

#[test]
fn a_trace_wants_two_samples_and_a_confidence_between_zero_and_one() {
    let operator = DenseSymmetric::new(Array2::<f64>::eye(3)).unwrap();
    let of = |params| trace::trace(&operator, &Array1::zeros(3), &params);
    let given = trace::Params::default();
    assert!(of(trace::Params { samples: 1, ..given }).is_err() && of(trace::Params { samples: 2, ..given }).is_ok());
    for confidence in [0.0, 1.0, f64::NAN] {
        assert!(of(trace::Params { confidence, ..given }).is_err(), "{confidence}");
    }
}

#[test]
fn the_product_that_is_not_finite_is_named() {
    let products = std::cell::Cell::new(0);
    let broken = Closure::new(9, |x: &Array1<f64>, y: &mut Array1<f64>| {
        products.set(products.get() + 1);
        let spoiled = if products.get() == 3 { f64::INFINITY } else { 0.0 };
        y.iter_mut().zip(x).enumerate().for_each(|(i, (y, x))| *y = (1 + i) as f64 * x + spoiled);
    });
    let mut process = Lanczos::start(&broken, &Array1::zeros(9), 1).unwrap();
    let error = process.extend(&broken, 5).unwrap_err();
    assert!(matches!(error, spectrum::lanczos::Error::NotFinite { step: 3 }), "{error}");
}

/// A reflection along nothing is none.
#[test]
fn a_sample_without_directions_is_diagonal() {
    let sample = Sample::new(vec![1.0, -2.0, 3.0], vec![Array1::zeros(3)]);
    assert_eq!(sample.matrix, Array2::from_diag(&Array1::from(vec![1.0, -2.0, 3.0])));
}
