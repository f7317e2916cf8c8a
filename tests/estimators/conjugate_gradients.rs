//! Conjugate gradient, single and block: what both must satisfy.

use nasproof::{
    ihvp::{Certificate, Status, Stop, cg},
    linalg::{
        DenseSymmetric, TestRatio, Vector,
        samples::{Sample, indefinite, system},
    },
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    common::{cast, difficult, judge, solvers, to, witnessed},
    oracle,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn conjugate_gradients_agree_with_the_oracle((sample, columns) in system(8..=40, 6.0, 3)) {
        let operator = sample.operator::<f64>();
        let vs = difficult(&columns, 1e-300, 1e300);
        let bound = witnessed(&operator);
        // Attainable at κ = 1e6: ε κ n is 1e-8 at worst.
        for (name, solve) in solvers() {
            for tolerance in [1e-3, 1e-8] {
                let solution = solve(&operator, &vs, Some(bound), &to(tolerance)).map_err(|e| TestCaseError::fail(format!("{name}: {e}")))?;
                judge(&operator, sample.condition(), &vs, &solution, tolerance)?;
                prop_assert_eq!(solution.status, Status::Converged);
                prop_assert_eq!(solution.reports[0].certificate, Certificate::Proved);
                prop_assert!(solution.reports.iter().all(|r| r.error_bound.is_some() && r.trace.len() == r.iterations));
            }
        }
    }

    #[test]
    fn conjugate_gradients_agree_in_single_precision((sample, columns) in system(8..=40, 2.0, 3)) {
        let operator = sample.operator::<f32>();
        let vs: Vec<Array1<f32>> = difficult(&columns, 1e-37, 1e33).iter().map(cast).collect();
        let bound = witnessed(&operator);
        // Attainable at κ = 100: ε κ n is 5e-4 at worst.
        let tolerance = 1e-3;
        for (name, solve) in solvers() {
            let solution = solve(&operator, &vs, Some(bound), &to(tolerance)).map_err(|e| TestCaseError::fail(format!("{name}: {e}")))?;
            judge(&operator, sample.condition(), &vs, &solution, tolerance)?;
        }
    }

    /// Every power of two commutes with a solve, to the last bit.
    #[test]
    fn scaling_a_column_scales_its_solution((sample, columns) in system(8..=16, 4.0, 1), power in -900..900i32) {
        let operator = sample.operator::<f64>();
        let half = 2f64.powi(power / 2);
        let scaled = [&columns[0] * half * half];
        for (_, solve) in solvers() {
            let plain = solve(&operator, &columns, None, &to(1e-6)).unwrap();
            let other = solve(&operator, &scaled, None, &to(1e-6)).unwrap();
            prop_assert_eq!(&plain.columns[0] * half * half, other.columns[0].clone());
            prop_assert_eq!(&plain.reports[0].trace, &other.reports[0].trace);
        }
    }

    /// And every power of four with the operator, roots of curvatures being taken: nothing is judged by a size of its own.
    #[test]
    fn scaling_the_operator_scales_the_solution_back((sample, columns) in system(8..=16, 4.0, 2), power in -150..150i32) {
        let (operator, scale) = (sample.operator::<f64>(), 4f64.powi(power));
        let scaled = DenseSymmetric::new(&sample.matrix * scale).unwrap();
        for (name, solve) in solvers() {
            let plain = solve(&operator, &columns, None, &to(1e-6)).unwrap();
            let other = solve(&scaled, &columns, None, &to(1e-6)).map_err(|e| TestCaseError::fail(format!("{name}: {e}")))?;
            for j in 0..2 {
                prop_assert_eq!(&plain.columns[j] / scale, other.columns[j].clone());
                prop_assert_eq!(&plain.reports[j].trace, &other.reports[j].trace);
            }
        }
    }

    /// In exact arithmetic K steps minimise the A-norm of the error over the Krylov space; the oracle does so by normal equations.
    #[test]
    fn a_truncation_is_the_best_in_its_krylov_space((sample, columns) in system(8..=24, 2.0, 1), last in 1..6usize) {
        let operator = sample.operator::<f64>();
        let (a, v) = (&sample.matrix, &columns[0]);
        let mut basis: Vec<Array1<f64>> = Vec::new();
        let mut next = v.clone();
        for _ in 0..last {
            for _ in 0..2 {
                for q in &basis {
                    next = &next - &(q * q.dot(&next));
                }
            }
            next /= next.norm();
            basis.push(next.clone());
            next = a.dot(&next);
        }
        let small = Array2::from_shape_fn((last, last), |(i, j)| basis[i].dot(&a.dot(&basis[j])));
        let c = oracle::solve(&small, &basis.iter().map(|q| q.dot(v)).collect());
        let best = basis.iter().zip(&c).fold(Array1::zeros(v.len()), |x: Array1<f64>, (q, &c)| x + q * c);
        for (_, solve) in solvers() {
            let solution = solve(&operator, &columns, None, &cg::Params { stop: Stop::terms(last) }).unwrap();
            prop_assert_eq!((solution.status, solution.iterations), (Status::Budget, last));
            let ratio = TestRatio::forward(&solution.columns[0], &best, sample.condition());
            prop_assert!(ratio.passes(), "{}", ratio);
            prop_assert_eq!(solution.reports[0].certificate, Certificate::Heuristic);
            prop_assert!(solution.reports[0].error_bound.is_none());
        }
    }

    #[test]
    fn negative_curvature_is_named(sample in indefinite(8..=30, 4.0), seed: u64) {
        let operator = sample.operator::<f64>();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let vs: Vec<Array1<f64>> = (0..3).map(|_| Array1::zeros(sample.dim()).gaussian_like(&mut rng)).collect();
        for (name, solve) in solvers() {
            match solve(&operator, &vs, None, &to(1e-10)) {
                Err(cg::Error::Indefinite { direction, curvature, .. }) => {
                    let recomputed = direction.dot(&sample.matrix.dot(&direction)) / direction.dot(&direction);
                    let unit = sample.norm() * sample.dim() as f64 * f64::EPSILON;
                    prop_assert!(curvature < 0.0 && TestRatio::quotient((curvature - recomputed).abs(), unit).passes(), "{}", name);
                }
                other => prop_assert!(false, "{}: {:?}", name, other.map(|s| s.reports)),
            }
        }
    }

    #[test]
    fn a_singular_system_is_refused((sample, columns) in system(8..=30, 4.0, 3), zeros in 1..4usize) {
        let mut eigenvalues = sample.eigenvalues;
        eigenvalues.iter_mut().rev().take(zeros).for_each(|l| *l = 0.0);
        let operator = Sample::new(eigenvalues, sample.reflections).operator::<f64>();
        for (name, solve) in solvers() {
            let error = solve(&operator, &columns, None, &to(1e-10)).err();
            let refused = matches!(error, Some(cg::Error::Singular { .. } | cg::Error::Stagnated { .. } | cg::Error::Indefinite { .. }));
            prop_assert!(refused, "{}: {:?}", name, error);
            if let Some(cg::Error::Indefinite { curvature, .. }) = error {
                prop_assert!(false, "{}: rounding was taken for negative curvature {}", name, curvature);
            }
        }
    }
}
