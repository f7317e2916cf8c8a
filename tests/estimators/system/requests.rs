//! Methods by name, and what the arguments alone refuse.

use nasproof::ihvp::system::{
    MOST_PRODUCTS, Method, Request, RequestError, SolveError, Step, Storage, System, UnknownMethod, solve,
};
use ndarray::{Array1, Array2};

use super::{DAMPING, N, by, decay, gradients, hessian, random, with_eigenvalues};

/// Which of a method's properties hold: works on gradients alone, has a step, has terms, is direct, converges, takes both signs.
const PROPERTIES: [(Method, &str, [bool; 6]); 9] = [
    (Method::Exact, "exact", [false, false, false, true, true, true]),
    (Method::Cg, "cg", [false, false, true, false, true, false]),
    (Method::BlockCg, "block-cg", [false, false, true, false, true, false]),
    (Method::Neumann, "neumann", [false, true, true, false, true, false]),
    (Method::StochasticNeumann, "stochastic-neumann", [true, true, true, false, false, false]),
    (Method::ShermanMorrison, "sherman-morrison", [true, false, false, true, true, false]),
    (Method::Woodbury, "woodbury", [true, false, false, true, true, false]),
    (Method::Identity, "identity", [false, true, false, false, false, true]),
    (Method::Diagonal, "diagonal", [false, false, false, false, false, true]),
];

#[test]
fn methods_have_names_and_properties() {
    assert_eq!(PROPERTIES.map(|(method, ..)| method), Method::ALL);
    for (method, name, [gradients, step, terms, direct, converges, indefinite]) in PROPERTIES {
        assert_eq!((method.name(), name.parse()), (name, Ok(method)));
        assert_eq!(
            (method.needs_gradients(), method.has_step(), method.has_terms()),
            (gradients, step, terms),
            "{name}"
        );
        assert_eq!(
            (method.is_direct(), method.converges(), method.takes_indefinite()),
            (direct, converges, indefinite),
            "{name}"
        );
    }
    assert_eq!("newton".parse::<Method>(), Err(UnknownMethod("newton".into())));
}

#[test]
fn numbers_are_stored_in_their_format() {
    let x = 1.0 / 3.0;
    assert_eq!((Storage::Double.keep(x), Storage::Single.keep(x)), (x, f64::from(x as f32)));
}

#[test]
fn the_goal_is_the_tolerance_or_the_default_of_what_converges() {
    for method in Method::ALL {
        let goal = |terms, tolerance| Request { terms, tolerance, ..by(method) }.goal();
        let default = method.converges().then_some(1e-10);
        assert_eq!([goal(None, None), goal(Some(3), None), goal(Some(3), Some(0.5))], [default, None, Some(0.5)]);
    }
}

#[test]
fn what_a_method_does_not_have_is_refused() {
    for (method, _, [_, step, terms, ..]) in PROPERTIES {
        assert_eq!(by(method).check(), Ok(()));
        let stepped = |value| Request { step: Some(value), ..by(method) }.check();
        for value in [Step::Auto, Step::Given(0.5)] {
            assert_eq!(stepped(value), if step { Ok(()) } else { Err(RequestError::NoStep(method)) });
        }
        if step {
            for bad in [0.0, -1.0, f64::INFINITY] {
                assert_eq!(stepped(Step::Given(bad)), Err(RequestError::Step(bad)));
            }
            assert!(matches!(stepped(Step::Given(f64::NAN)), Err(RequestError::Step(_))));
        }
        let summed = |count| Request { terms: Some(count), ..by(method) }.check();
        let conjugate = matches!(method, Method::Cg | Method::BlockCg);
        let none = if conjugate { Err(RequestError::NoIterations) } else { Ok(()) };
        let refused = |outcome| if terms { outcome } else { Err(RequestError::NoTerms(method)) };
        assert_eq!(summed(0), refused(none));
        for count in [1, MOST_PRODUCTS] {
            assert_eq!(summed(count), refused(Ok(())));
        }
        assert_eq!(summed(MOST_PRODUCTS + 1), refused(Err(RequestError::TooMany(MOST_PRODUCTS + 1))));
        for bad in [0.0, -1.0, 1.0, 2.0, f64::INFINITY] {
            let request = Request { tolerance: Some(bad), ..by(method) };
            assert_eq!(request.check(), Err(RequestError::Tolerance(bad)));
        }
        assert_eq!(Request { tolerance: Some(0.5), ..by(method) }.check(), Ok(()));
        let batch = Request { batch: Some(2), ..by(method) }.check();
        let expected = if method == Method::StochasticNeumann { Ok(()) } else { Err(RequestError::NoBatch(method)) };
        assert_eq!(batch, expected);
    }
}

#[test]
fn what_does_not_fit_the_system_is_refused() {
    let dense = hessian(&with_eigenvalues(decay(N, 10.0), 1), DAMPING);
    let check = |system: &System, request: Request| request.check_for(system, system.dim());
    for method in Method::ALL {
        let expected = if method.needs_gradients() { Err(RequestError::NeedsGradients(method)) } else { Ok(()) };
        assert_eq!(check(&dense, by(method)), expected);
        assert!(by(method).check_for(&dense, N + 1).is_err());
        // (ηI)⁻¹ for η = 0; with few gradients the system is singular besides, and the mathematics says so.
        let starts = matches!(method, Method::ShermanMorrison | Method::Woodbury);
        for (rows, damping, defined) in [(N, 0.0, !starts), (N + 1, 0.0, !starts), (N - 1, 0.0, true), (N, 0.5, true)] {
            let system = gradients(&random(rows, N, 2), damping);
            let expected = if defined { Ok(()) } else { Err(RequestError::NeedsDamping { method, rows, dim: N }) };
            assert_eq!(check(&system, by(method)), expected, "{method} {rows} {damping}");
        }
    }
    assert_eq!(by(Method::Cg).check_for(&dense, N + 1), Err(RequestError::Dimension { dim: N, given: N + 1 }));
    assert_eq!(Request { terms: Some(0), ..by(Method::Cg) }.check_for(&dense, N), Err(RequestError::NoIterations));
    let few = gradients(&random(5, N, 3), DAMPING);
    for (batch, fits) in [(0, false), (1, true), (5, true), (6, false)] {
        let request = Request { batch: Some(batch), ..by(Method::StochasticNeumann) };
        let expected = if fits { Ok(()) } else { Err(RequestError::Batch { batch, rows: 5 }) };
        assert_eq!(check(&few, request), expected);
    }
    // The dense matrix of 20,001 weights is not formed; one of 20,000 would be.
    for (dim, fits) in [(20_000, true), (20_001, false)] {
        let wide = gradients(&Array2::ones((1, dim)), 1.0);
        let expected = if fits { Ok(()) } else { Err(RequestError::TooLarge(dim)) };
        assert_eq!(check(&wide, by(Method::Exact)), expected);
        assert_eq!(check(&wide, by(Method::Cg)), Ok(()));
    }
}

#[test]
fn a_request_refused_is_an_error_before_any_work() {
    let few = gradients(&random(5, N, 11), DAMPING);
    let outcome = solve(&few, &by(Method::Cg), &[Array1::ones(N + 2)]);
    assert!(matches!(outcome, Err(SolveError::Request(RequestError::Dimension { dim: N, given: 14 }))));
    // A number beyond single precision.
    let large = gradients(&(random(5, N, 11) * 1e60), 1e120);
    let outcome = solve(&large, &Request { single: true, ..by(Method::Woodbury) }, &[Array1::ones(N)]);
    assert!(matches!(outcome, Err(SolveError::Request(RequestError::Single))), "{outcome:?}");
}
