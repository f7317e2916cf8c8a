//! Exact solves at both ends of the range, and their bounds against solutions that are exact.

use nasproof::{
    ihvp::{
        Certificate, exact,
        sherman_morrison::ShermanMorrison,
        woodbury::{Params, Woodbury},
    },
    linalg::{DenseSymmetric, Fisher, TestRatio, Vector},
};
use ndarray::{Array1, Array2};

use super::{exact::BACKENDS, oracle::solve as eliminate};

/// Entries at both ends of the range of doubles.
#[test]
fn matrices_of_every_size() {
    let base = Array2::from_shape_fn((9, 9), |(i, j)| if i == j { 4.0 + i as f64 } else { 1.0 / (1 + i + j) as f64 });
    let v = Array1::from_shape_fn(9, |i| 1.0 + i as f64);
    for flip in [1.0, -1.0] {
        let mut base = base.clone();
        base[(8, 8)] *= flip;
        let reference = eliminate(&base, &v);
        for power in [-900, -300, 0, 300, 900] {
            for &backend in BACKENDS {
                let h = DenseSymmetric::new(base.mapv(|x| x * 2f64.powi(power))).unwrap();
                let params = exact::Params { backend, ..Default::default() };
                let (solution, _) = exact::solve(&h, std::slice::from_ref(&v), &params).unwrap();
                let x = solution.columns[0].mapv(|x| x * 2f64.powi(power));
                assert!(TestRatio::forward(&x, &reference, 10.0).passes(), "2^{power}");
                assert_eq!(solution.certificate(), Certificate::Proved, "2^{power}");
            }
        }
    }
}

/// The whole chain against an exact solution: $A=Q\Lambda Q^\top$ with $Q$ a signed Hadamard matrix over 4 and integer $z$, so that $v=Az$ is exact.
#[test]
fn the_error_bound_holds_against_exact_solutions() {
    let sign = |i: usize, j: usize| if (i & j).count_ones().is_multiple_of(2) { 0.25 } else { -0.25 };
    let mut tight = f64::INFINITY;
    for least in [3, 10, 20, 30, 38] {
        for negative in [0, 5] {
            let value = |k: usize| 2f64.powi(-(least * (k as i32 % 4) / 3)) * if k < negative { -1.0 } else { 1.0 };
            let a = Array2::from_shape_fn((16, 16), |(i, j)| {
                (0..16).map(|k| sign(i, k) * value(k) * sign(j, k)).sum::<f64>()
            });
            let z = Array1::from_shape_fn(16, |i| ((i * 7) % 5) as f64 - 2.0);
            let v = a.dot(&z);
            let h = DenseSymmetric::new(a).unwrap();
            for &backend in BACKENDS {
                // κ up to 2^38: storing x alone leaves about κ ε of v.
                let params = exact::Params { backend, tolerance: 1e-3, ..Default::default() };
                let (solution, _) = exact::solve(&h, std::slice::from_ref(&v), &params).unwrap();
                let error = (&solution.columns[0] - &z).norm();
                let bound = solution.reports[0].error_bound.unwrap();
                assert_eq!(solution.certificate(), Certificate::Proved);
                assert!(error <= bound, "2^-{least}: {error:e} > {bound:e}");
                tight = tight.min(bound / error);
            }
        }
    }
    assert!(tight < 1e4, "the bound is never within {tight:e} of the error");
}

#[test]
fn single_precision_solutions_are_judged_in_double() {
    let h = DenseSymmetric::forced(Array2::from_shape_fn((9, 9), |(i, j)| {
        if i == j { 4.0 + i as f32 } else { 1.0 / (1 + i + j) as f32 }
    }))
    .unwrap();
    let v = Array1::from_shape_fn(9, |i| 1.0 + i as f32);
    let tolerance = 30.0 * 9.0 * f64::from(f32::EPSILON);
    let (solution, _) =
        exact::solve(&h, std::slice::from_ref(&v), &exact::Params { tolerance, ..Default::default() }).unwrap();
    let oracle = eliminate(&h.matrix().mapv(f64::from), &v.mapv(f64::from));
    // Rounded once: half a unit in the last place of each entry.
    let error = (&solution.columns[0].mapv(f64::from) - &oracle).norm();
    assert!(error <= 0.51 * f64::from(f32::EPSILON) * oracle.norm(), "{error:e}");
    assert!(error <= solution.reports[0].error_bound.unwrap());
    let panel = Array2::from_shape_fn((8, 20), |(i, j)| ((i * 13 + j * 29) % 17) as f32 / 8.0 - 1.0);
    let v = Array1::from_shape_fn(20, |i| 1.0 + i as f32);
    let params = Params { damping: 0.25, tolerance };
    let gram = Woodbury::new(&panel, &params).unwrap().solve(std::slice::from_ref(&v)).unwrap();
    let recursion = ShermanMorrison::new(&panel, &params).unwrap().solve(std::slice::from_ref(&v)).unwrap();
    let condition = 1.0 + Fisher::new(&panel).trace() / 0.25;
    assert!(TestRatio::forward(&gram.columns[0], &recursion.columns[0], condition).passes());
}
