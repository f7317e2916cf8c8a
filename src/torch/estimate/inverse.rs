//! An estimator prepared at a point, and what its solutions are worth.

use ndarray::{Array1, Array2};

use super::{
    Failure, Settings,
    report::{Ends, Solves},
    spectra,
};
use crate::{
    ihvp::{
        Column, DirectError, InverseBound, Solution, Status, Stop, certify, cg,
        exact::{self, Factorisation, Inertia},
        identity, neumann,
        refine::refine,
        sherman_morrison::{self, ShermanMorrison},
        system::{self, MOST_PRODUCTS, Method, Refusal, RequestError, Step},
        woodbury::{self, Woodbury},
    },
    linalg::{Contraction, Damped, DenseSymmetric, LinearOperator, PositiveDefinite, Scalar, Vector, dense},
    problem::{Hessian, Supernet},
    spectrum::{Extremes, definite},
    taylor::InverseHessian,
    torch::{Network, Precision, TensorVector, TorchSupernet, take_error},
};

/// The Hessian of a supernet at a point.
pub(super) type At<'a, N> = Hessian<'a, TorchSupernet<N>>;

type Answer = Result<Solution<TensorVector>, Refusal>;

/// $v\mapsto A^{-1}v$ at one point, prepared, which keeps account of its solutions.
pub(super) struct Prepared<'a> {
    of: &'a str,
    solve: &'a dyn Fn(&[TensorVector]) -> Answer,
    bound: Option<InverseBound>,
    /// The ends of the spectrum of $H$, where the method had to look.
    pub ends: Option<Ends>,
    /// The signs of the eigenvalues of $A$, where a factorisation told.
    pub inertia: Option<Inertia>,
    /// Of the last solution.
    pub last: Option<Solves>,
}

impl<P: Supernet<Vector = TensorVector> + ?Sized> InverseHessian<P> for Prepared<'_> {
    type Error = Failure;

    fn solve(&mut self, _: &Hessian<'_, P>, vs: &[TensorVector]) -> Result<Vec<TensorVector>, Failure> {
        let solution = (self.solve)(vs).map_err(|refusal| refused(self.of, refusal))?;
        let bound = self.bound.map(|bound| bound.lambda_min());
        let solves = solution.reports.iter().map(|column| Solves::one(column, solution.status, solution.step, bound));
        self.last = solves.reduce(Solves::and);
        Ok(solution.columns)
    }
}

/// What libtorch refused comes first: it is why numbers were NaN.
pub(super) fn refused(of: &str, refusal: Refusal) -> Failure {
    match take_error() {
        Some(error) => Failure::Torch(error),
        None => Failure::Refused { of: of.to_owned(), refusal },
    }
}

/// What an inverse is for.
pub(super) struct Purpose<'a> {
    /// In the words of a refusal.
    pub of: &'a str,
    /// How tightly an iterative method bounds the spectrum.
    pub gap: f64,
    /// On how many mini-batches, the first ones, cross products at the same point follow.
    pub products: usize,
}

/// Prepares the estimator of `settings` at a point and hands it to `body`.
pub(super) fn with_inverse<N: Network, T>(
    at: At<'_, N>,
    settings: &Settings,
    Purpose { of, gap, products }: Purpose<'_>,
    body: impl FnOnce(&mut Prepared<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let goal = settings.goal(at.problem.place().precision());
    let prepared = Preparation { at, settings, of, gap, products, goal };
    match settings.request.method {
        Method::Exact => match at.problem.place().precision() {
            Precision::F64 => prepared.exact::<f64, T>(body),
            Precision::F32 => prepared.exact::<f32, T>(body),
        },
        Method::Woodbury | Method::ShermanMorrison => prepared.fisher(body),
        _ => prepared.iterative(body),
    }
}

struct Preparation<'a, N: Network> {
    at: At<'a, N>,
    settings: &'a Settings,
    of: &'a str,
    gap: f64,
    products: usize,
    goal: Option<f64>,
}

impl<N: Network> Preparation<'_, N> {
    fn operator(&self) -> Damped<At<'_, N>> {
        Damped { inner: self.at, damping: self.settings.damping }
    }

    fn refused(&self, refusal: Refusal) -> Failure {
        refused(self.of, refusal)
    }

    fn start<'b>(&'b self, solve: &'b dyn Fn(&[TensorVector]) -> Answer, bound: Option<InverseBound>) -> Prepared<'b> {
        Prepared { of: self.of, solve, bound, ends: None, inertia: None, last: None }
    }

    /// Conjugate gradient, the Neumann series and the scaled identity, after a look at the spectrum.
    fn iterative<T>(&self, body: impl FnOnce(&mut Prepared<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let (operator, request) = (self.operator(), &self.settings.request);
        let definite = request.method != Method::Identity;
        let (found, process) = spectra::ends(&operator, self.at.weights, definite, self.gap, request.seed)?;
        let bound = if definite {
            let decided = system::decided(request.method, definite::grant(&operator, &found, &process));
            decided.map_err(|refusal| self.refused(refusal))?
        } else {
            None
        };
        drop(process);
        let stop = Stop { tolerance: self.goal, terms: request.terms, products: MOST_PRODUCTS };
        let step = self.step(&found);
        // The method need not measure the size of the operator once more.
        let norm = found.largest.bound.abs().max(found.smallest.bound.abs());
        let measured = Measured { inner: &operator, norm };
        let solve = |vs: &[TensorVector]| match request.method {
            Method::Cg => {
                cg::solve(&measured, vs, bound, &cg::Params { stop }).map_err(|e| system::conjugate(request, e))
            }
            Method::Neumann => {
                let contraction = contraction(&operator, bound, step, &found)?;
                neumann::solve(&contraction, vs, &neumann::Params { stop }).map_err(system::series)
            }
            _ => {
                let solution = identity::solve(&operator, vs, None, &identity::Params { step });
                reached(solution.map_err(|e| system::diverged(request, &e))?, self.goal, request.method)
            }
        };
        let mut prepared = self.start(&solve, bound);
        prepared.ends = Some(Ends::undamped(&found, self.settings.damping, self.gap));
        body(&mut prepared)
    }

    /// As given, else $1/U$, $U$ the upper bound on $\lambda_{\max}$: a factor 2 below the limit of the Neumann series, of which the identity is the
    /// first term.
    fn step(&self, found: &Extremes) -> f64 {
        match self.settings.request.step {
            Some(Step::Given(step)) => step,
            Some(Step::Auto) | None => 1.0 / found.largest.bound,
        }
    }

    /// The two exact inverses of a damped Fisher.
    fn fisher<T>(&self, body: impl FnOnce(&mut Prepared<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let Hessian { problem, weights, gates, batch } = self.at;
        let (request, damping, dim) = (&self.settings.request, self.settings.damping, weights.dim());
        let panel = if self.settings.per_example {
            problem.gradients(weights, gates, batch, 1)
        } else {
            problem.gradients_beside_products(weights, gates, batch, self.products)?
        };
        if let Some(error) = take_error() {
            return Err(Failure::Torch(error));
        }
        let rows = crate::linalg::Panel::rows(&panel);
        match damping {
            0.0 if rows < dim => return Err(self.refused(Refusal::RankDeficient { rows, dim })),
            0.0 => return Err(RequestError::NeedsDamping { method: request.method, rows, dim }.into()),
            _ => {}
        }
        let tolerance = self.goal.unwrap_or(f64::MAX);
        if request.method == Method::Woodbury {
            let params = woodbury::Params { damping, tolerance };
            let prepared = Woodbury::new(&panel, &params).map_err(|e| self.refused(system::gram(request, &e)))?;
            let solve = |vs: &[TensorVector]| prepared.solve(vs).map_err(direct);
            return body(&mut self.start(&solve, InverseBound::by_construction(prepared.operator())));
        }
        let params = sherman_morrison::Params { damping, tolerance };
        let prepared = ShermanMorrison::new(&panel, &params).map_err(|error| {
            self.refused(match &error {
                sherman_morrison::Error::Input(input) => system::gram(request, input),
                sherman_morrison::Error::Breakdown { .. } => Refusal::Singular(error.to_string()),
            })
        })?;
        let solve = |vs: &[TensorVector]| prepared.solve(vs).map_err(direct);
        body(&mut self.start(&solve, InverseBound::by_construction(prepared.operator())))
    }

    /// The dense Hessian, one product a column, factored; residuals and refinement are with the products themselves.
    fn exact<S: Scalar, T>(&self, body: impl FnOnce(&mut Prepared<'_>) -> Result<T, Failure>) -> Result<T, Failure>
    where
        Array1<S>: Vector,
    {
        let operator = self.operator();
        let like = self.at.weights;
        let matrix: Array2<S> = dense(&self.at, like).mapv(S::of);
        let formed = DenseSymmetric::symmetrised(matrix, like.epsilon());
        let formed = formed.map_err(|error| self.refused(Refusal::Diverged(format!("the dense Hessian: {error}"))))?;
        let params = exact::Params { damping: self.settings.damping, tolerance: f64::MAX, ..exact::Params::default() };
        let factorisation = Factorisation::new(&formed, &params).map_err(|error| {
            self.refused(match error {
                exact::Error::Singular { .. } => Refusal::Singular(error.to_string()),
                _ => Refusal::Diverged(error.to_string()),
            })
        })?;
        let bound = factorisation.certificate().ok();
        let tolerance = self.goal.unwrap_or(f64::MAX);
        let inverse = |vs: &[TensorVector]| -> Result<Vec<TensorVector>, Refusal> {
            let wide: Vec<Array1<f64>> = vs.iter().map(|v| Array1::from(v.to_vec())).collect();
            let solution = factorisation.solve(&wide, None).map_err(direct)?;
            Ok(solution.columns.iter().zip(vs).map(|(x, v)| v.with_entries(&x.to_vec())).collect())
        };
        let solve = |vs: &[TensorVector]| {
            let refined = refine(&operator, vs, tolerance, inverse)?;
            let certified = refined.columns.iter().zip(vs).map(|(x, v)| certify(&operator, x, v, bound));
            let reports = certified.map(|column| Column { iterations: refined.passes, ..column }).collect();
            let solution = Solution {
                columns: refined.columns,
                reports,
                status: Status::Converged,
                iterations: refined.passes,
                step: None,
            };
            reached(solution, self.goal, Method::Exact)
        };
        let mut prepared = self.start(&solve, bound);
        prepared.inertia = Some(factorisation.inertia());
        body(&mut prepared)
    }
}

/// An operator whose norm was found to be at most so much, by Lanczos: conjugate gradient judges the size of curvatures by it.
struct Measured<'a, A> {
    inner: &'a A,
    norm: f64,
}

impl<A: LinearOperator> LinearOperator for Measured<'_, A> {
    type Vector = A::Vector;

    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn apply(&self, x: &A::Vector, y: &mut A::Vector) {
        self.inner.apply(x, y);
    }

    fn product(&self, x: &A::Vector) -> A::Vector {
        self.inner.product(x)
    }

    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        self.inner.rounding(x_norm, epsilon)
    }

    fn lower_bound(&self) -> Option<f64> {
        self.inner.lower_bound()
    }

    fn norm_bound(&self) -> Option<f64> {
        Some(self.norm)
    }
}

fn contraction<A: LinearOperator>(
    operator: A,
    bound: Option<InverseBound>,
    step: f64,
    found: &Extremes,
) -> Result<Contraction<A>, Refusal> {
    let Some(bound) = bound else {
        return Err(Refusal::Singular(format!(
            "its smallest eigenvalue could not be told from 0 in {} steps of Lanczos",
            found.steps
        )));
    };
    let refused = |error: crate::linalg::WitnessError| Refusal::Diverged(format!("--step: {error}"));
    let definite = PositiveDefinite::from_bound(operator, bound.lambda_min(), bound.certificate()).map_err(refused)?;
    Contraction::from_bound(definite, step, found.largest.bound, crate::ihvp::Certificate::Probabilistic)
        .map_err(refused)
}

fn direct(error: DirectError) -> Refusal {
    match error {
        DirectError::Stagnated { attained, .. } => {
            Refusal::Tolerance { message: error.to_string(), reached: vec![attained], iterations: 0 }
        }
        _ => Refusal::Diverged(error.to_string()),
    }
}

/// A solution, if it is as good as asked.
fn reached(solution: Solution<TensorVector>, goal: Option<f64>, method: Method) -> Answer {
    let residuals: Vec<f64> = solution.reports.iter().map(|report| report.relative_residual).collect();
    let worst = residuals.iter().copied().fold(0.0, |m: f64, r| if r > m || r.is_nan() { r } else { m });
    match goal {
        Some(goal) if worst.is_nan() || worst > goal => Err(Refusal::Tolerance {
            message: format!(
                "{method}: the tolerance {goal:e} is not reached, the relative residual stays at {worst:.2e}; {}",
                if method == Method::Identity {
                    "the identity does not tend to the solution: leave the tolerance out, or use cg or woodbury"
                } else {
                    "add damping, loosen the tolerance, or work in f64"
                }
            ),
            reached: residuals,
            iterations: solution.iterations,
        }),
        _ => Ok(solution),
    }
}
