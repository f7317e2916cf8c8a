//! Solves whose every number is a fraction known beforehand: the products of the operator follow a script.
//!
//! A product with a direction and the one that a true residual is computed with may be by different multiples of the identity, as they differ by rounding
//! where a tolerance is near the attainable level. The right-hand side is $v=(1,\dots,1)$ of length 4, and no product, quotient or root below rounds.

use std::cell::Cell;

use nasproof::{
    ihvp::{Solution, Stop, block_cg, cg, neumann, stochastic_neumann},
    linalg::{Contraction, LinearOperator, PositiveDefinite, TestRatio},
};
use ndarray::Array1;
use rand_chacha::ChaCha8Rng;

use super::common::to;

const N: usize = 16;

/// $f_k\Lambda$ in the $k$-th product, the last $f_k$ ever after; $\Lambda=I$ unless said otherwise.
struct Scripted {
    factors: Vec<f64>,
    diagonal: Array1<f64>,
    products: Cell<usize>,
}

impl Scripted {
    fn new(factors: &[f64]) -> Self {
        Self { factors: factors.to_vec(), diagonal: Array1::ones(N), products: Cell::new(0) }
    }

    /// With the step ½, as if it were the identity: $\rho=\frac12$.
    fn halving(&self) -> Contraction<&Self> {
        Contraction::by_construction(PositiveDefinite::by_construction(self).unwrap(), 0.5).unwrap()
    }
}

impl LinearOperator for Scripted {
    type Vector = Array1<f64>;
    fn dim(&self) -> usize {
        N
    }
    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        let product = self.products.replace(self.products.get() + 1);
        y.assign(&(x * &self.diagonal * self.factors[product.min(self.factors.len() - 1)]));
    }
    fn lower_bound(&self) -> Option<f64> {
        Some(1.0)
    }
    fn norm_bound(&self) -> Option<f64> {
        Some(1.0)
    }
}

fn v() -> [Array1<f64>; 1] {
    [Array1::ones(N)]
}

/// The answer to the only column.
fn only<E>(outcome: Result<Solution<Array1<f64>>, E>) -> Result<Array1<f64>, E> {
    outcome.map(|mut solution| solution.columns.remove(0))
}

/// A direction is taken to be an eigenvector of 1, so that one step ends the recursion at $x=v$; the true residual $v-\frac78x$ is an eighth.
#[test]
fn a_residual_at_the_tolerance_is_enough() {
    let factors = [1.0, 0.875];
    let operator = [Scripted::new(&factors), Scripted::new(&factors)];
    let single = cg::solve(&operator[0], &v(), None, &to(0.125)).unwrap();
    let block = block_cg::solve(&operator[1], &v(), None, &to(0.125)).unwrap();
    for (solution, operator) in [single, block].iter().zip(&operator) {
        assert_eq!(solution.columns, v());
        let report = &solution.reports[0];
        assert_eq!((report.relative_residual, report.iterations, &*report.trace), (0.125, 1, &[0.0][..]));
        // The direction, the true residual, and the one reported.
        assert_eq!(operator.products.get(), 3);
    }
}

/// True residuals with $\frac12x$ for $x=v,\frac32v,\frac74v$: a half, a quarter, an eighth. A round that halves has not stagnated, and each starts from what the
/// last one left.
#[test]
fn rounds_that_just_halve_the_true_residual_go_on() {
    let operator = Scripted::new(&[1.0, 0.5, 1.0, 0.5, 1.0, 0.5]);
    let single = cg::solve(&operator, &v(), None, &to(0.125)).unwrap();
    // Three directions, each with a look at the true residual, and the report.
    assert_eq!(operator.products.get(), 7);
    // A block computes the true residual once more to start a round from.
    let operator = Scripted::new(&[1.0, 0.5, 0.5, 1.0, 0.5, 0.5, 1.0, 0.5]);
    let block = block_cg::solve(&operator, &v(), None, &to(0.125)).unwrap();
    assert_eq!(operator.products.get(), 9);
    for solution in [single, block] {
        assert_eq!(solution.columns[0], &v()[0] * 1.75);
        let report = &solution.reports[0];
        assert_eq!((report.relative_residual, report.iterations, &*report.trace), (0.125, 3, &[0.0; 3][..]));
    }
}

/// Half of the eigenvalues are ¾ and half 1¼: a step leaves a quarter of the residual and two steps nothing. With ¾ of the product the true residual is then still
/// a quarter, and the next round, which aims at a quarter of the tolerance, does not end where a step has left a sixteenth.
#[test]
fn a_round_after_the_first_aims_at_a_quarter_of_the_tolerance() {
    let graded = |factors: &[f64]| {
        let diagonal = Array1::from_shape_fn(N, |i| if i % 2 == 0 { 0.75 } else { 1.25 });
        Scripted { diagonal, ..Scripted::new(factors) }
    };
    let single = cg::solve(&graded(&[1.0, 1.0, 0.75, 1.0, 1.0, 0.8]), &v(), None, &to(0.125)).unwrap();
    let block = block_cg::solve(&graded(&[1.0, 1.0, 0.75, 0.75, 1.0, 1.0, 0.8]), &v(), None, &to(0.125)).unwrap();
    for solution in [single, block] {
        assert_eq!(solution.iterations, 4);
        for (seen, expected) in solution.reports[0].trace.iter().zip([0.25, 0.0, 0.0625, 0.0]) {
            assert!(TestRatio::identity(*seen, expected, 1.0, N).passes(), "{seen} {expected}");
        }
    }
}

/// $v-\frac14v$ is more than half of $v$, and where $v-(-1)v$ is longer than $v$, the best there was is $x=0$.
#[test]
fn rounds_that_do_not_halve_the_true_residual_have_stagnated() {
    let little = 2f64.powi(-20);
    for (look, least) in [(0.25, 0.75), (0.5 - little, 0.5 + little), (-1.0, 1.0)] {
        let factors = [1.0, look];
        let single = cg::solve(&Scripted::new(&factors), &v(), None, &to(0.125));
        let block = block_cg::solve(&Scripted::new(&factors), &v(), None, &to(0.125));
        for outcome in [single, block] {
            assert_eq!(only(outcome), Err(cg::Error::Stagnated { column: 0, attained: least, tolerance: 0.125 }));
        }
    }
}

/// The eigenvalues are $1\pm\epsilon$, so that one step leaves $\epsilon$ of the residual. Where $\kappa$ is large that is far from nothing, and a truncation of two steps
/// takes the second.
#[test]
fn a_truncation_goes_on_beyond_the_precision_of_its_numbers() {
    let graded = || {
        let diagonal = Array1::from_shape_fn(N, |i| if i % 2 == 0 { 1.0 - f64::EPSILON } else { 1.0 + f64::EPSILON });
        Scripted { diagonal, ..Scripted::new(&[1.0]) }
    };
    let params = cg::Params { stop: Stop::terms(2) };
    let single = cg::solve(&graded(), &v(), None, &params).unwrap();
    let block = block_cg::solve(&graded(), &v(), None, &params).unwrap();
    for report in [&single.reports[0], &block.reports[0]] {
        assert_eq!((report.iterations, report.trace.len()), (2, 2));
        assert!(report.trace[0] < 2.0 * f64::EPSILON, "{:?} says nothing", report.trace);
    }
}

/// The true residual is zero while the solve runs and a half of $v$ where the answer is reported on.
#[test]
fn what_is_reported_is_held_to_the_tolerance_too() {
    let factors = [1.0, 1.0, 0.5];
    let single = cg::solve(&Scripted::new(&factors), &v(), None, &to(0.125));
    let block = block_cg::solve(&Scripted::new(&factors), &v(), None, &to(0.125));
    for outcome in [single, block] {
        assert_eq!(only(outcome), Err(cg::Error::Stagnated { column: 0, attained: 0.5, tolerance: 0.125 }));
    }
    let params = neumann::Params { stop: Stop::tolerance(0.125) };
    let series = neumann::solve(&Scripted::new(&[2.0, 2.0, 1.0]).halving(), &v(), &params);
    assert_eq!(only(series), Err(neumann::Error::Stagnated { column: 0, attained: 0.5, tolerance: 0.125 }));
}

#[test]
fn a_budget_counts_every_iteration_and_every_product() {
    let budget = |attained, iterations| Err(cg::Error::Budget { column: 0, attained, tolerance: 0.125, iterations });
    // After one iteration x = v, of residual v/2.
    let params = cg::Params { stop: Stop { terms: Some(1), ..Stop::tolerance(0.125) } };
    let factors = [1.0, 0.5];
    assert_eq!(only(cg::solve(&Scripted::new(&factors), &v(), None, &params)), budget(0.5, 1));
    assert_eq!(only(block_cg::solve(&Scripted::new(&factors), &v(), None, &params)), budget(0.5, 1));
    // Two rounds: a quarter. With one product more a third round would solve exactly: x = 3v/2 + 2·v/4.
    let products = |products| cg::Params { stop: Stop { products, ..Stop::tolerance(0.125) } };
    let factors = [1.0, 0.5, 1.0, 0.5];
    // Two products a round; a round that has begun ends.
    for (most, iterations, attained) in [(1, 1, 0.5), (2, 1, 0.5), (3, 2, 0.25), (4, 2, 0.25)] {
        let outcome = cg::solve(&Scripted::new(&factors[..2 * iterations]), &v(), None, &products(most));
        assert_eq!(only(outcome), budget(attained, iterations), "{most}");
    }
    assert_eq!(cg::solve(&Scripted::new(&factors), &v(), None, &products(5)).unwrap().columns[0], &v()[0] * 2.0);
    // Three: before a direction there must be room for it.
    let factors = [1.0, 0.5, 0.5, 1.0, 0.5];
    for (most, iterations, attained) in [(1, 1, 0.5), (3, 1, 0.5), (4, 2, 0.25), (6, 2, 0.25)] {
        let outcome = block_cg::solve(&Scripted::new(&factors[..3 * iterations - 1]), &v(), None, &products(most));
        assert_eq!(only(outcome), budget(attained, iterations), "{most}");
    }
    assert_eq!(block_cg::solve(&Scripted::new(&factors), &v(), None, &products(7)).unwrap().columns[0], &v()[0] * 2.0);
}

/// $\rho=\frac12$: the residual after the terms $0,\dots,K$ is $2^{-K-1}$.
#[test]
fn the_terms_a_tolerance_needs_are_counted_by_hand() {
    for (gap, tolerance, last) in
        [(0.5, 0.6, 0), (0.5, 0.3, 1), (0.5, 0.2, 2), (0.75, 0.1, 1), (0.75, 0.01, 3), (0.9, 0.02, 1)]
    {
        assert_eq!(neumann::terms_for(gap, tolerance), last, "{gap} {tolerance}");
    }
    assert_eq!(neumann::terms_for(0.0, 0.5), u64::MAX);
    let solve = |columns: &[Array1<f64>], products| {
        let operator = Scripted::new(&[1.0]);
        let params = neumann::Params { stop: Stop { products, ..Stop::tolerance(0.3) } };
        neumann::solve(&operator.halving(), columns, &params)
    };
    // One product is one term after the first, and enough: a quarter is left.
    let solution = solve(&v(), 1).unwrap();
    let report = &solution.reports[0];
    assert_eq!((solution.iterations, report.relative_residual, &*report.trace), (1, 0.25, &[0.5, 0.25][..]));
    let [column] = v();
    for (given, budget) in [(1, 0), (2, 1)] {
        let refused = solve(&vec![column.clone(); given], budget).unwrap_err();
        let expected = neumann::Error::Terms { needed: 1, columns: given, budget, tolerance: 0.3, gap: 0.5 };
        assert_eq!(refused, expected);
    }
}

/// A zero column has no terms and nothing to trace; the one beside it is summed all the same.
#[test]
fn a_series_of_zeros_has_no_terms() {
    let columns = [Array1::zeros(N), Array1::ones(N)];
    let operator = Scripted::new(&[1.0]);
    let params = neumann::Params { stop: Stop::terms(1) };
    let solution = neumann::solve(&operator.halving(), &columns, &params).unwrap();
    assert_eq!(solution.columns, [columns[0].clone(), &columns[1] * 0.75]);
    assert_eq!([0, 1].map(|j| solution.reports[j].trace.clone()), [vec![], vec![0.5, 0.25]]);
}

/// The first term annihilates $v$ and leaves $x=\frac12v$; the true residual $v-fx$ is what the script says.
#[test]
fn a_series_is_summed_again_for_what_its_true_residual_leaves() {
    let solve = |factors: &[f64], tolerance| {
        let params = neumann::Params { stop: Stop::tolerance(tolerance) };
        neumann::solve(&Scripted::new(factors).halving(), &v(), &params)
    };
    // x = v/2, 3v/4, 7v/8: halves each time, and the last is the tolerance itself.
    let solution = solve(&[2.0, 1.0, 2.0, 1.0, 2.0, 1.0], 0.125).unwrap();
    let report = &solution.reports[0];
    assert_eq!((report.relative_residual, report.iterations), (0.125, 3));
    assert_eq!((&solution.columns[0], &*report.trace), (&(&v()[0] * 0.875), &[0.0, 0.0, 0.0, 0.125][..]));
    for (look, attained) in [(0.5, 0.75), (1.0 - 2f64.powi(-20), 0.5 + 2f64.powi(-21))] {
        let outcome = solve(&[2.0, look], 0.125);
        assert_eq!(only(outcome), Err(neumann::Error::Stagnated { column: 0, attained, tolerance: 0.125 }));
    }
    // A quarter is left by 3/2. The second round aims at a quarter of the tolerance, 3/64: its terms are 1/4, 1/8, 1/16, 1/32 and sum to 15/32.
    let solution = solve(&[2.0, 1.5, 1.0, 1.0, 1.0, 1.25], 0.1875).unwrap();
    assert_eq!((solution.iterations, &solution.columns[0]), (4, &(&v()[0] * (0.5 + 0.5 * 15.0 / 32.0))));
}

#[test]
fn a_series_keeps_its_budget() {
    let solve =
        |factors: &[f64], stop| neumann::solve(&Scripted::new(factors).halving(), &v(), &neumann::Params { stop });
    let budget = |attained, tolerance, terms| Err(neumann::Error::Budget { column: 0, attained, tolerance, terms });
    // x = (1/2 + 1/4)v.
    assert_eq!(only(solve(&[1.0], Stop { terms: Some(1), ..Stop::tolerance(0.125) })), budget(0.25, 0.125, 1));
    // A term and a look are two products; a second round halves what is left.
    let products = |products| Stop { products, ..Stop::tolerance(0.3) };
    let factors = [2.0, 1.0, 2.0, 1.0];
    assert_eq!(only(solve(&factors, products(2))), budget(0.5, 0.3, 1));
    assert_eq!(solve(&factors, products(3)).unwrap().reports[0].relative_residual, 0.25);
}

/// $\lVert I-\gamma A\rVert=1$ is a term as long as the one before, and with a factor above what rounding explains the series is none.
#[test]
fn terms_may_keep_their_length_and_not_grow() {
    let solve = |factor: f64, terms| {
        neumann::solve(&Scripted::new(&[factor]).halving(), &v(), &neumann::Params { stop: Stop::terms(terms) })
    };
    // The terms v, −v, v.
    let solution = solve(4.0, 2).unwrap();
    assert_eq!((&solution.columns[0], &*solution.reports[0].trace), (&(&v()[0] * 0.5), &[1.0, 1.0, 1.0][..]));
    // A term that vanishes is the last, and so is one of 2⁻¹⁰⁴ = ε², of as many halvings.
    assert_eq!(solve(2.0, 5).unwrap().iterations, 1);
    assert_eq!(solve(1.0, 200).unwrap().iterations, 104);
    let refused = solve(5.0, 2).unwrap_err();
    assert_eq!(refused, neumann::Error::Diverged { column: 0, term: 1, ratio: 1.5, step: 0.5, quotient: 5.0 });
    // Without a bound on the rounding of products a threshold of test ratios is explained, and no more.
    let explained = TestRatio::PASS * N as f64 * f64::EPSILON;
    assert!(solve(2.0 * (2.0 + explained), 1).is_ok());
    assert!(matches!(solve(2.0 * (2.0 + explained + 16.0 * f64::EPSILON), 1), Err(neumann::Error::Diverged { .. })));
}

/// $x_k/\gamma$ is $v$ and then $v+(1-\gamma a)x_{k-1}/\gamma$: for $\gamma a=\frac12$ the residual halves, and for $\gamma a=-2$ the first is 4 times as long as $v$, the most that is allowed.
#[test]
fn a_recursion_may_just_reach_its_tolerance_and_its_limit() {
    let solve = |factor: f64, step, terms, tolerance| {
        let params = stochastic_neumann::Params { step, terms, repeats: 1, seed: 0, tolerance };
        let full = Scripted::new(&[1.0]);
        stochastic_neumann::solve(&full, |_: &mut ChaCha8Rng| Scripted::new(&[factor]), &v(), None, &params)
    };
    assert_eq!(solve(1.0, 0.5, 2, Some(0.125)).unwrap().reports[0].relative_residual, 0.125);
    assert!(solve(1.0, 0.5, 1, Some(0.125)).is_err());
    assert_eq!(solve(-4.0, 0.5, 1, None).unwrap().columns[0], &v()[0] * 2.0);
    assert!(matches!(solve(1.0, 0.0, 1, None), Err(stochastic_neumann::Error::Params { step: 0.0, repeats: 1 })));
}
