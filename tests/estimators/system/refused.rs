//! Systems that the mathematics refuses: what is said, and what stands in the report.

use nasproof::{
    ihvp::{
        Certificate,
        system::{MOST_FACTORED, Method, Outcome, Refusal, Request, SolveError, Step, Storage, solve},
    },
    linalg::Vector,
    spectrum::negligible,
};
use ndarray::{Array1, Array2};

use super::{N, answer, by, decay, ends, fisher, gradients, hessian, random, refusal, vector, with_eigenvalues};

#[test]
fn fewer_gradients_than_weights_need_damping_beyond_rounding() {
    let v = vector(N, 1);
    let panel = random(5, N, 2);
    for method in Method::ALL {
        let (refused, report) = refusal(&gradients(&panel, 0.0), &by(method), &v);
        assert_eq!(refused, Refusal::RankDeficient { rows: 5, dim: N }, "{method}");
        assert_eq!((report.status, report.certificate), (Outcome::Singular, Certificate::Heuristic));
        assert_eq!(report.refusal, Some(refused.to_string()));
        assert!(report.error_bound.is_empty() && report.relative_residual.is_empty());
    }
    // λ_min = η. One gradient that is far longer than the others makes λ_max nearly tr F.
    let mut long = panel.clone();
    long.row_mut(2).mapv_inplace(|x| 1e3 * x);
    let request = Request { step: Some(Step::Given(1.0)), ..by(Method::Identity) };
    for panel in [panel, long] {
        let threshold = negligible(N, f64::EPSILON, ends(&fisher(&panel, 0.0)).1);
        for damping in [0.5 * threshold, 0.999 * threshold] {
            for method in Method::ALL {
                let (refused, report) = refusal(&gradients(&panel, damping), &by(method), &v);
                assert!(matches!(refused, Refusal::Singular(_)), "{method}: {refused}");
                assert_eq!(report.status, Outcome::Singular);
            }
        }
        assert_eq!(answer(&gradients(&panel, 1.001 * threshold), &request, &v).x.column(0), v);
    }
}

#[test]
fn gradients_of_one_direction_need_damping_beyond_rounding_however_many_they_are() {
    let v = vector(N, 1);
    let one = Array2::from_shape_fn((N, N), |(i, j)| (i + 1) as f64 * (j + 2) as f64);
    let request = Request { step: Some(Step::Given(1.0)), ..by(Method::Identity) };
    let (refused, _) = refusal(&gradients(&one, 0.0), &request, &v);
    assert!(matches!(refused, Refusal::Singular(_)), "{refused}");
    for method in Method::ALL {
        let (refused, report) = refusal(&gradients(&one, 1e-14), &by(method), &v);
        assert!(matches!(refused, Refusal::Singular(_)), "{method}: {refused}");
        assert!(refused.to_string().contains("lost in rounding"), "{method}: {refused}");
        assert_eq!(report.status, Outcome::Singular);
    }
}

/// Beyond what is factored, Lanczos sees them.
#[test]
fn a_large_singular_system_is_refused_by_every_method() {
    let dim = MOST_FACTORED + 1;
    let v = vector(dim, 1);
    let ending = |last: f64| Array1::from_shape_fn(dim, |i| if i == dim - 1 { last } else { 1.0 });
    let mut signs = ending(0.0);
    signs.iter_mut().step_by(2).skip(1).for_each(|l| *l = -*l);
    for method in Method::ALL.into_iter().filter(|m| *m != Method::Exact) {
        let hessians = [ending(0.0), ending(1e-17), signs.clone()];
        for (i, diagonal) in hessians.iter().enumerate().filter(|_| !method.needs_gradients()) {
            let (refused, report) = refusal(&hessian(&Array2::from_diag(diagonal), 0.0), &by(method), &v);
            let indefinite = i == 2 && !method.takes_indefinite();
            assert_eq!(matches!(refused, Refusal::Singular(_)), !indefinite, "{method} {i}: {refused}");
            assert_eq!(report.status, if indefinite { Outcome::Indefinite } else { Outcome::Singular });
        }
        // As many gradients as weights, in all directions but one.
        let panel = Array2::from_diag(&ending(0.0)) * (dim as f64).sqrt();
        let (refused, _) = refusal(&gradients(&panel, 1e-15), &by(method), &v);
        assert!(matches!(refused, Refusal::Singular(_)), "{method}: {refused}");
    }
    // The eigenvalues are those of a nonsingular system, of either sign.
    let nonsingular = signs.mapv(|l| if l == 0.0 { 0.5 } else { l });
    let found = answer(&hessian(&Array2::from_diag(&nonsingular), 0.0), &by(Method::Diagonal), &v).report;
    assert_eq!((found.status, found.smallest_eigenvalue_bound), (Outcome::Converged, None));
    let panel = Array2::from_diag(&ending(0.0)) * (dim as f64).sqrt();
    let found = answer(&gradients(&panel, 1e-9), &by(Method::Diagonal), &v).report;
    assert_eq!(found.smallest_eigenvalue_bound, Some(1e-9));
}

#[test]
fn a_singular_hessian_is_refused_by_every_method() {
    let mut eigenvalues = decay(N, 10.0);
    eigenvalues[4] = 0.0;
    let system = hessian(&with_eigenvalues(eigenvalues, 11), 0.0);
    for method in Method::ALL.into_iter().filter(|m| !m.needs_gradients()) {
        let (refused, report) = refusal(&system, &by(method), &vector(N, 12));
        assert!(matches!(refused, Refusal::Singular(_)), "{method}: {refused}");
        assert_eq!(report.status, Outcome::Singular);
    }
}

#[test]
fn an_indefinite_hessian_is_refused_with_the_damping_that_would_help() {
    let mut eigenvalues = decay(N, 10.0);
    eigenvalues[4] *= -1.0;
    let least = eigenvalues[4];
    let matrix = with_eigenvalues(eigenvalues, 21);
    let v = vector(N, 22);
    for method in [Method::Cg, Method::BlockCg, Method::Neumann] {
        let (refused, report) = refusal(&hessian(&matrix, 0.0), &by(method), &v);
        assert_eq!(report.status, Outcome::Indefinite);
        let Refusal::Indefinite { method: named, damping: Some(damping), .. } = refused else { panic!("{refused}") };
        assert_eq!(named, method);
        // A direction of negative curvature is above the least eigenvalue, up to rounding.
        assert!(damping > 0.0 && damping <= -least * (1.0 + N as f64 * f64::EPSILON * 30.0), "{damping} {least}");
        answer(&hessian(&matrix, -1.5 * least), &by(method), &v);
    }
    for method in [Method::Exact, Method::Diagonal] {
        answer(&hessian(&matrix, 0.0), &by(method), &v);
    }
}

#[test]
fn a_tolerance_that_is_not_reached_is_an_error_with_what_was() {
    let v = vector(N, 31);
    let system = hessian(&with_eigenvalues(decay(N, 1e8), 32), 0.0);
    for (request, reached) in [
        (Request { tolerance: Some(1e-16), ..by(Method::Exact) }, true),
        (Request { tolerance: Some(1e-16), ..by(Method::Cg) }, false),
        (Request { tolerance: Some(1e-6), terms: Some(2), ..by(Method::Cg) }, false),
        (Request { tolerance: Some(1e-6), terms: Some(2), ..by(Method::Neumann) }, false),
        (Request { tolerance: Some(1e-6), ..by(Method::Identity) }, true),
        (Request { tolerance: Some(1e-6), ..by(Method::Diagonal) }, true),
    ] {
        let (refused, report) = refusal(&system, &request, &v);
        let Refusal::Tolerance { message, .. } = &refused else { panic!("{request:?}: {refused}") };
        assert!(message.contains(request.method.name()), "{message}");
        assert_eq!((report.status, report.certificate), (Outcome::Budget, Certificate::Heuristic), "{request:?}");
        assert_eq!(report.relative_residual.len(), usize::from(reached), "{request:?}");
        assert_eq!(report.error_bound, vec![None; usize::from(reached)]);
        assert!(report.relative_residual.iter().all(|r| *r > request.tolerance.unwrap()));
        let advice = message.contains("does not tend to the solution");
        assert_eq!(advice, !request.method.converges(), "{message}");
    }
}

#[test]
fn single_precision_is_blamed_for_what_it_cannot_do() {
    let v = vector(N, 41);
    // κ = 1e10 is beyond single precision and within double.
    let ill = hessian(&with_eigenvalues(decay(N, 1e10), 42), 0.0);
    for method in [Method::Exact, Method::Cg] {
        let request = Request { tolerance: Some(1e-4), ..by(method) };
        answer(&ill, &request, &v);
        let (refused, report) = refusal(&ill, &Request { single: true, ..request }, &v);
        assert_eq!(report.status, Outcome::Budget, "{refused}");
        assert!(refused.to_string().contains("single precision") && refused.to_string().contains("--f32"), "{refused}");
    }
    // A baseline that is not defined is not, in any precision.
    let mut swap = Array2::eye(N);
    (swap[(0, 0)], swap[(1, 1)], swap[(0, 1)], swap[(1, 0)]) = (0.0, 0.0, 1.0, 1.0);
    for single in [false, true] {
        let (refused, report) = refusal(&hessian(&swap, 0.0), &Request { single, ..by(Method::Diagonal) }, &v);
        assert_eq!(report.status, Outcome::Singular);
        assert!(refused.to_string().contains("diagonal") && !refused.to_string().contains("single"), "{refused}");
    }
}

/// A solution that its format rounds to 0 is not the solution 0.
#[test]
fn an_answer_below_its_format_is_off_by_all_of_itself() {
    let system = hessian(&Array2::eye(N), 0.0);
    let v = Array1::from_elem(N, 1e-60);
    for (storage, kept) in [(Storage::Single, 0.0), (Storage::Double, 1e-60)] {
        let found = answer(&system, &Request { storage, ..by(Method::Exact) }, &v);
        assert_eq!(found.x[(3, 0)], kept);
        let error = (&v - &found.x.column(0)).norm();
        assert!(found.report.error_bound[0].unwrap() >= error, "{:?}", found.report.error_bound[0]);
    }
    let nothing = answer(&system, &by(Method::Exact), &(v * 0.0));
    assert_eq!(nothing.report.error_bound[0], Some(0.0));
}

#[test]
fn an_answer_beyond_its_format_is_refused() {
    let system = hessian(&(Array2::<f64>::eye(N) * 1e-3), 0.0);
    let vs = [Array1::ones(N), Array1::from_elem(N, 1e36)];
    let refused = solve(&system, &Request { storage: Storage::Single, ..by(Method::Exact) }, &vs).unwrap_err();
    assert!(refused.to_string().contains("column 1"), "{refused}");
    assert!(solve(&system, &by(Method::Exact), &vs).is_ok());
}

/// All passes of refinement share one budget: what double precision refuses, passes in single precision, each of which would fit, do not add up to.
#[test]
fn passes_in_single_precision_share_the_products() {
    let system = hessian(&with_eigenvalues(decay(N, 2e3), 61), 0.0);
    let columns = |count: u64| (0..count).map(|j| vector(N, 62 + j)).collect::<Vec<_>>();
    let request = Request { single: true, ..by(Method::Neumann) };
    // K = κ ln(1/τ): 7 κ products a column and pass, 23 κ in all.
    assert!(solve(&system, &request, &columns(15)).is_ok());
    for single in [true, false] {
        match solve(&system, &Request { single, ..request.clone() }, &columns(60)) {
            Err(SolveError::Refused { refusal: Refusal::Tolerance { message, .. }, report }) => {
                assert_eq!(report.status, Outcome::Budget);
                assert!(!single || message.contains("of at most 1000000 products"), "{message}");
            }
            other => panic!("{single}: {other:?}"),
        }
    }
}
