//! The direct estimators against dense, slow and obvious oracles.

use std::ops::Range;

use nasproof::{
    ihvp::{
        Certificate, ColumnsError, DirectError, Status, diagonal,
        exact::{self, Backend, Factorisation, Inertia},
        identity,
        sherman_morrison::{self, ShermanMorrison},
        woodbury::{self, Params, Woodbury},
    },
    linalg::{
        Damped, DenseSymmetric, Diagonal, Fisher, LinearOperator, Scalar, Scaled, Streamed, Sum, TestRatio, Vector,
        dense, samples,
    },
};
use ndarray::{Array1, Array2, array, s};
use proptest::{collection::vec, prelude::*};

const BACKENDS: &[Backend] = &[
    Backend::Nalgebra,
    #[cfg(feature = "lapack")]
    Backend::Lapack,
];

/// What `oracle` modules hold elsewhere: Gaussian elimination with partial pivoting, and nothing clever.
fn eliminate(a: &Array2<f64>, b: &Array1<f64>) -> Array1<f64> {
    let n = b.len();
    let (mut a, mut x) = (a.clone(), b.clone());
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[(i, k)].abs().total_cmp(&a[(j, k)].abs())).unwrap();
        for j in 0..n {
            a.swap((k, j), (pivot, j));
        }
        x.swap(k, pivot);
        for i in k + 1..n {
            let factor = a[(i, k)] / a[(k, k)];
            for j in k..n {
                a[(i, j)] -= factor * a[(k, j)];
            }
            x[i] -= factor * x[k];
        }
    }
    for k in (0..n).rev() {
        let sum: f64 = (k + 1..n).map(|j| a[(k, j)] * x[j]).sum();
        x[k] = (x[k] - sum) / a[(k, k)];
    }
    x
}

/// Rows, columns, entries in $[-1,1]$ with each row scaled by a power of ten, a damping, and right-hand sides.
#[derive(Debug, Clone)]
struct Panelled {
    panel: Array2<f64>,
    damping: f64,
    vs: Vec<Array1<f64>>,
}

impl Panelled {
    fn trace(&self) -> f64 {
        self.panel.iter().map(|g| g * g).sum::<f64>() / self.panel.nrows() as f64
    }

    fn condition(&self) -> f64 {
        (self.trace() + self.damping) / self.damping
    }

    fn dense(&self) -> Array2<f64> {
        let (n, d) = self.panel.dim();
        self.panel.t().dot(&self.panel) / n as f64 + Array2::<f64>::eye(d) * self.damping
    }
}

/// Condition numbers up to about $10^6$; fewer rows than columns, and more.
fn panels(shapes: impl Strategy<Value = (usize, usize)>) -> impl Strategy<Value = Panelled> {
    shapes
        .prop_flat_map(|(n, d)| {
            let entries = vec(vec(-1.0..1.0f64, d), n);
            (entries, vec(-1.0..=0.0f64, n), -6.0..=0.0f64, samples::columns(d, 3))
        })
        .prop_map(|(entries, sizes, digits, vs)| {
            let (n, d) = (entries.len(), entries[0].len());
            let panel = Array2::from_shape_fn((n, d), |(i, j)| entries[i][j] * 10f64.powf(sizes[i]));
            let mean = panel.iter().map(|g| g * g).sum::<f64>() / n as f64;
            // A panel of zeros is a panel too.
            let damping = 10f64.powf(digits) * if mean > 0.0 { mean } else { 1.0 };
            Panelled { panel, damping, vs }
        })
}

fn shapes() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![(8..=12usize, 13..=40usize), (13..=40usize, 8..=12usize)]
}

fn streamed(panel: &Array2<f64>) -> Streamed<f64, impl Fn(Range<usize>) -> Array2<f64> + '_> {
    Streamed::new(panel.nrows(), panel.ncols(), 5, move |range| panel.slice(s![.., range]).to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Unrefined: the formulas themselves, to the rounding that their subtraction explains.
    #[test]
    fn gram_form_recursion_and_elimination_agree(case in panels(shapes())) {
        let params = Params::new(case.damping);
        let gram = Woodbury::new(&case.panel, &params).unwrap().apply(&case.vs);
        let blocks = Woodbury::new(streamed(&case.panel), &params).unwrap().apply(&case.vs);
        let recursion = ShermanMorrison::new(&case.panel, &params).unwrap().apply(&case.vs);
        let a = case.dense();
        for (j, v) in case.vs.iter().enumerate() {
            let oracle = eliminate(&a, v);
            // x = (v − GᵀK⁻¹Gv)/η with K = NηI + GGᵀ. Since ‖GᵀK^{-1/2}‖ ≤ 1, an error ΔK of the size of rounding, ε‖K‖, moves x by at most
            // ε‖K‖‖K⁻¹‖‖v‖/η ≤ ε κ ‖v‖/η; elimination moves it by as much.
            let size = v.norm() / case.damping * (case.panel.nrows() + v.len()) as f64 * f64::EPSILON * case.condition();
            for (name, x) in [("gram", &gram[j]), ("streamed", &blocks[j]), ("recursion", &recursion[j])] {
                let ratio = TestRatio::quotient((x - &oracle).norm(), size);
                prop_assert!(ratio.passes(), "{name}: {ratio}");
            }
            prop_assert!(TestRatio::quotient((&gram[j] - &recursion[j]).norm(), size).passes());
        }
    }

    #[test]
    fn residuals_meet_the_tolerance_and_bounds_hold(case in panels(shapes())) {
        let params = Params::new(case.damping);
        let woodbury = Woodbury::new(&case.panel, &params).unwrap();
        let recursion = ShermanMorrison::new(&case.panel, &params).unwrap();
        let a = case.dense();
        for solution in [woodbury.solve(&case.vs).unwrap(), recursion.solve(&case.vs).unwrap()] {
            prop_assert_eq!(solution.certificate(), Certificate::Proved);
            prop_assert_eq!(solution.status, Status::Converged);
            for ((x, v), report) in solution.columns.iter().zip(&case.vs).zip(&solution.reports) {
                let residual = (v - &a.dot(x)).norm();
                let rounding = (a.iter().map(|a| a * a).sum::<f64>().sqrt() * x.norm() + v.norm()) * v.len() as f64 * f64::EPSILON;
                prop_assert!(TestRatio::quotient((residual - report.residual).abs(), rounding).passes());
                prop_assert!(report.relative_residual <= params.tolerance);
                prop_assert_eq!(report.trace.last().copied(), Some(report.relative_residual));
                // Against elimination, whose own error is bounded by its residual over λ_min ≥ η.
                let oracle = eliminate(&a, v);
                let own = ((v - &a.dot(&oracle)).norm() + rounding) / case.damping;
                prop_assert!((x - &oracle).norm() <= report.error_bound.unwrap() + own);
            }
        }
        prop_assert_eq!(woodbury.solve(&case.vs).unwrap().iterations, 1);
        prop_assert_eq!(recursion.solve(&case.vs).unwrap().iterations, case.panel.nrows());
    }

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
            prop_assert!(bound.lambda_min <= sample.lambda_min() + damping + unit);
            prop_assert!(bound.lambda_min >= 0.2 * (sample.lambda_min() + damping));
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
        prop_assert!(report.relative_residual <= 1e-10);
        prop_assert!(report.error_bound.unwrap() >= report.residual / norm);
    }
    Ok(())
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

/// Zero, tiny, huge and dependent columns, in one call.
#[test]
fn columns_of_every_size() {
    let panel = Array2::from_shape_fn((8, 20), |(i, j)| ((i * 13 + j * 29) % 17) as f64 / 8.0 - 1.0);
    let case = Panelled { panel, damping: 1e-2, vs: vec![] };
    let v = Array1::from_shape_fn(20, |j| (j as f64 * 0.7).sin());
    let vs = vec![v.clone(), Array1::zeros(20), &v * 2f64.powi(-1000), &v * 2f64.powi(990), &v * -2.0, v.clone()];
    let matrix = DenseSymmetric::forced(case.dense()).unwrap();
    let params = Params::new(1e-2);
    let solutions = [
        Woodbury::new(&case.panel, &params).unwrap().solve(&vs).unwrap(),
        ShermanMorrison::new(&case.panel, &params).unwrap().solve(&vs).unwrap(),
        exact::solve(&matrix, &vs, &exact::Params::default()).unwrap().0,
    ];
    for solution in &solutions {
        let x = &solution.columns[0];
        assert_eq!(solution.columns[1], Array1::<f64>::zeros(20));
        assert_eq!(solution.reports[1].error_bound, Some(0.0));
        assert_eq!(solution.columns[2], x * 2f64.powi(-1000));
        assert_eq!(solution.columns[3], x * 2f64.powi(990));
        assert_eq!(solution.columns[4], x * -2.0);
        assert!(solution.reports.iter().all(|report| report.relative_residual <= 1e-10));
        assert_eq!(solution.certificate(), Certificate::Proved);
    }
}

/// $v$ in the row space, $\eta$ far below the gradients: the subtraction loses digits and refinement wins them back.
#[test]
fn refinement_undoes_cancellation() {
    let panel = Array2::from_shape_fn((8, 30), |(i, j)| ((i * 13 + j * 29 + i * i * j) % 17) as f64 / 8.0 - 1.0);
    let v = panel.t().dot(&Array1::from_shape_fn(8, |i| 1.0 + i as f64));
    let params = Params { damping: 1e-9, tolerance: 1e-12 };
    let woodbury = Woodbury::new(&panel, &params).unwrap();
    let operator = Damped { inner: Fisher::new(&panel), damping: 1e-9 };
    let mut product = Array1::zeros(30);
    operator.apply(&woodbury.apply(std::slice::from_ref(&v))[0], &mut product);
    assert!((&v - &product).norm() / v.norm() > 1e-9, "nothing was lost, so nothing is tested");
    let solution = woodbury.solve(std::slice::from_ref(&v)).unwrap();
    assert!(solution.reports[0].relative_residual <= 1e-12);
    assert!(solution.reports[0].trace.len() > 1);
}

/// A residual that cannot be had is refused, with the level that was reached.
#[test]
fn a_tolerance_below_the_attainable_level_is_refused() {
    let panel = Array2::from_shape_fn((8, 30), |(i, j)| ((i * 13 + j * 29 + i * i * j) % 17) as f64 / 8.0 - 1.0);
    let v = Array1::from_shape_fn(30, |j| (j as f64).cos());
    let woodbury = Woodbury::new(&panel, &Params { damping: 1e-9, tolerance: 1e-14 }).unwrap();
    match woodbury.solve(std::slice::from_ref(&v)) {
        Err(DirectError::Stagnated { attained, tolerance: 1e-14, .. }) => assert!(attained > 1e-14 && attained < 1e-3),
        other => panic!("{other:?}"),
    }
    let h = DenseSymmetric::forced(Array2::<f64>::eye(8) * 3.0).unwrap();
    let solved = exact::solve(&h, &[Array1::ones(8)], &exact::Params { tolerance: f64::NAN, ..Default::default() });
    assert!(matches!(solved, Err(exact::SolveError::Columns(DirectError::Stop(_)))));
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

#[test]
fn bad_input_is_refused_with_the_remedy() {
    let panel = Array2::<f64>::ones((8, 20));
    for damping in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = Woodbury::new(&panel, &Params::new(damping)).unwrap_err();
        assert!(matches!(refused, woodbury::Error::Damping(_)) && refused.to_string().contains("give a damping"));
        let refused = ShermanMorrison::new(&panel, &Params::new(damping)).unwrap_err();
        assert!(matches!(refused, sherman_morrison::Error::Input(woodbury::Error::Damping(_))));
    }
    let empty = Array2::<f64>::zeros((0, 20));
    assert_eq!(Woodbury::new(&empty, &Params::new(1.0)).unwrap_err(), woodbury::Error::Empty(0, 20));
    for spoiled in [f64::NAN, f64::INFINITY, 1e200] {
        let mut panel = panel.clone();
        panel[(3, 4)] = spoiled;
        assert_eq!(Woodbury::new(&panel, &Params::new(1.0)).unwrap_err(), woodbury::Error::NotFinite);
        assert!(ShermanMorrison::new(&panel, &Params::new(1.0)).is_err());
    }
    // Dependent rows, and a damping that the Gram matrix swallows.
    assert!(matches!(Woodbury::new(&panel, &Params::new(1e-30)).unwrap_err(), woodbury::Error::Singular { .. }));

    let woodbury = Woodbury::new(&panel, &Params::new(1.0)).unwrap();
    let refused = |vs: &[Array1<f64>]| match woodbury.solve(vs) {
        Err(DirectError::Columns(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(refused(&[]), ColumnsError::Empty { .. }));
    assert!(matches!(refused(&[Array1::zeros(19)]), ColumnsError::Dimension { column: 0, given: 19, expected: 20 }));
    assert!(matches!(
        refused(&[Array1::zeros(20), array![f64::NAN].broadcast(20).unwrap().to_owned()]),
        ColumnsError::NotFinite { column: 1 }
    ));

    let h = DenseSymmetric::forced(Array2::<f64>::zeros((8, 8))).unwrap();
    let zero = Factorisation::new(&h, &exact::Params::default()).unwrap_err();
    assert!(matches!(zero, exact::Error::Singular { inertia: Inertia { positive: 0, negative: 0, zero: 8 }, .. }));
    let nan = Factorisation::new(&h, &exact::Params { damping: f64::NAN, ..Default::default() }).unwrap_err();
    assert!(matches!(nan, exact::Error::Damping(_)));
    let negative = identity::Params::mean_eigenvalue(&Scaled { inner: &h, factor: 1.0 });
    assert!(matches!(negative, Err(identity::Error::Mean(_))));
    assert!(matches!(
        identity::solve(&h, &[Array1::ones(8)], None, &identity::Params { step: 0.0 }),
        Err(identity::Error::Step(_))
    ));
    assert!(matches!(
        diagonal::solve(&h, &[Array1::ones(8)], None, &diagonal::Params),
        Err(diagonal::Error::Entry { index: 0, .. })
    ));
}

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
