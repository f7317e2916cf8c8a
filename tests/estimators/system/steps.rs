//! The steps of the methods that have one.

use nasproof::{
    ihvp::system::{DEFAULT_TOLERANCE, Method, Outcome, Request, Step, System, SystemError, solve},
    linalg::{TestRatio, Vector},
};
use ndarray::{Array1, Array2};

use super::{
    DAMPING, N, answer, by, close, damped, decay, ends, fisher, gradients, hessian, random, refusal, vector,
    with_eigenvalues,
};
use crate::estimators::oracle;

/// What `auto` promises: the bound on $\lambda_{\max}$ is this near.
const GAP: f64 = 1e-6;

#[test]
fn the_automatic_step_is_one_over_the_largest_eigenvalue() {
    const LARGE: usize = 60;
    // Evenly spaced, so that many Lanczos steps lie between a rough bound and a near one.
    let h = with_eigenvalues((1..=LARGE).map(|i| i as f64 / LARGE as f64).collect(), 1);
    let (few, square, many) = (random(5, N, 2), random(N, N, 3), random(30, N, 4));
    for (system, a) in [
        (hessian(&h, DAMPING), damped(&h, DAMPING)),
        (gradients(&few, DAMPING), fisher(&few, DAMPING)),
        (gradients(&square, DAMPING), fisher(&square, DAMPING)),
        (gradients(&many, DAMPING), fisher(&many, DAMPING)),
    ] {
        let v = vector(system.dim(), 5);
        let (least, largest) = ends(&a);
        for step in [None, Some(Step::Auto)] {
            let found = answer(&system, &Request { step, ..by(Method::Neumann) }, &v);
            let upper = 1.0 / found.report.step.unwrap();
            assert!(upper >= largest && upper <= largest * (1.0 + 2.0 * GAP), "{upper} {largest}");
        }
        // Any step below 2/λ_max converges; at it and beyond, none does, and that is known for sure.
        let given = |part: f64| Request { step: Some(Step::Given(part / largest)), ..by(Method::Neumann) };
        let found = answer(&system, &given(1.5), &v);
        assert_eq!(found.report.step, Some(1.5 / largest));
        let exact = oracle::solve(&a, &v);
        let error = (&found.x.column(0) - &exact).norm();
        // ‖A⁻¹r‖ ≤ τ‖v‖/λ_min ≤ κτ‖x‖.
        assert!(error <= largest / least * DEFAULT_TOLERANCE * exact.norm(), "{error:e}");
        let (refused, report) = refusal(&system, &given(2.5), &v);
        assert_eq!(report.status, Outcome::Diverged);
        let message = refused.to_string();
        assert!(message.contains("--step") && !message.contains("known to converge only"), "{message}");
    }
}

#[test]
fn the_start_of_lanczos_is_drawn_from_the_seed() {
    const LARGE: usize = 60;
    let values = |sign: f64| (1..=LARGE).map(|i| i as f64 / LARGE as f64 * if i < 20 { sign } else { 1.0 }).collect();
    let v = vector(LARGE, 1);
    let system = hessian(&with_eigenvalues(values(1.0), 2), 0.0);
    let step = |seed| answer(&system, &Request { seed, ..by(Method::Neumann) }, &v).report.step;
    assert!(step(0) == step(0) && step(0) != step(1));
    let indefinite = hessian(&with_eigenvalues(values(-1.0), 3), 0.0);
    let seen = |seed| refusal(&indefinite, &Request { seed, ..by(Method::Cg) }, &v).0;
    assert!(seen(0) == seen(0) && seen(0) != seen(1));
}

#[test]
fn a_truncation_is_lemma_1_term_by_term() {
    let a = with_eigenvalues(decay(N, 50.0), 11);
    let v = vector(N, 12);
    for terms in [0, 1, 7] {
        let request = Request { step: Some(Step::Given(0.75)), terms: Some(terms), ..by(Method::Neumann) };
        let found = answer(&hessian(&a, 0.0), &request, &v);
        assert_eq!(
            (found.report.status, found.report.iterations, found.report.step),
            (Outcome::Budget, terms, Some(0.75))
        );
        // A sum of contractions: as well conditioned as its terms are many.
        assert!(close(&found.x.column(0).to_owned(), &oracle::neumann(&a, &v, 0.75, terms), 8.0), "{terms}");
    }
}

#[test]
fn mini_batches_are_seeded_and_a_full_batch_is_the_series() {
    let panel = random(24, N, 21);
    let (system, a) = (gradients(&panel, 0.5), fisher(&panel, 0.5));
    let v = vector(N, 22);
    let run = |request: Request| answer(&system, &request, &v);
    let stochastic = Request { terms: Some(9), batch: Some(4), ..by(Method::StochasticNeumann) };
    let first = run(stochastic.clone());
    assert_eq!((first.report.status, first.report.iterations), (Outcome::Budget, 9));
    assert_eq!(first.x, run(stochastic.clone()).x);
    assert_ne!(first.x, run(Request { seed: 1, ..stochastic.clone() }).x);
    // η + max‖g‖² bounds λ_max of every mini-batch.
    let largest = panel.rows().into_iter().map(|g| g.dot(&g)).fold(0.0, f64::max) + 0.5;
    let upper = 1.0 / first.report.step.unwrap();
    assert!(TestRatio::identity(upper, largest, largest, N).passes(), "{upper} {largest}");
    // An eighth of the rows unless said otherwise.
    assert_eq!(
        run(Request { batch: None, ..stochastic.clone() }).x,
        run(Request { batch: Some(3), ..stochastic.clone() }).x
    );
    // All rows, and nothing is random: the series with the step given.
    let step = 0.25;
    let full = run(Request { batch: Some(24), step: Some(Step::Given(step)), ..stochastic.clone() });
    assert_eq!(full.report.step, Some(step));
    assert!(close(&full.x.column(0).to_owned(), &oracle::neumann(&a, &v, step, 9), 10.0));
    // Without terms there are so many that the noise has settled: the error is far below that of nine terms.
    let error = |x: &Array1<f64>| (x - &oracle::solve(&a, &v)).norm();
    let settled = run(Request { terms: None, batch: Some(24), step: Some(Step::Given(step)), ..stochastic });
    assert_eq!(settled.report.iterations, 1000);
    assert!(error(&settled.x.column(0).to_owned()) < 0.1 * error(&full.x.column(0).to_owned()));
}

#[test]
fn a_step_is_a_scale_for_the_identity() {
    let system = hessian(&with_eigenvalues(decay(N, 10.0), 31), 0.0);
    let v = vector(N, 32);
    // Far beyond 2/λ_max: no series is summed.
    let found = answer(&system, &Request { step: Some(Step::Given(50.0)), ..by(Method::Identity) }, &v);
    assert_eq!((found.x.column(0).to_owned(), found.report.step), (&v * 50.0, Some(50.0)));
    // A trace of zero is no scale.
    let mut signs = vec![1.0; N];
    signs.iter_mut().step_by(2).for_each(|l| *l = -1.0);
    let traceless = hessian(&Array2::from_diag(&Array1::from(signs)), 0.0);
    let (refused, report) = refusal(&traceless, &by(Method::Identity), &v);
    assert_eq!(report.status, Outcome::Indefinite);
    assert!(refused.to_string().contains("--step"));
    assert!(matches!(System::gradients(random(3, 4, 33), -1.0), Err(SystemError::Damping(_))));
}

/// Just below $2/\lambda_{\max}$ there are steps that are not known to converge, nor known not to: they are refused with what is known.
#[test]
fn a_step_within_rounding_of_the_limit_is_refused_with_both_ends() {
    let h = with_eigenvalues(decay(N, 10.0).into_iter().map(|l| 10.0 * l).collect(), 21);
    let (_, largest) = ends(&h);
    let system = hessian(&h, 0.0);
    let refusals: Vec<String> = (30..53)
        .map(|k| 2.0 / largest * (1.0 - 2f64.powi(-k)))
        .filter_map(|step| {
            let request = Request { step: Some(Step::Given(step)), terms: Some(2), ..by(Method::Neumann) };
            solve(&system, &request, &[vector(N, 22)]).err().map(|error| error.to_string())
        })
        .collect();
    assert!(refusals.iter().any(|message| message.contains("known to converge only for")), "{refusals:?}");
}

/// A tolerance that is the residual to the last bit is met. Everything is a multiple of a power of two that is small enough for sums to be exact, in whatever
/// order a BLAS takes them.
#[test]
fn a_residual_at_the_tolerance_meets_it() {
    let system = hessian(&Array2::from_diag(&Array1::from_shape_fn(N, |i| 0.5f64.powi(i as i32 % 3))), 0.0);
    let v = Array1::ones(N);
    let request = Request { step: Some(Step::Given(0.5)), terms: Some(6), ..by(Method::Neumann) };
    let truncated = answer(&system, &request, &v);
    assert_eq!(truncated.report.status, Outcome::Budget);
    let tolerance = truncated.report.relative_residual[0];
    let met = answer(&system, &Request { tolerance: Some(tolerance), ..request }, &v);
    assert_eq!((met.x, met.report.status), (truncated.x, Outcome::Converged));
    let below = Request { tolerance: Some(tolerance.next_down()), ..request };
    assert!(solve(&system, &below, &[v]).is_err());
}
