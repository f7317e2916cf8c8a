//! The identity and the diagonal as inverses, and the diagonals of operators.

use nasproof::{
    ihvp::{Certificate, Status, diagonal, exact, identity},
    linalg::{Damped, DenseSymmetric, Diagonal, Fisher, Scaled, Sum, TestRatio, Vector, dense, samples},
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

use super::{oracle::solve as eliminate, panels::streamed};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_baselines_are_what_they_say((sample, vs) in samples::system(8..=24, 6.0, 3)) {
        let h = sample.operator::<f64>();
        let n = sample.dim() as f64;
        let params = identity::Params::mean_eigenvalue(&h).unwrap();
        let mean = sample.eigenvalues.iter().sum::<f64>() / n;
        prop_assert!(TestRatio::quotient((params.step * mean - 1.0).abs(), n * n * f64::EPSILON).passes());
        let scaled = identity::solve(&h, &vs, None, &params).unwrap();
        let diagonal = diagonal::solve(&h, &vs, None, &diagonal::Params).unwrap();
        for (j, v) in vs.iter().enumerate() {
            prop_assert_eq!(&scaled.columns[j], &(v * params.step));
            prop_assert_eq!(&diagonal.columns[j], &(v / &sample.matrix.diag()));
            for solution in [&scaled, &diagonal] {
                let residual = (v - &sample.matrix.dot(&solution.columns[j])).norm();
                let size = (h.frobenius() * solution.columns[j].norm() + v.norm()) * n * f64::EPSILON;
                prop_assert!(TestRatio::quotient((residual - solution.reports[j].residual).abs(), size).passes());
                prop_assert_eq!(solution.status, Status::Budget);
                prop_assert_eq!(solution.reports[j].certificate, Certificate::Heuristic);
            }
        }
        // With a bound earned from the factorisation their errors are bounded, and the bound holds.
        let bound = exact::spectrum(&h, &exact::Params::default()).unwrap().bound;
        let diagonal = diagonal::solve(&h, &vs, Some(bound), &diagonal::Params).unwrap();
        for (j, v) in vs.iter().enumerate() {
            let error = (&diagonal.columns[j] - &eliminate(&sample.matrix, v)).norm();
            prop_assert!(error <= diagonal.reports[j].error_bound.unwrap() * (1.0 + 1e6 * n * f64::EPSILON));
        }
    }
}

#[test]
fn diagonals_are_those_of_the_dense_matrices() {
    let panel = Array2::from_shape_fn((9, 12), |(i, j)| ((i * 7 + j * 5) % 11) as f64 - 4.5);
    let h = DenseSymmetric::forced(Array2::from_shape_fn((12, 12), |(i, j)| (i * j % 7) as f64)).unwrap();
    let like = Array1::<f64>::zeros(12);
    fn check<A: Diagonal<Vector = Array1<f64>>>(operator: &A, like: &Array1<f64>) {
        let matrix = dense(operator, like);
        let (expected, trace) = (matrix.diag().to_owned(), matrix.diag().sum());
        assert!(TestRatio::forward(&operator.diagonal(), &expected, 1.0).passes());
        assert!(TestRatio::identity(operator.trace(), trace, expected.iter().map(|x| x.abs()).sum(), 12).passes());
    }
    check(&h, &like);
    check(&Fisher::new(&panel), &like);
    check(&Fisher::new(streamed(&panel)), &like);
    check(&Damped { inner: Fisher::new(&panel), damping: 0.5 }, &like);
    check(&Scaled { inner: &h, factor: -3.0 }, &like);
    check(&Sum(&h, Fisher::new(panel.clone())), &like);
}

/// Entries of both signs, powers of two, so that every quotient is exact.
#[test]
fn the_diagonal_inverts_a_diagonal_matrix_of_either_sign() {
    let entries = Array1::from_shape_fn(8, |i| 2f64.powi(i as i32 - 3) * if i % 3 == 1 { -1.0 } else { 1.0 });
    let h = DenseSymmetric::new(Array2::from_diag(&entries)).unwrap();
    let v = Array1::from_shape_fn(8, |i| i as f64 - 3.0);
    let solution = diagonal::solve(&h, std::slice::from_ref(&v), None, &diagonal::Params).unwrap();
    assert_eq!(solution.columns[0], &v / &entries);
    assert_eq!(solution.reports[0].residual, 0.0);
}
