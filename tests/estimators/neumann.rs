//! The Neumann series, and what betrays an operator that breaks its hypotheses.

use nasproof::{
    ihvp::{Certificate, Status, Stop, neumann},
    linalg::{
        Contraction, DenseSymmetric, LinearOperator, PositiveDefinite, Scaled, TestRatio, Vector,
        samples::{Sample, indefinite, system},
    },
    spectrum::{self, Step, definite, extreme},
};
use ndarray::Array1;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    common::{cast, contracted, difficult, judge},
    oracle,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_neumann_sum_is_lemma_1((sample, columns) in system(8..=24, 3.0, 3), part in 0.05..0.95f64, last in 0..40usize) {
        let operator = sample.operator::<f64>();
        let contraction = contracted(&operator, Step::Given(2.0 * part / sample.lambda_max())).unwrap();
        let vs = difficult(&columns, 1e-300, 1e300);
        let params = neumann::Params { stop: Stop::terms(last) };
        let solution = neumann::solve(&contraction, &vs, &params).unwrap();
        prop_assert_eq!((solution.status, solution.step), (Status::Budget, Some(contraction.step())));
        for ((x, v), report) in solution.columns.iter().zip(&vs).zip(&solution.reports) {
            if v.max_abs() == 0.0 {
                prop_assert!(x.max_abs() == 0.0);
                continue;
            }
            prop_assert_eq!((report.iterations, report.trace.len()), (last, last + 1));
            let size = 1.0 / v.max_abs();
            let expected = oracle::neumann(&sample.matrix, &(v * size), contraction.step(), last);
            // K + 1 summands, none longer than γ‖v‖.
            let terms = (last + 1) as f64 * contraction.step() * (v * size).norm();
            let ratio = TestRatio::quotient((&(x * size) - &expected).norm(), terms * sample.dim() as f64 * f64::EPSILON);
            prop_assert!(ratio.passes(), "{}", ratio);
            // The remainder: each residual within the proved rate, up to the rounding of the residual.
            let slack = 1.0 + TestRatio::PASS * sample.dim() as f64 * f64::EPSILON;
            for (k, residual) in report.trace.iter().enumerate() {
                prop_assert!(*residual <= contraction.rate().powi(k as i32 + 1) * slack + slack - 1.0);
            }
            let error = (&(x * size) - &oracle::solve(&sample.matrix, &(v * size))).norm();
            let oracle = TestRatio::PASS * sample.dim() as f64 * f64::EPSILON * sample.condition() * error;
            prop_assert!(error <= report.error_bound.unwrap() * size + oracle);
            prop_assert_eq!(report.certificate, Certificate::Probabilistic);
        }
    }

    #[test]
    fn neumann_reaches_its_tolerance_as_derived((sample, columns) in system(8..=24, 2.5, 3), small in any::<bool>()) {
        let vs = difficult(&columns, 1e-300, 1e300);
        let operator = sample.operator::<f64>();
        let contraction = contracted(&operator, Step::Auto).unwrap();
        let tolerance = if small { 1e-10 } else { 1e-3 };
        let params = neumann::Params { stop: Stop::tolerance(tolerance) };
        let solution = neumann::solve(&contraction, &vs, &params).unwrap();
        judge(&operator, sample.condition(), &vs, &solution, tolerance)?;
        let derived = neumann::terms_for(contraction.gap(), tolerance) as usize;
        prop_assert!(solution.iterations <= derived + 1, "{} {}", solution.iterations, derived);
        // The eigenvector of λ_min decays as slowly as the rate allows: one term fewer and the tolerance is not certain.
        let summands = derived as f64 + 1.0;
        // The rate is rounded, and raised to that power.
        let slack = TestRatio::PASS * summands * f64::EPSILON;
        prop_assert!(contraction.rate().powf(summands) <= tolerance * (1.0 + slack));
        prop_assert!(contraction.rate().powf(summands - 1.0) > tolerance * (1.0 - slack));
        // And in single precision, where the tolerance is attainable.
        let single = sample.operator::<f32>();
        let like = Array1::<f32>::zeros(sample.dim());
        let contraction = spectrum::contraction(&single, &like, Step::Auto, &extreme::Params::default());
        if let Ok(contraction) = contraction {
            let vs: Vec<Array1<f32>> = difficult(&columns, 1e-37, 1e33).iter().map(cast).collect();
            let params = neumann::Params { stop: Stop::tolerance(1e-3) };
            let solution = neumann::solve(&contraction, &vs, &params).unwrap();
            judge(&single, sample.condition(), &vs, &solution, 1e-3)?;
        }
    }

    #[test]
    fn broken_hypotheses_break((sample, columns) in system(8..=24, 3.0, 1)) {
        let operator = sample.operator::<f64>();
        let step = 1.5 / sample.lambda_max();
        prop_assert!(contracted(&operator, Step::Given(step)).is_ok());
        let doubled = Scaled { inner: &operator, factor: 2.0 };
        prop_assert!(contracted(&doubled, Step::Given(step)).is_err());
        let halved = Scaled { inner: &doubled, factor: 0.5 };
        let contraction = contracted(&halved, Step::Given(step)).unwrap();
        let params = neumann::Params { stop: Stop::tolerance(1e-6) };
        let solution = neumann::solve(&contraction, &columns, &params).unwrap();
        judge(&operator, sample.condition(), &columns, &solution, 1e-6)?;

        // An operator that claims half its norm slips past the witness. The terms betray it.
        let liar = Liar { inner: &doubled, lower: sample.lambda_min(), norm: sample.lambda_max() };
        let definite = PositiveDefinite::by_construction(&liar).unwrap();
        let contraction = Contraction::by_construction(definite, step).unwrap();
        match neumann::solve(&contraction, &columns, &neumann::Params { stop: Stop::terms(2000) }) {
            Err(neumann::Error::Diverged { ratio, quotient, .. }) => {
                // ‖I − γ·2A‖ ≤ 2·1.5 − 1, and a Rayleigh quotient of 2A.
                let slack = 1.0 + TestRatio::PASS * sample.dim() as f64 * f64::EPSILON;
                prop_assert!(ratio > 1.0 && ratio <= 2.0 * slack, "{}", ratio);
                prop_assert!(quotient > 0.0 && quotient <= 2.0 * sample.lambda_max() * slack);
            }
            other => prop_assert!(false, "{:?}", other.map(|s| s.reports)),
        }
    }

    #[test]
    fn an_indefinite_operator_betrays_itself(sample in indefinite(8..=24, 3.0), seed: u64) {
        let operator = sample.operator::<f64>();
        let error = contracted(&operator, Step::Auto).err();
        let refused = matches!(error, Some(definite::Error::Indefinite { .. }));
        prop_assert!(refused);
        let liar = Liar { inner: &operator, lower: 0.1, norm: operator.frobenius() };
        let definite = PositiveDefinite::by_construction(&liar).unwrap();
        let contraction = Contraction::by_construction(definite, 1.0 / operator.frobenius()).unwrap();
        let v = [Array1::zeros(sample.dim()).gaussian_like(&mut ChaCha8Rng::seed_from_u64(seed))];
        let outcome = neumann::solve(&contraction, &v, &neumann::Params { stop: Stop::terms(200_000) });
        let diverged = matches!(outcome, Err(neumann::Error::Diverged { .. }));
        prop_assert!(diverged);
    }
}

/// An operator whose bounds are not true.
struct Liar<A> {
    inner: A,
    lower: f64,
    norm: f64,
}

impl<A: LinearOperator> LinearOperator for Liar<A> {
    type Vector = A::Vector;
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        self.inner.apply(x, y);
    }
    fn lower_bound(&self) -> Option<f64> {
        Some(self.lower)
    }
    fn norm_bound(&self) -> Option<f64> {
        Some(self.norm)
    }
}

/// Condition number $10^5$, of which the Neumann series needs 2.3 million terms to 1e-10.
fn slow() -> (Contraction<DenseSymmetric<f64>>, Array1<f64>) {
    decades(5)
}

/// Two eigenvalues at every decade from 1 to $10^{-\text{last}}$.
fn decades(last: i32) -> (Contraction<DenseSymmetric<f64>>, Array1<f64>) {
    let eigenvalues: Vec<f64> = (0..2 * (last + 1)).map(|i| 10f64.powi(-i / 2)).collect();
    let n = eigenvalues.len();
    let sample = Sample::new(eigenvalues, vec![Array1::from_iter((1..=n).map(|i| i as f64))]);
    (contracted(sample.operator::<f64>(), Step::Auto).unwrap(), Array1::ones(n))
}

#[test]
fn neumann_says_how_many_terms_it_would_need() {
    let (contraction, v) = slow();
    let tolerance = Stop::tolerance(1e-10);
    let solve = |stop| neumann::solve(&contraction, std::slice::from_ref(&v), &neumann::Params { stop });
    match solve(tolerance) {
        // ln τ / ln(1 − λ_min/λ_max) = 23.03e5 for κ = 1e5.
        Err(neumann::Error::Terms { needed, budget: Stop::PRODUCTS, columns: 1, .. }) => {
            assert!((2.29e6..2.33e6).contains(&(needed as f64)), "{needed}");
        }
        other => panic!("{:?}", other.map(|s| s.reports)),
    }
    let unreached = solve(Stop { terms: Some(100), ..tolerance });
    assert!(matches!(unreached, Err(neumann::Error::Budget { terms: 100, .. })));
}

#[test]
fn neumann_converges_in_the_terms_it_named() {
    let (contraction, v) = decades(4);
    let stop = Stop::tolerance(1e-10);
    let named = neumann::terms_for(contraction.gap(), 1e-10) as usize;
    let solution = neumann::solve(&contraction, &[v], &neumann::Params { stop }).unwrap();
    // The part of v along the slowest eigenvector, a twelfth of it at least, needs no more than ln 12 of ln 1e10 fewer; and rounding may leave the
    // sum just above the tolerance, when a quarter of that is aimed at once more.
    let more = neumann::terms_for(contraction.gap(), 0.25) as usize;
    assert!((named * 7 / 8..=named + more).contains(&solution.iterations), "{} of {named}", solution.iterations);
}

#[test]
fn what_an_error_says_was_attained_is_the_residual_of_the_truncated_sum() {
    let (contraction, v) = slow();
    let solve = |stop| neumann::solve(&contraction, std::slice::from_ref(&v), &neumann::Params { stop });
    let truncated = solve(Stop::terms(100)).unwrap();
    let Err(neumann::Error::Budget { column: 0, attained, terms: 100, tolerance: 1e-10 }) =
        solve(Stop { terms: Some(100), ..Stop::tolerance(1e-10) })
    else {
        panic!("it is far from there")
    };
    // A product with x, no longer than 101 γ‖v‖, less v.
    let expected = truncated.reports[0].relative_residual;
    assert!(TestRatio::identity(attained, expected, 101.0, v.len()).passes(), "{attained} {expected}");
}
