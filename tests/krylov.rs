//! The iterative estimators, against a dense solve that knows nothing of them.

use nasproof::{
    ihvp::{
        Certificate, ColumnsError, InverseBound, Solution, Status, Stop, block_cg, cg, neumann,
        stochastic_neumann::{self, MiniBatch},
    },
    linalg::{
        Closure, Contraction, Damped, DenseSymmetric, Fisher, LinearOperator, PositiveDefinite, Scalar, Scaled,
        TestRatio, Vector, dense,
        samples::{self, Sample, indefinite, system},
    },
    spectrum::{self, Step, definite, extreme},
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The slow and obvious answers.
mod oracle {
    use nalgebra::{DMatrix, DVector};
    use ndarray::{Array1, Array2};

    /// $A^{-1}v$ by LU with partial pivoting.
    pub fn solve(a: &Array2<f64>, v: &Array1<f64>) -> Array1<f64> {
        let n = a.nrows();
        let a = DMatrix::from_fn(n, n, |i, j| a[(i, j)]);
        let x = a.lu().solve(&DVector::from_iterator(n, v.iter().copied())).expect("nonsingular by construction");
        x.iter().copied().collect()
    }

    /// $\gamma\sum_{k=0}^K(I-\gamma A)^kv$, the powers formed as matrices.
    pub fn neumann(a: &Array2<f64>, v: &Array1<f64>, step: f64, last: usize) -> Array1<f64> {
        let n = a.nrows();
        let factor = Array2::<f64>::eye(n) - step * a;
        let (mut power, mut sum) = (Array2::<f64>::eye(n), Array2::<f64>::zeros((n, n)));
        for _ in 0..=last {
            sum += &power;
            power = power.dot(&factor);
        }
        step * sum.dot(v)
    }
}

fn cast<S: Scalar>(v: &Array1<f64>) -> Array1<S> {
    v.mapv(S::of)
}

/// What every solution must satisfy: residuals that are true, bounds that hold, answers near the oracle's.
fn judge<S: Scalar>(
    operator: &DenseSymmetric<S>,
    condition: f64,
    vs: &[Array1<S>],
    solution: &Solution<Array1<S>>,
    tolerance: f64,
) -> Result<(), TestCaseError>
where
    Array1<S>: Vector,
{
    let a = operator.matrix().mapv(|x| x.as_f64());
    prop_assert_eq!(solution.columns.len(), vs.len());
    for ((x, v), report) in solution.columns.iter().zip(vs).zip(&solution.reports) {
        let (x, v) = (x.mapv(|x| x.as_f64()), v.mapv(|x| x.as_f64()));
        prop_assert!(report.relative_residual <= tolerance, "{} > {}", report.relative_residual, tolerance);
        if v.max_abs() == 0.0 {
            prop_assert!(x.max_abs() == 0.0 && report.residual == 0.0 && report.error_bound == Some(0.0));
            continue;
        }
        // In f64, whatever the storage: the residual reported is that of what is returned.
        let size = 1.0 / v.max_abs();
        let (x, v) = (&x * size, &v * size);
        let residual = &v - &a.dot(&x);
        let rounding = operator.frobenius() * x.norm() + v.norm();
        let difference = (residual.norm() - report.residual * size).abs();
        let unit = rounding * v.len() as f64 * S::epsilon().as_f64();
        prop_assert!(TestRatio::quotient(difference, unit).passes(), "{} {}", difference, unit);
        let error = (&x - &oracle::solve(&a, &v)).norm();
        // The oracle's own error: backward stable, amplified by κ.
        let slack = TestRatio::PASS * v.len() as f64 * f64::EPSILON * condition * x.norm();
        if let Some(bound) = report.error_bound {
            prop_assert!(error <= bound * size + slack, "{} {}", error, bound * size);
        }
        prop_assert!(error <= condition * (tolerance + unit / v.norm()) * x.norm() + slack);
    }
    Ok(())
}

/// Columns as they come: two, their combination, one twice, zero, a tiny and a huge one.
fn difficult(columns: &[Array1<f64>], small: f64, large: f64) -> Vec<Array1<f64>> {
    let (a, b) = (&columns[0], &columns[1]);
    vec![a.clone(), b.clone(), a - &(b * 2.0), a.clone(), a * 0.0, b * small, a * large, columns[2].clone()]
}

type Solver<S> = fn(
    &DenseSymmetric<S>,
    &[Array1<S>],
    Option<InverseBound>,
    &cg::Params,
) -> Result<Solution<Array1<S>>, cg::Error<Array1<S>>>;

fn solvers<S: Scalar>() -> [(&'static str, Solver<S>); 2]
where
    Array1<S>: Vector,
{
    [("cg", cg::solve), ("block-cg", block_cg::solve)]
}

fn to(tolerance: f64) -> cg::Params {
    cg::Params { stop: Stop::tolerance(tolerance) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn conjugate_gradients_agree_with_the_oracle((sample, columns) in system(8..=40, 6.0, 3)) {
        let operator = sample.operator::<f64>();
        let vs = difficult(&columns, 1e-300, 1e300);
        let bound = witnessed(&sample);
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
        let bound = witnessed(&sample);
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

/// λ_min known by construction, halved for what forming QΛQᵀ rounds.
fn witnessed(sample: &Sample) -> InverseBound {
    InverseBound { lambda_min: 0.5 * sample.lambda_min(), certificate: Certificate::Proved }
}

fn contracted<A: LinearOperator<Vector = Array1<f64>>>(
    operator: A,
    step: Step,
) -> Result<Contraction<A>, definite::Error<Array1<f64>>> {
    let like = Array1::zeros(operator.dim());
    spectrum::contraction(operator, &like, step, &extreme::Params { gap: 1e-2, ..Default::default() })
}

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
        prop_assert!(contraction.rate().powf(summands) <= tolerance * (1.0 + 1e-9) && contraction.rate().powf(summands - 1.0) > tolerance * (1.0 - 1e-9));
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
                prop_assert!(ratio > 1.0 && ratio <= 2.0 + 1e-9, "{}", ratio);
                prop_assert!(quotient > 0.0 && quotient <= 2.0 * sample.lambda_max() * (1.0 + 1e-12));
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

#[test]
fn neumann_says_how_many_terms_it_would_need() {
    let eigenvalues: Vec<f64> = (0..12).map(|i| 10f64.powi(-i / 2)).collect();
    let sample = Sample::new(eigenvalues, vec![Array1::from_iter((1..=12).map(f64::from))]);
    let contraction = contracted(sample.operator::<f64>(), Step::Auto).unwrap();
    let v = [Array1::ones(12)];
    let tolerance = Stop::tolerance(1e-10);
    let solve = |stop| neumann::solve(&contraction, &v, &neumann::Params { stop });
    match solve(tolerance) {
        // ln τ / ln(1 − λ_min/λ_max) = 23.03e5 for κ = 1e5.
        Err(neumann::Error::Terms { needed, budget: Stop::PRODUCTS, columns: 1, .. }) => {
            assert!((2.29e6..2.33e6).contains(&(needed as f64)), "{needed}");
        }
        other => panic!("{:?}", other.map(|s| s.reports)),
    }
    let unreached = solve(Stop { terms: Some(100), ..tolerance });
    assert!(matches!(unreached, Err(neumann::Error::Budget { terms: 100, .. })));
    solve(Stop { products: 3_000_000, ..tolerance }).unwrap();
}

#[test]
fn a_tolerance_below_the_attainable_level_is_refused_with_that_level() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let reflections = (0..3).map(|_| Array1::zeros(30).gaussian_like(&mut rng)).collect();
    let eigenvalues = (0..30).map(|i| 10f64.powf(-f64::from(i) / 5.0)).collect();
    let sample = Sample::new(eigenvalues, reflections);
    let v: Vec<Array1<f64>> = (0..3).map(|_| Array1::zeros(30).gaussian_like(&mut rng)).collect();
    for (name, solve) in solvers::<f64>() {
        match solve(&sample.operator(), &v, Some(witnessed(&sample)), &to(1e-16)) {
            // ε‖A‖‖x‖/‖v‖ is at most εκ.
            Err(cg::Error::Stagnated { attained, tolerance: 1e-16, .. }) => {
                assert!(
                    attained > 1e-16 && attained < TestRatio::PASS * f64::EPSILON * sample.condition(),
                    "{name} {attained}"
                );
            }
            other => panic!("{name}: {:?}", other.map(|s| s.reports)),
        }
    }
    let vs: Vec<Array1<f32>> = v.iter().map(cast).collect();
    for (name, solve) in solvers::<f32>() {
        let outcome = solve(&sample.operator(), &vs, Some(witnessed(&sample)), &to(1e-10));
        assert!(matches!(outcome, Err(cg::Error::Stagnated { .. })), "{name}: {:?}", outcome.map(|s| s.reports));
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
        for stop in [Stop { products: 9, ..Stop::tolerance(1e-10) }, Stop { terms: Some(4), ..Stop::tolerance(1e-10) }]
        {
            match solve(&operator, &v, None, &cg::Params { stop }) {
                Err(cg::Error::Budget { attained, iterations, .. }) => assert!(attained > 1e-10 && iterations <= 9),
                other => panic!("{name}: {:?}", other.map(|s| s.reports)),
            }
        }
        // A truncation far beyond convergence is no error and stays as good.
        let solution = solve(&operator, &v, None, &cg::Params { stop: Stop::terms(5000) }).unwrap();
        assert_eq!(solution.status, Status::Budget);
        assert!(solution.reports.iter().all(|r| r.relative_residual < 1e-10));
    }
}

/// A block needs no more iterations than its slowest column alone, and fewer products where the columns help one another.
#[test]
fn a_block_saves_products() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let n = 200;
    let reflections = (0..3).map(|_| Array1::zeros(n).gaussian_like(&mut rng)).collect();
    // Few small eigenvalues: what block methods are for.
    let eigenvalues = (0..n).map(|i| if i < 6 { 1e-5 * (i + 1) as f64 } else { 1.0 + i as f64 / n as f64 }).collect();
    let sample = Sample::new(eigenvalues, reflections);
    let operator = sample.operator::<f64>();
    let mut vs: Vec<Array1<f64>> = (0..6).map(|_| Array1::zeros(n).gaussian_like(&mut rng)).collect();
    // An eigenvector needs a single step, and leaves early.
    vs.push(samples::eigenvectors(&sample.reflections, n).column(n - 1).to_owned());
    let single = cg::solve(&operator, &vs, None, &to(1e-8)).unwrap();
    let block = block_cg::solve(&operator, &vs, None, &to(1e-8)).unwrap();
    assert!(block.iterations < single.iterations, "{} {}", block.iterations, single.iterations);
    let products = |s: &Solution<Array1<f64>>| s.reports.iter().map(|r| r.iterations).sum::<usize>();
    assert!(products(&block) < products(&single), "{} {}", products(&block), products(&single));
}

/// Copies of a column are solved by the products of one.
#[test]
fn dependent_columns_cost_nothing() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let reflections = (0..3).map(|_| Array1::zeros(60).gaussian_like(&mut rng)).collect();
    let sample = Sample::new((0..60).map(|i| 10f64.powf(-f64::from(i) / 20.0)).collect(), reflections);
    let v: Array1<f64> = Array1::zeros(60).gaussian_like(&mut rng);
    let products = std::cell::Cell::new(0);
    let operator = Closure::new(60, |x: &Array1<f64>, y: &mut Array1<f64>| {
        products.set(products.get() + 1);
        y.assign(&sample.matrix.dot(x));
    });
    cg::solve(&operator, std::slice::from_ref(&v), None, &to(1e-8)).unwrap();
    let single = products.replace(0);
    let copies = [v.clone(), &v * -3.0, v.clone() / 7.0];
    block_cg::solve(&operator, &copies, None, &to(1e-8)).unwrap();
    // The true residual of each copy is computed twice: to confirm, and to report.
    assert!(products.get() <= single + 2 * copies.len(), "{} {single}", products.get());
}

/// A larger block searches a larger space: a column that leaves early must not cost the others the directions it brought.
#[test]
fn a_column_that_leaves_takes_nothing_along() {
    let mut rng = ChaCha8Rng::seed_from_u64(10);
    let n = 120;
    let reflections = (0..3).map(|_| Array1::zeros(n).gaussian_like(&mut rng)).collect();
    let sample = Sample::new((0..n).map(|i| 10f64.powf(-2.0 * i as f64 / n as f64)).collect(), reflections);
    let operator = sample.operator::<f64>();
    let mut vs: Vec<Array1<f64>> = (0..2).map(|_| Array1::zeros(n).gaussian_like(&mut rng)).collect();
    let alone = block_cg::solve(&operator, &vs, None, &to(1e-8)).unwrap().iterations;
    let q = samples::eigenvectors(&sample.reflections, n);
    for few in 0..4 {
        vs.push((0..6).map(|i| q.column(few + 19 * i).to_owned()).fold(Array1::zeros(n), |v, u| v + u));
    }
    let together = block_cg::solve(&operator, &vs, None, &to(1e-8)).unwrap();
    assert!(together.reports[2..].iter().all(|r| r.iterations < together.iterations));
    assert!(together.iterations <= alone, "{} {alone}", together.iterations);
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
    let long = solve(stochastic_neumann::Params { step: 20.0 * step, ..params });
    assert!(matches!(long, Err(stochastic_neumann::Error::Diverged { .. })), "{:?}", long.map(|s| s.reports));
    assert!(solve(stochastic_neumann::Params { step: f64::NAN, ..params }).is_err());
    assert!(solve(stochastic_neumann::Params { repeats: 0, ..params }).is_err());
}
