//! One method, in one precision, over one system.

use std::cell::OnceCell;

use ndarray::Array1;

use super::{Curvature, Method, Refusal, Request, Step, System, budget::Budget, knowledge::Knowledge};
use crate::{
    ihvp::{
        Stop, block_cg, cg, diagonal,
        exact::{self, Factorisation},
        identity, neumann,
        sherman_morrison::{self, ShermanMorrison},
        stochastic_neumann::{self, MiniBatch},
        woodbury::{self, Woodbury},
    },
    linalg::{Contraction, Damped, LinearOperator, Panel, PositiveDefinite, Scalar},
};

/// Terms of the stochastic recursion when none are given: its noise has long settled.
const STOCHASTIC_TERMS: usize = 1000;

/// Columns and what they took.
pub(super) struct Raw<V> {
    pub columns: Vec<V>,
    pub iterations: usize,
}

/// The step of a method that has one.
pub(super) fn step(system: &System, request: &Request, known: &Knowledge) -> Result<Option<f64>, Refusal> {
    let given = match request.step {
        _ if !request.method.has_step() => return Ok(None),
        Some(Step::Given(step)) => Some(step),
        Some(Step::Auto) | None => None,
    };
    if request.method == Method::Identity {
        return match given {
            Some(step) => Ok(Some(step)),
            None => mean_inverse(system).map(Some),
        };
    }
    let Some(step) = given else {
        // 1/U is a factor 2 below the limit 2/λ_max; a mini-batch may have a larger λ_max than the whole.
        let upper = match &system.operator().inner {
            Curvature::Gradients(fisher) if request.method == Method::StochasticNeumann => {
                stochastic_neumann::row_bound(fisher.panel(), system.damping())
            }
            _ => known.lambda_max(system, request.seed)?.upper,
        };
        return Ok(Some(1.0 / upper));
    };
    let largest = known.lambda_max(system, request.seed)?;
    if step * largest.upper >= 2.0 {
        let certain = step * largest.lower >= 2.0;
        return Err(Refusal::Diverged(format!(
            "--step {step:e} is too long: the series needs γ < 2/λ_max = {:.6e}{}; take a smaller step, or `auto`",
            2.0 / largest.lower,
            if certain {
                String::new()
            } else {
                format!(", and is known to converge only for γ < {:.6e}", 2.0 / largest.upper)
            }
        )));
    }
    Ok(Some(step))
}

/// $n/\operatorname{tr}A$, the inverse of the mean eigenvalue.
fn mean_inverse(system: &System) -> Result<f64, Refusal> {
    identity::Params::mean_eigenvalue(system.operator()).map(|params| params.step).map_err(|error| match error {
        identity::Error::Mean(mean) => Refusal::NoScale(mean),
        other => Refusal::Diverged(other.to_string()),
    })
}

/// Runs an iterative method or a baseline.
pub(super) fn run<S: Scalar>(
    operator: &Damped<Curvature<S>>,
    request: &Request,
    known: &Knowledge,
    step: Option<f64>,
    (tolerance, terms): (Option<f64>, Option<usize>),
    vs: &[Array1<S>],
    budget: &Budget,
) -> Result<Raw<Array1<S>>, Refusal> {
    let stop = Stop { tolerance, terms, products: budget.left() };
    let counted = budget.of(operator);
    let bound = known.bound;
    let solution = match request.method {
        Method::Cg => cg::solve(&counted, vs, bound, &cg::Params { stop }).map_err(|e| conjugate(request, e))?,
        Method::BlockCg => {
            block_cg::solve(&counted, vs, bound, &block_cg::Params { stop }).map_err(|e| conjugate(request, e))?
        }
        Method::Neumann => {
            let contraction = contraction(&counted, known, step)?;
            neumann::solve(&contraction, vs, &neumann::Params { stop }).map_err(series)?
        }
        Method::StochasticNeumann => {
            let Curvature::Gradients(fisher) = &operator.inner else { return Err(no_panel(request)) };
            let panel = fisher.panel();
            let size = request.batch.unwrap_or(panel.rows().div_ceil(8));
            let params = stochastic_neumann::Params {
                step: step.unwrap_or(f64::NAN),
                terms: terms.unwrap_or(STOCHASTIC_TERMS),
                repeats: 1,
                seed: request.seed,
                tolerance: None,
            };
            let batches = |rng: &mut _| MiniBatch::draw(panel, size, operator.damping, rng);
            stochastic_neumann::solve(operator, batches, vs, bound, &params).map_err(|e| diverged(request, &e))?
        }
        Method::Identity => {
            let params = identity::Params { step: step.unwrap_or(f64::NAN) };
            identity::solve(operator, vs, bound, &params).map_err(|e| diverged(request, &e))?
        }
        Method::Diagonal => diagonal::solve(operator, vs, bound, &diagonal::Params).map_err(|error| match error {
            diagonal::Error::Entry { .. } => Refusal::Singular(format!("diagonal: {error}")),
            _ => diverged(request, &error),
        })?,
        Method::Exact | Method::ShermanMorrison | Method::Woodbury => {
            let inverse = prepare(operator, request, known)?;
            return Ok(Raw { columns: inverse(vs)?, iterations: 1 });
        }
    };
    Ok(Raw { columns: solution.columns, iterations: solution.iterations })
}

/// An approximate inverse, prepared once, at the latest with the first right-hand sides: what refinement adds corrections with.
pub(super) type Inverse<'a, S> = Box<dyn Fn(&[Array1<S>]) -> Result<Vec<Array1<S>>, Refusal> + 'a>;

/// The approximate inverse of a direct method.
pub(super) fn prepare<'a, S: Scalar>(
    operator: &'a Damped<Curvature<S>>,
    request: &'a Request,
    known: &'a Knowledge,
) -> Result<Inverse<'a, S>, Refusal> {
    // The tolerance is refinement's business.
    const ANY: f64 = f64::MAX;
    let damping = operator.damping;
    match (&operator.inner, request.method) {
        (Curvature::Gradients(fisher), Method::Woodbury) => {
            let params = woodbury::Params { damping, tolerance: ANY };
            let prepared = OnceCell::<Woodbury<_>>::new();
            Ok(Box::new(move |vs| {
                if let Some(prepared) = prepared.get() {
                    return Ok(prepared.apply(vs));
                }
                // The first right-hand sides share the pass that prepares.
                let (woodbury, xs) =
                    Woodbury::prepare_and_apply(fisher.panel(), vs, &params).map_err(|e| gram(request, &e))?;
                prepared.get_or_init(|| woodbury);
                Ok(xs)
            }))
        }
        (Curvature::Gradients(fisher), Method::ShermanMorrison) => {
            let params = sherman_morrison::Params { damping, tolerance: ANY };
            let prepared = ShermanMorrison::new(fisher.panel(), &params).map_err(|error| match &error {
                sherman_morrison::Error::Input(input) => gram(request, input),
                sherman_morrison::Error::Breakdown { .. } => Refusal::Singular(format!("{}: {error}", request.method)),
            })?;
            Ok(Box::new(move |vs| Ok(prepared.apply(vs))))
        }
        (Curvature::Hessian { matrix, .. }, Method::Exact) if S::epsilon().as_f64() > f64::EPSILON => {
            let params = exact::Params { damping, tolerance: ANY, ..exact::Params::default() };
            let factorisation =
                Factorisation::new(matrix, &params).map_err(|error| Refusal::Singular(error.to_string()))?;
            Ok(Box::new(move |vs| factored(&factorisation, request, vs)))
        }
        (_, Method::Exact) => {
            let Some(factorisation) = &known.factorisation else {
                return Err(Refusal::Singular("it could not be factored".to_owned()));
            };
            Ok(Box::new(move |vs| factored(factorisation, request, vs)))
        }
        _ => Err(no_panel(request)),
    }
}

fn factored<S: Scalar>(
    factorisation: &Factorisation<'_>,
    request: &Request,
    vs: &[Array1<S>],
) -> Result<Vec<Array1<S>>, Refusal> {
    factorisation.solve(vs, None).map(|solution| solution.columns).map_err(|error| diverged(request, &error))
}

/// A correction by an iterative method inside refinement: as good as single precision gives without effort.
pub(super) fn pass(
    operator: &Damped<Curvature<f32>>,
    request: &Request,
    known: &Knowledge,
    step: Option<f64>,
    terms: Option<usize>,
    vs: &[Array1<f32>],
    budget: &Budget,
) -> Result<Raw<Array1<f32>>, Refusal> {
    // Three digits a pass where they are attainable, else any reduction that refinement can use.
    match run(operator, request, known, step, (Some(1e-3), terms), vs, budget) {
        Err(Refusal::Tolerance { .. }) => run(operator, request, known, step, (Some(0.25), terms), vs, budget),
        other => other,
    }
}

pub(crate) fn diverged(request: &Request, error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Diverged(format!("{}: {error}", request.method))
}

pub(crate) fn gram(request: &Request, error: &woodbury::Error) -> Refusal {
    match error {
        woodbury::Error::Singular { .. } => Refusal::Singular(error.to_string()),
        _ => diverged(request, error),
    }
}

fn contraction<'a, A: LinearOperator>(
    operator: &'a A,
    known: &Knowledge,
    step: Option<f64>,
) -> Result<Contraction<&'a A>, Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::Diverged(error.to_string());
    let Some((bound, largest)) = known.bound.zip(known.largest.get().copied()) else {
        return Err(Refusal::Singular("nothing is known of its smallest eigenvalue".to_owned()));
    };
    let definite =
        PositiveDefinite::from_bound(operator, bound.lambda_min(), bound.certificate()).map_err(|e| refused(&e))?;
    let step = step.unwrap_or(1.0 / largest.upper);
    Contraction::from_bound(definite, step, largest.upper, largest.certificate).map_err(|e| refused(&e))
}

fn no_panel(request: &Request) -> Refusal {
    // `Request::check_for` has refused it; said again rather than assumed.
    Refusal::Diverged(format!("{} needs gradients", request.method))
}

pub(crate) fn conjugate<V>(request: &Request, error: cg::Error<V>) -> Refusal {
    let method = request.method;
    let message = format!("{method}: {error}");
    match error {
        cg::Error::Indefinite { curvature, iteration, .. } => Refusal::Indefinite {
            method,
            evidence: format!("iteration {iteration} met a direction of curvature {curvature:.3e}"),
            damping: Some(-curvature),
        },
        cg::Error::Singular { curvature, threshold, .. } => Refusal::Singular(format!(
            "a direction has curvature {curvature:.3e}, and rounding alone explains {threshold:.3e}"
        )),
        cg::Error::Budget { iterations, .. } => Refusal::Tolerance { message, reached: Vec::new(), iterations },
        cg::Error::Stagnated { .. } => Refusal::Tolerance { message, reached: Vec::new(), iterations: 0 },
        _ => Refusal::Diverged(message),
    }
}

pub(crate) fn series(error: neumann::Error) -> Refusal {
    let message = format!("neumann: {error}");
    match error {
        neumann::Error::Budget { terms, .. } => Refusal::Tolerance { message, reached: Vec::new(), iterations: terms },
        neumann::Error::Terms { .. } | neumann::Error::Stagnated { .. } => {
            Refusal::Tolerance { message, reached: Vec::new(), iterations: 0 }
        }
        _ => Refusal::Diverged(message),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::ihvp::{InverseBound, system::Storage};

    /// What conjugate gradients met on its way is said for what it is.
    #[test]
    fn every_error_of_conjugate_gradients_has_its_refusal() {
        let (step, terms, tolerance, batch) = (None, None, None, None);
        let storage = Storage::Double;
        let request = Request { method: Method::Cg, step, terms, tolerance, batch, seed: 0, single: false, storage };
        let of = |error: cg::Error<char>| conjugate(&request, error);
        let (curvature, iteration) = (-0.5, 3);
        let indefinite = of(cg::Error::Indefinite { direction: 'p', curvature, iteration });
        assert!(matches!(indefinite, Refusal::Indefinite { damping: Some(0.5), .. }), "{indefinite}");
        let singular = of(cg::Error::Singular { direction: 'p', curvature, threshold: 1.0, iteration });
        assert!(matches!(singular, Refusal::Singular(_)), "{singular}");
        let late = of(cg::Error::Budget { column: 0, attained: 1.0, tolerance: 0.5, iterations: 7 });
        assert!(matches!(late, Refusal::Tolerance { iterations: 7, .. }), "{late}");
        let stalled = of(cg::Error::Stagnated { column: 0, attained: 1.0, tolerance: 0.5 });
        assert!(matches!(stalled, Refusal::Tolerance { iterations: 0, .. }), "{stalled}");
        let dependent = gram(&request, &woodbury::Error::Singular { damping: 1e-20, size: 1.0, least: 1e-15 });
        assert!(matches!(dependent, Refusal::Singular(_)), "{dependent}");
        let overflow = of(cg::Error::NotFinite { iteration });
        assert!(matches!(overflow, Refusal::Diverged(_)), "{overflow}");
    }

    #[test]
    fn every_error_of_a_series_has_its_refusal() {
        let (column, attained, tolerance) = (0, 1.0, 0.5);
        let late = series(neumann::Error::Budget { column, attained, tolerance, terms: 7 });
        assert!(matches!(late, Refusal::Tolerance { iterations: 7, .. }), "{late}");
        let stalled = series(neumann::Error::Stagnated { column, attained, tolerance });
        assert!(matches!(stalled, Refusal::Tolerance { iterations: 0, .. }), "{stalled}");
        let long = series(neumann::Error::Terms { needed: 9, columns: 1, budget: 8, tolerance, gap: 0.1 });
        assert!(matches!(long, Refusal::Tolerance { iterations: 0, .. }), "{long}");
        let overflow = series(neumann::Error::NotFinite { column, term: 3 });
        assert!(matches!(overflow, Refusal::Diverged(_)), "{overflow}");
    }

    /// Where none is given.
    #[test]
    fn a_step_is_one_over_the_largest_eigenvalue() {
        let panel = Array2::from_shape_fn((2, 5), |(i, j)| (1 + i + j) as f64);
        let system = System::gradients(panel, 0.5).unwrap();
        let known = Knowledge { bound: InverseBound::by_construction(system.operator()), ..Knowledge::default() };
        let upper = known.lambda_max(&system, 0).unwrap().upper;
        let contraction = contraction(system.operator(), &known, None).unwrap();
        assert_eq!(contraction.step(), 1.0 / upper);
    }
}
