//! Answers against elimination, and reports against the answers.

use nasproof::{
    ihvp::{
        Certificate,
        system::{DEFAULT_TOLERANCE, Method, Outcome, Request, Storage, System, solve},
    },
    linalg::{TestRatio, Vector},
};
use ndarray::{Array1, Array2};

use super::{
    DAMPING, N, answer, by, close, damped, decay, ends, fisher, gradients, hessian, random, vector, with_eigenvalues,
};
use crate::estimators::oracle;

const CONVERGING: [Method; 6] =
    [Method::Exact, Method::Cg, Method::BlockCg, Method::Neumann, Method::ShermanMorrison, Method::Woodbury];

/// A Hessian, fewer gradients than weights, and more; each with its dense matrix.
fn systems() -> [(&'static str, System, Array2<f64>); 3] {
    let h = with_eigenvalues(decay(N, 1e3), 1);
    let (few, many) = (random(5, N, 5), random(20, N, 6));
    [
        ("hessian", hessian(&h, DAMPING), damped(&h, DAMPING)),
        ("few", gradients(&few, DAMPING), fisher(&few, DAMPING)),
        ("many", gradients(&many, DAMPING), fisher(&many, DAMPING)),
    ]
}

/// Ordinary, zero and dependent; tiny and huge where the format has room for them.
fn columns(storage: Storage) -> Vec<Array1<f64>> {
    let v = vector(N, 9);
    let (tiny, huge) = if storage == Storage::Single { (1e-20, 1e20) } else { (1e-200, 1e200) };
    vec![v.clone(), &v * 0.0, &v * -2.0, vector(N, 10) * tiny, vector(N, 11) * huge]
}

#[test]
fn every_method_solves_every_system_and_bounds_its_error() {
    for (kind, system, a) in systems() {
        let (least, largest) = ends(&a);
        let condition = largest / least;
        for method in CONVERGING.into_iter().filter(|m| kind != "hessian" || !m.needs_gradients()) {
            for (single, storage) in [(false, Storage::Double), (true, Storage::Double), (false, Storage::Single)] {
                let case = format!("{kind} {method} {single} {storage:?}");
                let vs = columns(storage);
                let request = Request { single, storage, ..by(method) };
                let found = solve(&system, &request, &vs).unwrap_or_else(|e| panic!("{case}: {e}"));
                let report = &found.report;
                assert_eq!((report.method, report.dimension, report.columns), (method, N, vs.len()), "{case}");
                assert_eq!((report.status, report.certificate), (Outcome::Converged, Certificate::Proved), "{case}");
                assert_eq!((report.damping, report.refusal.as_ref()), (DAMPING, None));
                assert!(report.iterations > 0, "{case}");
                assert_eq!(report.step.is_some(), method == Method::Neumann, "{case}");
                let inertia = report.inertia.map(|i| (i.positive, i.negative, i.zero));
                let factored = kind != "few" || method == Method::Exact;
                assert_eq!(inertia, factored.then_some((N, 0, 0)), "{case}");
                let bound = report.smallest_eigenvalue_bound.unwrap();
                // By construction for few gradients, from a factorisation for the others.
                let unit = N as f64 * f64::EPSILON * largest;
                assert!(bound <= least + TestRatio::PASS * unit && bound >= 0.2 * least, "{case}: {bound} {least}");
                assert!(bound == DAMPING || kind != "few", "{case}: {bound}");
                let epsilon = if storage == Storage::Single { f64::from(f32::EPSILON) } else { f64::EPSILON };
                for (j, v) in vs.iter().enumerate() {
                    let (residual, bound) = (report.relative_residual[j], report.error_bound[j].unwrap());
                    assert!(residual <= DEFAULT_TOLERANCE, "{case}: {residual:e}");
                    let x = found.x.column(j).to_owned();
                    if v.max_abs() == 0.0 {
                        assert!(x.max_abs() == 0.0 && residual == 0.0 && bound == 0.0, "{case}");
                        continue;
                    }
                    assert!(storage == Storage::Double || x.iter().all(|x| f64::from(*x as f32) == *x), "{case}");
                    let size = v.max_abs();
                    let exact = oracle::solve(&a, &(v / size));
                    let error = (&(&x / size) - &exact).norm();
                    let slack = TestRatio::PASS * N as f64 * f64::EPSILON * condition * exact.norm();
                    assert!(error <= bound / size + slack, "{case}: {error:e} beyond {:e}", bound / size);
                    // ‖r‖/λ_min ≤ κ(τ + nε)‖x‖ and at most five times that, by the bound on λ_min.
                    let says = condition * (DEFAULT_TOLERANCE + TestRatio::PASS * N as f64 * epsilon) * exact.norm();
                    assert!(bound / size <= 5.0 * says, "{case}: {:e} says nothing", bound / size);
                }
            }
        }
    }
}

#[test]
fn an_ill_conditioned_system_is_solved_as_well_as_it_can_be() {
    let condition = 1e10;
    let h = with_eigenvalues(decay(N, condition), 21);
    let v = vector(N, 22);
    for method in [Method::Exact, Method::Cg] {
        // What storing x leaves is about κε.
        let tolerance = 1e-4;
        let request = Request { tolerance: Some(tolerance), ..by(method) };
        let found = answer(&hessian(&h, 0.0), &request, &v);
        assert_eq!((found.report.status, found.report.certificate), (Outcome::Converged, Certificate::Proved));
        assert!(found.report.relative_residual[0] <= tolerance);
        assert!(found.report.relative_residual[0] > DEFAULT_TOLERANCE, "the case asks nothing");
    }
    // Both signs: exact takes them and counts them, and a baseline is bounded too.
    let mut eigenvalues = decay(N, 100.0);
    eigenvalues.iter_mut().step_by(3).for_each(|l| *l = -*l);
    let indefinite = with_eigenvalues(eigenvalues, 23);
    let found = answer(&hessian(&indefinite, 0.0), &by(Method::Exact), &v);
    let inertia = found.report.inertia.unwrap();
    assert_eq!((inertia.positive, inertia.negative), (8, 4));
    assert!(close(&found.x.column(0).to_owned(), &oracle::solve(&indefinite, &v), 100.0));
    let baseline = answer(&hessian(&indefinite, 0.0), &by(Method::Diagonal), &v);
    let error = (&baseline.x.column(0) - &oracle::solve(&indefinite, &v)).norm();
    assert!(error <= baseline.report.error_bound[0].unwrap());
    assert_eq!((baseline.report.status, baseline.report.certificate), (Outcome::Budget, Certificate::Proved));
}

#[test]
fn baselines_are_what_they_say() {
    let v = vector(N, 31);
    for (kind, system, a) in systems() {
        let scale = N as f64 / a.diag().sum();
        let found = answer(&system, &by(Method::Identity), &v);
        assert!(TestRatio::identity(found.report.step.unwrap(), scale, scale, N).passes(), "{kind}");
        assert!(close(&found.x.column(0).to_owned(), &(&v * scale), 1.0), "{kind}");
        assert_eq!(found.report.status, Outcome::Budget, "{kind}");
        let found = answer(&system, &by(Method::Diagonal), &v);
        assert!(close(&found.x.column(0).to_owned(), &(&v / &a.diag()), 1.0), "{kind}");
        assert_eq!((found.report.status, found.report.step), (Outcome::Budget, None), "{kind}");
    }
    // Where the baseline is the solution it has converged, and a tolerance is no obstacle.
    let diagonal = hessian(&Array2::from_diag(&(&v + 3.0)), 0.0);
    for tolerance in [None, Some(1e-12)] {
        let found = answer(&diagonal, &Request { tolerance, ..by(Method::Diagonal) }, &v);
        assert_eq!(found.report.status, Outcome::Converged);
    }
}

#[test]
fn a_truncation_says_that_it_is_one() {
    let system = hessian(&with_eigenvalues((0..N).map(|i| [1.0, 0.5, 0.1][i % 3]).collect(), 41), 0.0);
    let v = vector(N, 42);
    for method in [Method::Cg, Method::BlockCg] {
        let residual = |terms, single| {
            let found = answer(&system, &Request { terms: Some(terms), single, ..by(method) }, &v);
            assert_eq!((found.report.status, found.report.iterations), (Outcome::Budget, terms), "{method}");
            found.report.relative_residual[0]
        };
        // Three eigenvalues, κ = 10: after three steps only rounding is left, and not before.
        let rounding = |epsilon: f64| TestRatio::PASS * 10.0 * N as f64 * epsilon;
        assert!(residual(3, false) <= rounding(f64::EPSILON), "{method}");
        assert!(residual(2, false) > rounding(f64::EPSILON), "{method}");
        // One pass in single precision, and nothing refines it.
        let single = residual(3, true);
        assert!(single > rounding(f64::EPSILON) && single <= rounding(f64::from(f32::EPSILON)), "{method}: {single:e}");
    }
    // A tolerance beside the terms is one to be reached, within them; refinement in single precision counts them all.
    let tolerance = 1e-8;
    for single in [false, true] {
        let request = Request { terms: Some(40), tolerance: Some(tolerance), single, ..by(Method::Cg) };
        let found = answer(&system, &request, &v);
        assert_eq!(found.report.status, Outcome::Converged);
        assert!(found.report.iterations <= 40 && found.report.relative_residual[0] <= tolerance);
    }
}

/// A residual in `f64` is rounding here, two million times the true one, and so would be the bound.
#[test]
fn the_bound_of_many_weights_is_that_of_the_residual() {
    let (rows, dim, damping) = (64, 20_000, 0.1);
    let panel = random(rows, dim, 31);
    let system = gradients(&panel, damping);
    let v = vector(dim, 32);
    let found = answer(&system, &by(Method::Woodbury), &v);
    let (residual, bound) = (found.report.relative_residual[0], found.report.error_bound[0].unwrap());
    assert_eq!(found.report.certificate, Certificate::Proved);
    assert!(residual > 0.0);
    // λ_min = η, and what is added for the rounding of residual and norms is a small part.
    let least = residual * v.norm() / damping;
    assert!(bound >= least && bound <= 2.0 * least, "{bound:e} for {least:e}");
}
