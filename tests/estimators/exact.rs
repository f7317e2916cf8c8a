//! Dense systems solved from a factorisation.

use nasproof::{
    ihvp::{
        Certificate,
        exact::{self, Backend, Factorisation, Inertia},
    },
    linalg::{Damped, DenseSymmetric, Scalar, TestRatio, Vector, samples},
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

use super::oracle::solve as eliminate;

pub const BACKENDS: &[Backend] = &[
    Backend::Nalgebra,
    #[cfg(feature = "lapack")]
    Backend::Lapack,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn exact_solves_definite_systems((sample, vs) in samples::system(8..=24, 6.0, 3), damping in prop_oneof![Just(0.0), 0.0..1.0f64]) {
        let h = sample.operator::<f64>();
        let a = sample.matrix.clone() + Array2::<f64>::eye(sample.dim()) * damping;
        let condition = (sample.norm() + damping) / (sample.lambda_min() + damping);
        for &backend in BACKENDS {
            let params = exact::Params { damping, backend, ..Default::default() };
            let factorisation = Factorisation::new(&h, &params).unwrap();
            prop_assert_eq!(factorisation.inertia(), Inertia { positive: sample.dim(), negative: 0, zero: 0 });
            let bound = factorisation.certificate().unwrap();
            let unit = sample.dim() as f64 * f64::EPSILON * sample.norm();
            prop_assert!(bound.lambda_min() <= sample.lambda_min() + damping + unit);
            prop_assert!(bound.lambda_min() >= 0.2 * (sample.lambda_min() + damping));
            let solution = factorisation.solve(&vs, Some(bound)).unwrap();
            check_exact(&solution, &a, &vs, condition)?;
        }
    }

    #[test]
    fn exact_solves_indefinite_systems(
        (sample, vs) in samples::indefinite(8..=24, 6.0).prop_flat_map(|s| { let n = s.dim(); (Just(s), samples::columns(n, 3)) })
    ) {
        let h = sample.operator::<f64>();
        let negative = sample.eigenvalues.iter().filter(|l| **l < 0.0).count();
        for &backend in BACKENDS {
            let params = exact::Params { backend, ..Default::default() };
            let (solution, inertia) = exact::solve(&h, &vs, &params).unwrap();
            prop_assert_eq!(inertia, Inertia { positive: sample.dim() - negative, negative, zero: 0 });
            check_exact(&solution, &sample.matrix, &vs, sample.condition())?;
            let refused = exact::positive_definite(Damped { inner: &h, damping: 0.0 }, &params);
            prop_assert_eq!(refused.unwrap_err(), exact::Error::Indefinite(inertia));
            // Enough damping makes it definite, and the witness says by how much.
            let damping = 2.0 * sample.norm();
            let witness = exact::positive_definite(Damped { inner: &h, damping }, &params).unwrap();
            prop_assert_eq!(witness.certificate(), Certificate::Proved);
            let unit = sample.dim() as f64 * f64::EPSILON * 3.0 * sample.norm();
            prop_assert!(witness.lambda_min() <= damping + sample.lambda_min() + unit);
            prop_assert!(witness.lambda_min() >= 0.2 * sample.norm());
        }
    }

    #[test]
    fn a_singular_matrix_is_refused(sample in samples::indefinite(8..=24, 6.0), zeros in 1..=3usize) {
        let n = sample.dim();
        let mut eigenvalues = sample.eigenvalues.clone();
        let chosen = [3, 4, 5];
        chosen[..zeros].iter().for_each(|&i| eigenvalues[i] = 0.0);
        // A zero as rounding makes it is small beside the largest eigenvalue, but the others must not be.
        let h = samples::Sample::new(eigenvalues, sample.reflections.clone()).operator::<f64>();
        for &backend in BACKENDS {
            match Factorisation::new(&h, &exact::Params { backend, ..Default::default() }) {
                Err(exact::Error::Singular { inertia, smallest, threshold }) => {
                    prop_assert_eq!(inertia.zero, zeros);
                    prop_assert_eq!(inertia.positive + inertia.negative, n - zeros);
                    prop_assert!(smallest.abs() <= threshold);
                }
                other => prop_assert!(false, "{:?}", other.err()),
            }
        }
    }
}

/// The test ratio of the solve, that of the forward error against elimination, and the report.
fn check_exact(
    solution: &nasproof::ihvp::Solution<Array1<f64>>,
    a: &Array2<f64>,
    vs: &[Array1<f64>],
    condition: f64,
) -> Result<(), TestCaseError> {
    let norm = a.iter().map(|a| a * a).sum::<f64>().sqrt();
    prop_assert_eq!(solution.certificate(), Certificate::Proved);
    for ((x, v), report) in solution.columns.iter().zip(vs).zip(&solution.reports) {
        let residual = (v - &a.dot(x)).norm();
        let ratio = TestRatio::solve(residual, norm, x, v);
        prop_assert!(ratio.passes(), "residual {ratio}");
        let oracle = eliminate(a, v);
        let ratio = TestRatio::forward(x, &oracle, condition);
        prop_assert!(ratio.passes(), "forward {ratio}");
        prop_assert!(report.relative_residual <= exact::Params::default().tolerance);
        prop_assert!(report.error_bound.unwrap() >= report.residual / norm);
    }
    Ok(())
}

/// LAPACK and nalgebra agree to the rounding of an ill-conditioned solve.
#[cfg(feature = "lapack")]
mod lapack {
    use super::*;

    proptest! {
        #[test]
        fn the_backends_agree(
            (sample, vs) in samples::indefinite(8..=60, 6.0).prop_flat_map(|s| { let n = s.dim(); (Just(s), samples::columns(n, 2)) }),
            definite in any::<bool>()
        ) {
            let eigenvalues = sample.eigenvalues.iter().map(|l| if definite { l.abs() } else { *l }).collect();
            let sample = samples::Sample::new(eigenvalues, sample.reflections);
            let h = sample.operator::<f64>();
            let solve = |backend| exact::solve(&h, &vs, &exact::Params { backend, ..Default::default() }).unwrap();
            let ((ours, inertia), (theirs, other)) = (solve(Backend::Nalgebra), solve(Backend::Lapack));
            prop_assert_eq!(inertia, other);
            for (x, y) in ours.columns.iter().zip(&theirs.columns) {
                prop_assert!(TestRatio::forward(x, y, sample.condition()).passes());
            }
        }
    }
}

/// Generic callers need no bound beyond [`Scalar`].
#[test]
fn the_precision_is_the_callers() {
    fn run<S: Scalar>() -> f64 {
        // Powers of four: the roots that Cholesky takes are exact, and so is the answer.
        let diagonal = Array1::from_shape_fn(8, |i| S::of(4f64.powi(i as i32)));
        let h = DenseSymmetric::<S>::forced(Array2::from_diag(&diagonal)).unwrap();
        let v = vec![Array1::from_elem(8, S::one())];
        let params = exact::Params { tolerance: 1e-6, ..Default::default() };
        exact::solve(&h, &v, &params).unwrap().0.columns[0][7].as_f64()
    }
    assert_eq!((run::<f64>(), run::<f32>()), (4f64.powi(-7), 4f64.powi(-7)));
}
