//! Tolerances that cannot be had, budgets, and right-hand sides that are refused.

use std::cell::Cell;

use nasproof::{
    ihvp::{Certificate, ColumnsError, Status, Stop, block_cg, cg, exact, neumann, system::DEFAULT_TOLERANCE},
    linalg::{Closure, DenseSymmetric, LinearOperator, Scaled, TestRatio, Vector, samples::Sample},
    spectrum::{Step, negligible},
};
use ndarray::{Array1, Array2, array};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::common::{cast, contracted, solvers, to, witnessed};

#[test]
fn a_tolerance_below_the_attainable_level_is_refused_with_that_level() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let reflections = (0..3).map(|_| Array1::zeros(30).gaussian_like(&mut rng)).collect();
    let eigenvalues = (0..30).map(|i| 10f64.powf(-f64::from(i) / 5.0)).collect();
    let sample = Sample::new(eigenvalues, reflections);
    let v: Vec<Array1<f64>> = (0..3).map(|_| Array1::zeros(30).gaussian_like(&mut rng)).collect();
    for (name, solve) in solvers::<f64>() {
        let operator = sample.operator();
        match solve(&operator, &v, Some(witnessed(&operator)), &to(1e-16)) {
            // ε‖A‖‖x‖/‖v‖ is at most εκ.
            Err(cg::Error::Stagnated { attained, tolerance, .. }) => {
                assert!(
                    attained > tolerance && attained < TestRatio::PASS * f64::EPSILON * sample.condition(),
                    "{name} {attained}"
                );
            }
            other => panic!("{name}: {:?}", other.map(|s| s.reports)),
        }
    }
    let vs: Vec<Array1<f32>> = v.iter().map(cast).collect();
    for (name, solve) in solvers::<f32>() {
        let operator = sample.operator();
        let outcome = solve(&operator, &vs, Some(witnessed(&operator)), &to(1e-10));
        assert!(matches!(outcome, Err(cg::Error::Stagnated { .. })), "{name}: {:?}", outcome.map(|s| s.reports));
    }
}

/// $I+J$ with $J$ skew: every curvature is positive, no residual is ever halved, and no theory of symmetric operators says so. Time does.
#[test]
fn residuals_that_never_halve_end_the_solve() {
    const N: usize = 8;
    struct Rotation(Cell<usize>);
    impl LinearOperator for Rotation {
        type Vector = Array1<f64>;
        fn dim(&self) -> usize {
            N
        }
        fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
            self.0.set(self.0.get() + 1);
            for i in (0..N).step_by(2) {
                (y[i], y[i + 1]) = (x[i] - x[i + 1], x[i] + x[i + 1]);
            }
        }
        fn norm_bound(&self) -> Option<f64> {
            Some(2.0)
        }
    }
    let v = [Array1::from_iter((1..=N).map(|i| i as f64))];
    // Ten for each dimension and a hundred are waited for, and one more is too many. A block has no residual before the first step to compare that of the first with.
    for (block, steps) in [(false, 10 * N + 101), (true, 10 * N + 102)] {
        let rotation = Rotation(Cell::new(0));
        let solve = |params: cg::Params| {
            if block { block_cg::solve(&rotation, &v, None, &params) } else { cg::solve(&rotation, &v, None, &params) }
        };
        let Err(cg::Error::Stagnated { column: 0, attained, .. }) = solve(to(1e-8)) else {
            panic!("nothing was halved")
        };
        // The last product is that of the true residual, which is that of as many steps.
        assert_eq!(rotation.0.get(), steps + 1);
        let truncated = solve(cg::Params { stop: Stop::terms(steps) }).unwrap();
        let expected = truncated.reports[0].relative_residual;
        assert!(
            attained > 1.0 && TestRatio::identity(attained, expected, expected, N).passes(),
            "{attained} {expected}"
        );
    }
}

/// $A=\operatorname{diag}(1,\delta)$ and $v=(t,1)$: the second direction is $(0,t^{-2})$ up to rounding, beside a residual of length $1/t$, and has the curvature $\delta$
/// however long it is.
#[test]
fn curvature_is_that_of_directions_of_length_one() {
    let (small, t) = (1e-18, 1e-3);
    let operator = DenseSymmetric::new(Array2::from_diag(&array![1.0, small])).unwrap();
    for (name, solve) in solvers::<f64>() {
        match solve(&operator, &[array![t, 1.0]], None, &to(1e-8)) {
            Err(cg::Error::Singular { curvature, threshold, iteration: 2, direction }) => {
                assert!(
                    curvature < threshold && direction[0].abs() < f64::EPSILON.sqrt() * direction[1].abs(),
                    "{name}"
                );
            }
            other => panic!("{name}: {:?}", other.map(|s| s.reports)),
        }
    }
}

/// $A=\operatorname{diag}(1,2^{30})$ and $v=(1,2^{-15})$: the first step makes the residual $2^{14}$ times as long, and the second direction is $2^{14}$ times as long as
/// that. Of the size of the operator its length says nothing.
#[test]
fn long_directions_do_not_make_an_operator_large() {
    let operator = DenseSymmetric::new(Array2::from_diag(&array![1.0, 2f64.powi(30)])).unwrap();
    for (name, solve) in solvers::<f64>() {
        let solution =
            solve(&operator, &[array![1.0, 2f64.powi(-15)]], None, &to(1e-6)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(solution.iterations, 2, "{name}");
    }
}

/// The columns $e_1,e_2$ are the first directions for $A=\operatorname{diag}(1,\delta)$, and the least curvature among them is $\delta$: just below the threshold it is singular,
/// just above it is not.
#[test]
fn the_least_curvature_of_a_block_is_judged_by_the_threshold() {
    let least = negligible(2, f64::EPSILON, 1.0);
    let solve = |small: f64| {
        let operator = DenseSymmetric::new(Array2::from_diag(&array![1.0, small])).unwrap();
        block_cg::solve(&operator, &[array![1.0, 0.0], array![0.0, 1.0]], None, &to(1e-8))
    };
    match solve(0.75 * least) {
        Err(cg::Error::Singular { curvature, iteration: 1, .. }) => {
            assert!(TestRatio::identity(curvature, 0.75 * least, least, 2).passes(), "{curvature}");
        }
        other => panic!("{:?}", other.map(|s| s.reports)),
    }
    assert_eq!(solve(1.5 * least).unwrap().iterations, 1);
}

/// A diagonal matrix that claims to be smaller than rounding.
struct Understated(Array1<f64>);

impl LinearOperator for Understated {
    type Vector = Array1<f64>;
    fn dim(&self) -> usize {
        self.0.len()
    }
    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        y.assign(&(&self.0 * x));
    }
    fn norm_bound(&self) -> Option<f64> {
        Some(1e-30)
    }
}

/// $A=\operatorname{diag}(4,\delta)$ and $v=(1,1)$: the first direction has the curvature $2+\delta/2$, the second is $(0,2)$. Rounding of a norm of 2 explains the curvature
/// $\delta$, rounding of the norm that the operator claims does not.
#[test]
fn a_norm_is_at_least_the_quotients_that_were_seen() {
    let (operator, v) = (Understated(array![4.0, 1e-18]), [array![1.0, 1.0]]);
    for outcome in [cg::solve(&operator, &v, None, &to(1e-8)), block_cg::solve(&operator, &v, None, &to(1e-8))] {
        match outcome {
            Err(cg::Error::Singular { threshold, iteration: 2, .. }) => {
                let expected = negligible(2, f64::EPSILON, 2.0);
                assert!(TestRatio::identity(threshold, expected, expected, 2).passes(), "{threshold} {expected}");
            }
            other => panic!("{:?}", other.map(|s| s.reports)),
        }
    }
}

/// The quotients seen are those of the residuals: for $\operatorname{diag}(9,1,\delta)$ and $v=(1,4,4)$ ten times as large for the second as for the first, and the third
/// direction is that of $\delta$.
#[test]
fn conjugate_gradient_sees_the_quotient_of_every_residual() {
    let operator = Understated(array![9.0, 1.0, 1e-20]);
    let quotient = |r: &Array1<f64>| r.dot(&operator.product(r)) / r.dot(r);
    let v = array![1.0, 4.0, 4.0];
    let next = &v - &(operator.product(&v) / quotient(&v));
    assert!(quotient(&next) > 10.0 * quotient(&v));
    match cg::solve(&operator, &[v], None, &to(1e-8)) {
        Err(cg::Error::Singular { threshold, iteration: 3, .. }) => {
            let expected = negligible(3, f64::EPSILON, quotient(&next));
            assert!(TestRatio::identity(threshold, expected, expected, 3).passes(), "{threshold} {expected}");
        }
        other => panic!("{:?}", other.map(|s| s.reports)),
    }
}

#[test]
fn budgets_are_kept() {
    let eigenvalues: Vec<f64> = (0..40).map(|i| 10f64.powf(-f64::from(i) / 10.0)).collect();
    let sample = Sample::new(
        eigenvalues,
        vec![Array1::from_iter((1..=40).map(f64::from)), Array1::from_iter((1..=40).map(|i| f64::from(i % 7)))],
    );
    let operator = sample.operator::<f64>();
    let v = [Array1::ones(40), Array1::from_iter((0..40).map(f64::from))];
    for (name, solve) in solvers::<f64>() {
        for stop in [Stop { products: 9, ..Stop::default() }, Stop { terms: Some(4), ..Stop::default() }] {
            match solve(&operator, &v, None, &cg::Params { stop }) {
                Err(cg::Error::Budget { attained, tolerance, iterations, .. }) => {
                    assert!(attained > tolerance && Some(tolerance) == stop.tolerance && iterations <= 9);
                }
                other => panic!("{name}: {:?}", other.map(|s| s.reports)),
            }
        }
        // A truncation far beyond convergence is no error and stays as good.
        let solution = solve(&operator, &v, None, &cg::Params { stop: Stop::terms(5000) }).unwrap();
        assert_eq!(solution.status, Status::Budget);
        assert!(solution.reports.iter().all(|r| r.relative_residual < DEFAULT_TOLERANCE));
    }
}

#[test]
fn bad_right_hand_sides_are_refused() {
    let operator = Sample::new((1..=8).map(f64::from).collect(), Vec::new()).operator::<f64>();
    let contraction = contracted(&operator, Step::Auto).unwrap();
    let outcomes = |vs: &[Array1<f64>]| {
        let error = |e: cg::Error<Array1<f64>>| match e {
            cg::Error::Columns(e) => e,
            other => panic!("{other}"),
        };
        let series = neumann::solve(&contraction, vs, &neumann::Params::default()).unwrap_err();
        let neumann::Error::Columns(series) = series else { panic!("{series}") };
        [
            error(cg::solve(&operator, vs, None, &to(1e-8)).unwrap_err()),
            error(block_cg::solve(&operator, vs, None, &to(1e-8)).unwrap_err()),
            series,
        ]
    };
    for e in outcomes(&[]) {
        assert_eq!(e, ColumnsError::Empty { columns: 0, dimension: 8 });
    }
    for e in outcomes(&[Array1::ones(8), Array1::ones(7)]) {
        assert_eq!(e, ColumnsError::Dimension { column: 1, given: 7, expected: 8 });
    }
    let mut broken = Array1::ones(8);
    broken[3] = f64::NAN;
    for e in outcomes(&[Array1::ones(8), broken]) {
        assert_eq!(e, ColumnsError::NotFinite { column: 1 });
    }
    // λ_min = 1: the solution of the largest number there is stays one; of a hundredth of the operator it does not.
    let small = Scaled { inner: &operator, factor: 0.01 };
    let huge = [Array1::from_elem(8, f64::MAX)];
    let error = cg::solve(&small, &huge, None, &to(1e-8)).unwrap_err();
    assert!(matches!(error, cg::Error::Columns(ColumnsError::Overflow { column: 0 })), "{error}");
    for tolerance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(cg::solve(&operator, &huge, None, &to(tolerance)), Err(cg::Error::Stop(_))));
    }
    let broken = Closure::new(8, |_: &Array1<f64>, y: &mut Array1<f64>| y.fill(f64::NAN));
    assert!(cg::solve(&broken, &[Array1::ones(8)], None, &to(1e-8)).is_err());
    assert!(block_cg::solve(&broken, &[Array1::ones(8)], None, &to(1e-8)).is_err());
}

/// An operator that counts its products.
struct Counted<A>(A, Cell<usize>);

impl<A: LinearOperator> LinearOperator for Counted<A> {
    type Vector = A::Vector;
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        self.1.set(self.1.get() + 1);
        self.0.apply(x, y);
    }
    fn norm_bound(&self) -> Option<f64> {
        self.0.norm_bound()
    }
}

/// In single precision, near the attainable level: the recursion says that the tolerance is reached, the true residual says it is not, and another round gets
/// there. A product is an iteration, a look at the true residual, or the one of the report.
#[test]
fn what_only_the_recursion_reached_is_refined() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let (mut at_once, mut refined) = (0, 0);
    for _ in 0..40 {
        let reflections = (0..3).map(|_| Array1::zeros(20).gaussian_like(&mut rng)).collect();
        let sample = Sample::new((0..20).map(|i| 10f64.powf(-f64::from(i) / 10.0)).collect(), reflections);
        let operator = Counted(sample.operator::<f32>(), Cell::new(0));
        let v = [Array1::<f32>::zeros(20).gaussian_like(&mut rng)];
        for tolerance in [1e-4, 1e-5, 3e-6, 1e-6, 3e-7] {
            operator.1.set(0);
            match cg::solve(&operator, &v, None, &to(tolerance)) {
                Ok(solution) => match operator.1.get() - solution.iterations - 1 {
                    1 => at_once += 1,
                    looks => refined += usize::from(looks > 1),
                },
                Err(error) => assert!(matches!(error, cg::Error::Stagnated { .. }), "{error}"),
            }
        }
    }
    assert!(at_once > 0 && refined > 0, "{at_once} {refined}");
}

/// Zero solves for zero, whatever is known of the operator.
#[test]
fn a_column_of_zeros_is_solved_exactly_and_proved() {
    let operator = Sample::new((1..=8).map(f64::from).collect(), Vec::new()).operator::<f64>();
    for (name, solve) in solvers::<f64>() {
        let solution = solve(&operator, &[Array1::ones(8), Array1::zeros(8)], None, &to(1e-8)).unwrap();
        let report = &solution.reports[1];
        assert_eq!((report.error_bound, report.certificate), (Some(0.0), Certificate::Proved), "{name}");
        assert_eq!(solution.reports[0].error_bound, None, "{name}");
    }
}

#[test]
fn an_exact_solve_wants_a_tolerance_above_zero() {
    let operator = Sample::new((1..=8).map(f64::from).collect(), Vec::new()).operator::<f64>();
    for tolerance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let params = exact::Params { tolerance, ..Default::default() };
        assert!(exact::solve(&operator, &[Array1::zeros(8)], &params).is_err(), "{tolerance}");
    }
}

/// A looser tolerance takes fewer terms.
#[test]
fn a_series_ends_where_its_tolerance_is_met() {
    let operator = Sample::new((1..=8).map(f64::from).collect(), Vec::new()).operator::<f64>();
    let contraction = contracted(&operator, Step::Auto).unwrap();
    let terms = |tolerance: f64| {
        let params = neumann::Params { stop: Stop::tolerance(tolerance) };
        neumann::solve(&contraction, &[Array1::ones(8)], &params).unwrap().iterations
    };
    let (loose, tight) = (terms(1e-2), terms(1e-8));
    assert!(loose > 0 && 2 * loose < tight, "{loose} {tight}");
}
