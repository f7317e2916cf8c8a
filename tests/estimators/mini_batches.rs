//! The Neumann series over mini-batches.

use nasproof::{
    ihvp::{
        Certificate, Stop, StopError, neumann,
        stochastic_neumann::{self, MiniBatch},
    },
    linalg::{
        Contraction, Damped, DenseSymmetric, Fisher, LinearOperator, PositiveDefinite, Scaled, TestRatio, Vector, dense,
    },
};
use ndarray::{Array1, Array2, array};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{common::difficult, oracle};

/// A panel of `rows` gradients in dimension `dim` with rows of different lengths.
fn panel(rows: usize, dim: usize, seed: u64) -> Array2<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut g = Array2::from_shape_fn((rows, dim), |_| rng.random_range(-1.0..1.0));
    g.outer_iter_mut().enumerate().for_each(|(i, mut row)| row *= 0.5 + i as f64 / rows as f64);
    g
}

#[test]
fn mini_batches_of_all_rows_are_the_full_series() {
    let g = panel(16, 12, 1);
    let full = Damped { inner: Fisher::new(g.clone()), damping: 0.1 };
    let vs = difficult(
        &[Array1::ones(12), Array1::from_iter((0..12).map(f64::from)), Array1::linspace(-1.0, 1.0, 12)],
        1e-300,
        1e300,
    );
    let step = 1.0 / stochastic_neumann::row_bound(&g, 0.1);
    let definite = PositiveDefinite::by_construction(&full).unwrap();
    let contraction = Contraction::by_construction(definite, step.min(1.9 / full.norm_bound().unwrap())).unwrap();
    for last in [0, 1, 7, 60] {
        let params =
            stochastic_neumann::Params { step: contraction.step(), terms: last, repeats: 2, seed: 3, tolerance: None };
        let batches = |rng: &mut ChaCha8Rng| MiniBatch::draw(&g, 16, 0.1, rng);
        let stochastic = stochastic_neumann::solve(&full, batches, &vs, None, &params).unwrap();
        let series = neumann::solve(&contraction, &vs, &neumann::Params { stop: Stop::terms(last) }).unwrap();
        assert_eq!(stochastic.certificate(), Certificate::Proved);
        for (x, y) in stochastic.columns.iter().zip(&series.columns) {
            let size = 1.0 / y.max_abs().max(f64::MIN_POSITIVE);
            let scale = (last + 1) as f64 * (y * size).norm() * 28.0 * f64::EPSILON;
            assert!(TestRatio::quotient((&(x * size) - &(y * size)).norm(), scale).passes());
        }
    }
}

/// E[x_K] is the truncated series: a test of the mean of independent runs along fixed directions, at a stated confidence.
#[test]
fn the_stochastic_series_is_unbiased() {
    const RUNS: u64 = 4000;
    // Student's t beyond 5 has probability 6e-7 at 3999 degrees of freedom, in either of 12 coordinates 1e-5.
    const LIMIT: f64 = 5.0;
    let (g, damping, last) = (panel(20, 12, 2), 0.2, 12);
    let full = Damped { inner: Fisher::new(g.clone()), damping };
    let v = [Array1::linspace(-1.0, 2.0, 12)];
    let step = 1.0 / stochastic_neumann::row_bound(&g, damping);
    let a = dense(&full, &v[0]);
    let worst = |expected: &Array1<f64>, size: usize| {
        let (mut mean, mut squares) = (Array1::<f64>::zeros(12), Array1::<f64>::zeros(12));
        for run in 0..RUNS {
            let params = stochastic_neumann::Params { step, terms: last, repeats: 1, seed: run, tolerance: None };
            let batches = |rng: &mut ChaCha8Rng| MiniBatch::draw(&g, size, damping, rng);
            let x = stochastic_neumann::solve(&full, batches, &v, None, &params).unwrap().columns.remove(0);
            let difference = &x - expected;
            squares += &(&difference * &difference);
            mean += &difference;
        }
        let runs = RUNS as f64;
        mean.iter()
            .zip(&squares)
            .map(|(m, s)| (m / runs).abs() / ((s / runs - (m / runs).powi(2)) / (runs - 1.0)).sqrt())
            .fold(0.0, f64::max)
    };
    let expected = oracle::neumann(&a, &v[0], step, last);
    let honest = worst(&expected, 3);
    assert!(honest < LIMIT, "{honest}");
    // Controls: one summand fewer, and a damping that is forgotten, are both seen.
    let short = worst(&oracle::neumann(&a, &v[0], step, last - 1), 3);
    assert!(short > LIMIT, "{short}");
    let undamped = worst(&oracle::neumann(&(&a - &(Array2::<f64>::eye(12) * (0.1 * damping))), &v[0], step, last), 3);
    assert!(undamped > LIMIT, "{undamped}");
}

#[test]
fn repeats_average_the_noise_away_and_long_steps_are_refused() {
    let (g, damping) = (panel(20, 12, 5), 0.2);
    let full = Damped { inner: Fisher::new(g.clone()), damping };
    let v = [Array1::linspace(-1.0, 2.0, 12)];
    let step = 1.0 / stochastic_neumann::row_bound(&g, damping);
    let solve = |params: stochastic_neumann::Params| {
        stochastic_neumann::solve(&full, |rng: &mut ChaCha8Rng| MiniBatch::draw(&g, 4, damping, rng), &v, None, &params)
    };
    let params = stochastic_neumann::Params { step, terms: 400, repeats: 1, seed: 1, tolerance: None };
    let one = solve(params).unwrap();
    let many = solve(stochastic_neumann::Params { repeats: 100, ..params }).unwrap();
    // A hundred runs: a tenth of the noise; a third leaves room for chance.
    assert!(many.reports[0].relative_residual < one.reports[0].relative_residual / 3.0);
    assert_eq!(solve(params).unwrap().columns, one.columns, "the same seed, the same numbers");
    for solution in [&one, &many] {
        let (x, report) = (&solution.columns[0], &solution.reports[0]);
        let error = (x - &oracle::solve(&dense(&full, &v[0]), &v[0])).norm();
        assert!(error <= report.error_bound.unwrap());
        assert_eq!(report.certificate, Certificate::Proved);
    }
    let missed = solve(stochastic_neumann::Params { tolerance: Some(1e-10), ..params });
    assert!(matches!(missed, Err(stochastic_neumann::Error::Tolerance { .. })));
    for bad in [0.0, -1.0, 1.0, f64::NAN] {
        let refused = solve(stochastic_neumann::Params { tolerance: Some(bad), ..params });
        assert!(matches!(refused, Err(stochastic_neumann::Error::Stop(StopError::Tolerance(_)))), "{bad}");
    }
    let long = solve(stochastic_neumann::Params { step: 20.0 * step, ..params });
    assert!(matches!(long, Err(stochastic_neumann::Error::Diverged { .. })), "{:?}", long.map(|s| s.reports));
    assert!(solve(stochastic_neumann::Params { step: f64::NAN, ..params }).is_err());
    assert!(solve(stochastic_neumann::Params { repeats: 0, ..params }).is_err());
}

/// Mini-batches in the cone of contractions have $\lVert x_k\rVert\le(k+1)\gamma\lVert v\rVert$, and up to twice that proves nothing: by hand for $A_k=aI$, where $x_k=\gamma v+(1-\gamma a)x_{k-1}$.
#[test]
fn growth_counts_as_divergence_beyond_twice_what_contractions_allow() {
    let identity = DenseSymmetric::new(Array2::<f64>::eye(8)).unwrap();
    let v = [Array1::from_elem(8, 2.0)];
    let solve = |product: f64, terms| {
        let params = stochastic_neumann::Params { step: 0.5, terms, repeats: 1, seed: 0, tolerance: None };
        let batches = |_: &mut ChaCha8Rng| Scaled { inner: &identity, factor: product / 0.5 };
        stochastic_neumann::solve(&identity, batches, &v, None, &params)
    };
    let none = MiniBatch::draw(&Array2::<f64>::zeros((3, 8)), 2, 0.25, &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!((none.dim(), none.lower_bound()), (8, Some(0.25)));
    // γa, the term, and ‖x_k‖/(γ‖v‖): 4 and 6 are the limits.
    for (product, term, size) in [(-1.5, 1, 3.5), (-0.75, 2, 5.8125)] {
        let solution = solve(product, term).unwrap();
        assert!(TestRatio::forward(&solution.columns[0], &(&v[0] * (0.5 * size)), 1.0).passes());
    }
    for (product, at, size) in [(-2.5, 1, 4.5), (-0.8, 2, 6.04)] {
        match solve(product, 9) {
            Err(stochastic_neumann::Error::Diverged { column: 0, term, growth, step: 0.5 }) => {
                assert!(term == at && TestRatio::identity(growth, size, size, 8).passes(), "{term} {growth}");
            }
            other => panic!("{:?}", other.map(|s| s.reports)),
        }
    }
}

/// What is traced is the residual of each term on its mini-batch, relative to the right-hand side, whatever that one's length.
#[test]
fn the_trace_is_of_relative_residuals() {
    let identity = DenseSymmetric::new(Array2::<f64>::eye(8)).unwrap();
    for size in [1.0, 3.0, 1e-3] {
        let params = stochastic_neumann::Params { step: 0.5, terms: 6, repeats: 1, seed: 0, tolerance: None };
        let v = [Array1::from_elem(8, size)];
        let solution = stochastic_neumann::solve(&identity, |_: &mut ChaCha8Rng| &identity, &v, None, &params).unwrap();
        // γA = I/2: the residual of term k is v/2ᵏ.
        let trace = &solution.reports[0].trace;
        assert_eq!(trace.len(), 6);
        for (k, residual) in trace.iter().enumerate() {
            assert!(TestRatio::identity(*residual, 0.5f64.powi(k as i32 + 1), 1.0, 16).passes(), "{size}: {trace:?}");
        }
    }
}

/// $\frac14x+\frac12\sum_ig_i(g_i^\top x)$ for $g=(2,0),(0,4)$ and $x=(1,1)$.
#[test]
fn a_product_with_a_mini_batch_is_that_with_its_damped_fisher() {
    let batch = MiniBatch::draw(&array![[2.0, 0.0], [0.0, 4.0]], 2, 0.25, &mut ChaCha8Rng::seed_from_u64(0));
    let x = array![1.0, 1.0];
    let mut block = [array![7.0, 7.0], array![7.0, 7.0]];
    batch.apply_block(&[x.clone(), &x * 2.0], &mut block);
    assert_eq!((batch.product(&x), block), (array![2.25, 8.25], [array![2.25, 8.25], array![4.5, 16.5]]));
}
