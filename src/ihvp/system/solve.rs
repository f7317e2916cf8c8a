//! Solving a stored system as asked.

use std::time::Instant;

use ndarray::{Array1, Array2};
use serde::Serialize;

use super::{
    Curvature, MOST_PRODUCTS, Method, Outcome, Refusal, Request, RequestError, Storage, System,
    budget::Budget,
    knowledge::{self, Knowledge},
    run::{self, Raw},
    stored,
};
use crate::{
    ihvp::{
        Certificate,
        exact::Inertia,
        refine::{Refined, refine},
    },
    linalg::{Damped, SymmetryError},
};

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The solutions as stored, $n\times k$.
    pub x: Array2<f64>,
    /// What is known of them.
    pub report: Report,
}

/// What a reader of an answer needs to judge it; of a refusal, what was seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The method.
    pub method: Method,
    /// The dimension $n$.
    pub dimension: usize,
    /// The number of right-hand sides.
    pub columns: usize,
    /// How it ended.
    pub status: Outcome,
    /// Iterations of the method, the largest over the columns: products of an iterative method, passes of refinement of a direct one in single precision.
    pub iterations: usize,
    /// The step $\gamma$, where the method has one.
    pub step: Option<f64>,
    /// $\lVert v-Ax\rVert_2/\lVert v\rVert_2$ of each column before it is stored; 0 for a zero column.
    pub relative_residual: Vec<f64>,
    /// A bound on $\lVert X_j-x_j\rVert_2$ of each column as stored, against the exact solution for the stored numbers.
    pub error_bound: Vec<Option<f64>>,
    /// How the bounds are known; the weakest of them.
    pub certificate: Certificate,
    /// The time taken, examination of the spectrum and certificate included.
    pub seconds: f64,
    /// The damping $\eta$.
    pub damping: f64,
    /// A lower bound on $\min|\lambda(A)|$, which the error bounds rest on.
    pub smallest_eigenvalue_bound: Option<f64>,
    /// The signs of the eigenvalues, where a dense factorisation found them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inertia: Option<Inertia>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// It makes no sense for this system.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The mathematics refuses.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// What was seen.
        report: Box<Report>,
    },
}

/// Solves a system for each of `vs`, finite vectors of its dimension.
///
/// First the spectrum is examined, by a factorisation up to dimension [`MOST_FACTORED`](super::MOST_FACTORED) and by Lanczos beyond: a system found
/// numerically singular is refused whatever the method, an indefinite one by the methods that need a positive definite one. Then the method runs, in
/// single precision inside [`refine`] if asked; then the answer is stored and certified as stored.
///
/// # Errors
/// [`SolveError`].
pub fn solve(system: &System, request: &Request, vs: &[Array1<f64>]) -> Result<Answer, SolveError> {
    for v in vs {
        request.check_for(system, v.len())?;
    }
    let start = Instant::now();
    let mut report = Report {
        method: request.method,
        dimension: system.dim(),
        columns: vs.len(),
        status: Outcome::Converged,
        iterations: 0,
        step: None,
        relative_residual: Vec::new(),
        error_bound: Vec::new(),
        certificate: Certificate::Heuristic,
        seconds: 0.0,
        damping: system.damping(),
        smallest_eigenvalue_bound: None,
        inertia: None,
        refusal: None,
    };
    let answered = answer(system, request, vs, &mut report);
    report.seconds = start.elapsed().as_secs_f64();
    match answered {
        Ok(x) => Ok(Answer { x, report }),
        Err(Stop::Request(error)) => Err(error.into()),
        Err(Stop::Refused(refusal)) => {
            report.status = refusal.outcome();
            report.refusal = Some(refusal.to_string());
            report.certificate = Certificate::Heuristic;
            report.error_bound = Vec::new();
            report.relative_residual = Vec::new();
            if let Refusal::Tolerance { reached, iterations, .. } = &refusal {
                report.iterations = *iterations;
                report.relative_residual.clone_from(reached);
                report.error_bound = vec![None; reached.len()];
            }
            Err(SolveError::Refused { refusal, report: Box::new(report) })
        }
    }
}

enum Stop {
    Request(RequestError),
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn answer(system: &System, request: &Request, vs: &[Array1<f64>], report: &mut Report) -> Result<Array2<f64>, Stop> {
    let overflow = |error: SymmetryError| Stop::Refused(Refusal::Diverged(error.to_string()));
    let formed = if knowledge::needs_matrix(system, request.method) { system.form().map_err(overflow)? } else { None };
    let known = knowledge::examine(system, formed.as_ref(), request.method, request.seed)?;
    report.inertia = known.inertia;
    report.smallest_eigenvalue_bound = known.bound.map(|bound| bound.lambda_min());
    report.step = run::step(system, request, &known)?;

    let raw = if request.single {
        let formed = formed.as_ref().filter(|_| request.method == Method::Exact);
        let single = system.single(formed).ok_or(Stop::Request(RequestError::Single))?;
        in_single(system, &single, request, &known, report.step, vs)
            .map_err(|refusal| blame_single(request, refusal))?
    } else if request.method.is_direct() {
        let scaled = stored::Scaled::new(vs);
        let inverse = run::prepare(system.operator(), request, &known)?;
        let tolerance = request.goal().unwrap_or(super::DEFAULT_TOLERANCE);
        finish(request, tolerance, &scaled, refine(system.operator(), &scaled.vectors, tolerance, inverse)?, None)?
    } else {
        let until = (request.goal(), request.terms);
        run::run(system.operator(), request, &known, report.step, until, vs, &Budget::default())?
    };
    report.iterations = raw.iterations;

    let stored = stored::store(system, vs, &raw.columns, request.storage, known.bound)?;
    let worst = stored.relative_residual.iter().copied().fold(0.0, |m: f64, r| if r > m || r.is_nan() { r } else { m });
    if let Some(tolerance) = request.goal()
        && (worst.is_nan() || worst > tolerance)
    {
        return Err(unreached(request, tolerance, stored.relative_residual, worst, raw.iterations).into());
    }
    let met = worst <= request.goal().unwrap_or(super::DEFAULT_TOLERANCE);
    let truncated = request.terms.is_some() && request.tolerance.is_none();
    report.status = if met && !truncated { Outcome::Converged } else { Outcome::Budget };
    report.certificate = stored.reports.iter().map(|r| r.certificate).min().unwrap_or(Certificate::Heuristic);
    report.error_bound = stored.reports.iter().map(|r| r.error_bound).collect();
    report.relative_residual = stored.relative_residual;
    Ok(stored.x)
}

/// The method in single precision, inside refinement when there is a tolerance to be reached.
fn in_single(
    system: &System,
    single: &Damped<Curvature<f32>>,
    request: &Request,
    known: &Knowledge,
    step: Option<f64>,
    vs: &[Array1<f64>],
) -> Result<Raw<Array1<f64>>, Refusal> {
    let down = |columns: &[Array1<f64>]| -> Vec<Array1<f32>> {
        columns.iter().map(|c| c.mapv(|x| Storage::Single.keep(x) as f32)).collect()
    };
    let up =
        |columns: Vec<Array1<f32>>| -> Vec<Array1<f64>> { columns.into_iter().map(|c| c.mapv(f64::from)).collect() };
    let budget = Budget::default();
    let scaled = stored::Scaled::new(vs);
    // A method that does not converge, or a truncation, is run once.
    let (Some(tolerance), true) = (request.goal(), request.method.converges()) else {
        let raw = run::run(single, request, known, step, (None, request.terms), &down(&scaled.vectors), &budget)?;
        return Ok(Raw { columns: scaled.back(up(raw.columns)), iterations: raw.iterations });
    };
    if request.method.is_direct() {
        let inverse = run::prepare(single, request, known)?;
        let refined =
            refine(system.operator(), &scaled.vectors, tolerance, |r| Ok::<_, Refusal>(up(inverse(&down(r))?)))?;
        return finish(request, tolerance, &scaled, refined, None);
    }
    let mut iterations = 0;
    let refined = refine(&budget.of(system.operator()), &scaled.vectors, tolerance, |residuals| {
        let terms = request.terms.map(|terms| terms.saturating_sub(iterations));
        let raw = run::pass(single, request, known, step, terms, &down(residuals), &budget)
            .map_err(|refusal| with_products(refusal, &budget))?;
        iterations += raw.iterations;
        Ok::<_, Refusal>(up(raw.columns))
    })?;
    finish(request, tolerance, &scaled, refined, Some(iterations))
}

/// What a pass of refinement says of its own tolerance and products, beside those of the whole.
fn with_products(refusal: Refusal, budget: &Budget) -> Refusal {
    match refusal {
        Refusal::Tolerance { message, reached, iterations } => {
            let spent = budget.spent();
            let message =
                format!("in single precision, {spent} of at most {MOST_PRODUCTS} products being spent: {message}");
            Refusal::Tolerance { message, reached, iterations }
        }
        other => other,
    }
}

/// The refined solutions, if they are as good as asked; `iterations` of the method, if passes are not what is counted.
fn finish(
    request: &Request,
    tolerance: f64,
    scaled: &stored::Scaled,
    refined: Refined<Array1<f64>>,
    iterations: Option<usize>,
) -> Result<Raw<Array1<f64>>, Refusal> {
    let iterations = iterations.unwrap_or(refined.passes);
    if refined.converged {
        return Ok(Raw { columns: scaled.back(refined.columns), iterations });
    }
    let worst = refined.relative_residuals.iter().copied().fold(0.0, f64::max);
    Err(unreached(request, tolerance, refined.relative_residuals, worst, iterations))
}

/// What a method finds in single precision is about the rounded system: the one asked about may be none of it.
fn blame_single(request: &Request, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Tolerance { .. } | Refusal::Overflow(_) => refusal,
        other if request.method.converges() => Refusal::Tolerance {
            message: format!(
                "in single precision: {other}. The system in double precision is not refused: leave --f32 out"
            ),
            reached: Vec::new(),
            iterations: 0,
        },
        other => other,
    }
}

fn unreached(request: &Request, tolerance: f64, reached: Vec<f64>, worst: f64, iterations: usize) -> Refusal {
    let advice = match (request.method.converges(), request.single) {
        (false, _) => {
            "this method does not tend to the solution: leave --tolerance out to take what it gives, or use exact, cg or woodbury"
        }
        (true, true) => {
            "the system is too ill-conditioned for corrections in single precision: leave --f32 out, loosen --tolerance, or raise --damping"
        }
        (true, false) => {
            "that is the attainable level: the system is ill-conditioned for the precision; loosen --tolerance, or raise --damping"
        }
    };
    let message = format!(
        "{}: the tolerance {tolerance:e} is not reached, the relative residual of the worst column stays at {worst:.2e}; {advice}",
        request.method
    );
    Refusal::Tolerance { message, reached, iterations }
}
