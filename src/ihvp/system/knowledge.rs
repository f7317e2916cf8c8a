//! What is known of the spectrum of a stored system before it is solved.
//!
//! | system | known | how |
//! |---|---|---|
//! | $\frac1NG^\top G$, $N<n$ | singular | proved |
//! | $\eta I+\frac1NG^\top G$, $\eta>0$ | $\lambda_{\min}\ge\eta$, with equality for $N<n$ | proved |
//! | dense, or $N\ge n$, with $n\le$ [`MOST_FACTORED`] | the inertia, a lower bound on $\min\lvert\lambda\rvert$ | proved, by a factorisation |
//! | larger, unless $\eta$ is seen beside $G^\top G/N$ | positive definiteness and $\lambda_{\min}$, or an eigenvalue that is 0 to rounding | probabilistic, by Lanczos |
//!
//! A system is numerically singular where an eigenvalue is no larger than [`negligible`], and then no method takes it. A factorisation decides that. Lanczos
//! takes some 300 products at most, for any method, and
//! - finds such an eigenvalue where it ends the spectrum and is not crowded by others: the common case, a rank that is deficient;
//! - shows that there is none by a positive lower bound on $\lambda_{\min}$, where $\kappa$ is below about $10^3$, or few eigenvalues are small;
//! - sees an eigenvalue 0 between negative and positive ones only where a Ritz value has converged to it;
//! - else leaves it undecided. Then the Neumann series, which needs $\lambda_{\min}$ for its number of terms, is refused. Conjugate gradient goes on, refuses
//!   curvatures within rounding of 0 as it meets them, and has no bound on its error; stochastic-neumann, identity and diagonal give what they give, without a bound.
//!
//! A factorisation is of a matrix $\hat A$ in `f64`, and the system is $A$ of the stored numbers: what forming or symmetrising $\hat A$ rounded,
//! $\lVert\hat A-A\rVert_2\le\delta$, is subtracted, $\min|\lambda(A)|\ge\min|\lambda(\hat A)|-\delta$ (Weyl).

use std::cell::OnceCell;

use ndarray::Array1;

use super::{Curvature, Method, Refusal, System};
use crate::{
    ihvp::{
        Certificate, InverseBound,
        exact::{self, Factorisation, Inertia},
    },
    linalg::{Damped, DenseSymmetric, LinearOperator, Panel, PositiveDefinite},
    spectrum::{Ends, Extremes, Lanczos, definite, extreme, extremes, negligible},
};

/// The largest dimension at which a matrix is factored only to learn its spectrum.
pub const MOST_FACTORED: usize = 1000;

/// The largest eigenvalue, from below and above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Largest {
    pub lower: f64,
    pub upper: f64,
    pub certificate: Certificate,
}

/// What an examination found.
#[derive(Debug, Default)]
pub(super) struct Knowledge<'a> {
    pub bound: Option<InverseBound>,
    pub inertia: Option<Inertia>,
    pub factorisation: Option<Factorisation<'a>>,
    /// Found when first asked for.
    pub largest: OnceCell<Largest>,
}

/// The Lanczos bound on $\lambda_{\max}$ is tightened until it is this close: a step is refused for being too long only when it is, to that precision.
const STEP_GAP: f64 = 1e-6;

impl Knowledge<'_> {
    /// The largest eigenvalue of a positive definite system.
    pub fn lambda_max(&self, system: &System, seed: u64) -> Result<Largest, Refusal> {
        if let Some(largest) = self.largest.get() {
            return Ok(*largest);
        }
        let params = extreme::Params { seed, gap: STEP_GAP, ..extreme::Params::default() };
        let not_found = |error: extreme::Error| Refusal::Diverged(error.to_string());
        let found = match &system.operator().inner {
            // GGᵀ/N has the nonzero eigenvalues of GᵀG/N and is smaller.
            Curvature::Gradients(fisher) if fisher.panel().nrows() < system.dim() => {
                let rows = fisher.panel().nrows();
                let gram = DenseSymmetric::symmetrised(fisher.panel().gram() / rows as f64, f64::EPSILON)
                    .map_err(|error| Refusal::Diverged(error.to_string()))?;
                let small = Damped { inner: gram, damping: system.damping() };
                extremes(&small, &Array1::zeros(rows), Ends::Largest, &params).map_err(not_found)?.0
            }
            _ => {
                extremes(system.operator(), &Array1::zeros(system.dim()), Ends::Largest, &params).map_err(not_found)?.0
            }
        };
        let largest =
            Largest { lower: found.largest.ritz, upper: found.largest.bound, certificate: Certificate::Probabilistic };
        Ok(*self.largest.get_or_init(|| largest))
    }
}

/// Whether the examination of a system, or the method, needs its matrix formed from gradients.
pub(super) fn needs_matrix(system: &System, method: Method) -> bool {
    match &system.operator().inner {
        Curvature::Hessian { .. } => false,
        Curvature::Gradients(_) if method == Method::Exact => true,
        Curvature::Gradients(fisher) => fisher.panel().nrows() >= system.dim() && system.dim() <= MOST_FACTORED,
    }
}

/// Examines the spectrum; `formed` is the matrix of [`System::form`] where [`needs_matrix`] asks for it.
///
/// # Errors
/// [`Refusal`] for a numerically singular system, and for an indefinite one that `method` does not take.
pub(super) fn examine<'a>(
    system: &'a System,
    formed: Option<&'a DenseSymmetric<f64>>,
    method: Method,
    seed: u64,
) -> Result<Knowledge<'a>, Refusal> {
    let mut known = Knowledge::default();
    // Whether λ_min is known to be beyond rounding.
    let mut seen = false;
    let matrix = match &system.operator().inner {
        Curvature::Hessian { matrix, .. } => Some(matrix),
        Curvature::Gradients(_) => {
            seen = damping_is_seen(system, &known, seed)?;
            known.bound = InverseBound::by_construction(system.operator());
            formed
        }
    };
    let matrix = matrix.filter(|_| system.dim() <= MOST_FACTORED || method == Method::Exact);
    // Of a matrix that is factored, Lanczos is asked for no more than the curvature of an indefinite one.
    let examined = if matrix.is_some() { known.bound.is_some() || method.takes_indefinite() } else { seen };
    if !examined {
        let found = by_lanczos(system, method, seed)?;
        known.bound = known.bound.or(found);
    }
    if let Some(matrix) = matrix {
        factor(&mut known, system, matrix, method)?;
    }
    if known.bound.is_none() && method == Method::Neumann {
        return Err(Refusal::Singular(
            "its smallest eigenvalue could not be told from 0, neither by factorisation nor in 300 steps of Lanczos"
                .to_owned(),
        ));
    }
    Ok(known)
}

/// Whether $\eta$ alone keeps $\lambda_{\min}$ of gradients beyond rounding.
///
/// # Errors
/// Where it does not, and there are fewer gradients than weights: then $\lambda_{\min}=\eta$.
fn damping_is_seen(system: &System, known: &Knowledge, seed: u64) -> Result<bool, Refusal> {
    let Curvature::Gradients(fisher) = &system.operator().inner else { return Ok(false) };
    let (rows, dim, damping) = (fisher.panel().nrows(), system.dim(), system.damping());
    let explained = |norm: f64| negligible(dim, f64::EPSILON, norm);
    if damping > explained(system.operator().norm_bound().unwrap_or(f64::INFINITY)) {
        return Ok(true);
    }
    if rows >= dim {
        return Ok(false);
    }
    if damping == 0.0 {
        return Err(Refusal::RankDeficient { rows, dim });
    }
    let threshold = explained(known.lambda_max(system, seed)?.lower);
    if damping > threshold {
        return Ok(true);
    }
    Err(Refusal::Singular(format!(
        "{rows} gradients span at most {rows} of {dim} dimensions, so its smallest eigenvalue is the damping {damping:.3e}, \
         and rounding alone explains {threshold:.3e}"
    )))
}

/// Adds what a factorisation of `matrix` $+\eta I$ proves.
fn factor<'a>(
    known: &mut Knowledge<'a>,
    system: &System,
    matrix: &'a DenseSymmetric<f64>,
    method: Method,
) -> Result<(), Refusal> {
    // The tolerance is refinement's business.
    let params = exact::Params { damping: system.damping(), tolerance: f64::MAX, ..exact::Params::default() };
    let factorisation = match Factorisation::new(matrix, &params) {
        Ok(factorisation) => factorisation,
        // Positive by construction, and too small to be seen.
        Err(exact::Error::Singular { .. }) if known.bound.is_some_and(|b| b.certificate() == Certificate::Proved) => {
            return Err(too_small(system));
        }
        Err(error @ exact::Error::Singular { .. }) => return Err(singular(&error)),
        Err(error) => return Err(Refusal::Diverged(error.to_string())),
    };
    let inertia = factorisation.inertia();
    if inertia.negative > 0 && !method.takes_indefinite() {
        let evidence = format!("{} of {} eigenvalues are negative", inertia.negative, system.dim());
        return Err(Refusal::Indefinite { method, evidence, damping: None });
    }
    known.inertia = Some(inertia);
    if let Ok(proved) = factorisation.certificate() {
        let lambda_min = (proved.lambda_min() - system.forming()) * (1.0 - f64::EPSILON);
        let better = known.bound.is_none_or(|b| b.certificate() < Certificate::Proved || b.lambda_min() < lambda_min);
        if let Some(bound) = InverseBound::proved(lambda_min).filter(|_| better) {
            known.bound = Some(bound);
        }
    }
    known.factorisation = Some(factorisation);
    Ok(())
}

fn singular(error: &exact::Error) -> Refusal {
    match error {
        exact::Error::Singular { inertia, smallest, threshold } => Refusal::Singular(format!(
            "its eigenvalue of least magnitude is {smallest:.3e}, and rounding alone explains {threshold:.3e} \
             ({} positive, {} negative, {} zero)",
            inertia.positive, inertia.negative, inertia.zero
        )),
        other => Refusal::Singular(other.to_string()),
    }
}

fn too_small(system: &System) -> Refusal {
    Refusal::Singular(format!("the damping {:.3e} is lost in rounding beside the gradients", system.damping()))
}

/// Positive definiteness, as Lanczos sees it; `None` where it does not decide, or where the system is indefinite and the method takes that.
fn by_lanczos(system: &System, method: Method, seed: u64) -> Result<Option<InverseBound>, Refusal> {
    let params = extreme::Params { seed, ..extreme::Params::default() };
    let (found, process) = extremes(system.operator(), &Array1::zeros(system.dim()), Ends::Both, &params)
        .map_err(|error| Refusal::Diverged(error.to_string()))?;
    match definite::grant(system.operator(), &found, &process) {
        Err(definite::Error::Indefinite { .. }) if method.takes_indefinite() => inside(system, &found, &process),
        granted => decided(method, granted),
    }
}

/// Refuses an indefinite system with a Ritz value that has converged to 0: an eigenvalue is as near to it as its residual is long.
fn inside(system: &System, found: &Extremes, process: &Lanczos<Array1<f64>>) -> Result<Option<InverseBound>, Refusal> {
    let norm = found.largest.ritz.abs().max(found.smallest.ritz.abs());
    let threshold = negligible(system.dim(), f64::EPSILON, norm);
    match process.ritz().iter().map(|ritz| ritz.value.abs() + ritz.residual).find(|least| *least <= threshold) {
        Some(least) => Err(Refusal::Singular(format!(
            "it has an eigenvalue of at most {least:.3e} in magnitude, and rounding alone explains {threshold:.3e}"
        ))),
        None => Ok(None),
    }
}

/// What Lanczos decided: a bound, nothing, or a refusal.
pub(crate) fn decided<A: LinearOperator>(
    method: Method,
    found: Result<PositiveDefinite<A>, definite::Error<A::Vector>>,
) -> Result<Option<InverseBound>, Refusal> {
    match found {
        Ok(witness) => Ok(Some(InverseBound::from(&witness))),
        Err(definite::Error::Indefinite { curvature, .. }) => Err(Refusal::Indefinite {
            method,
            evidence: format!("a direction has curvature {curvature:.3e}"),
            damping: Some(-curvature),
        }),
        Err(definite::Error::Singular { ritz, threshold }) => Err(Refusal::Singular(format!(
            "its smallest eigenvalue is at most {ritz:.3e}, and rounding alone explains {threshold:.3e}"
        ))),
        Err(definite::Error::Undecided { .. }) => Ok(None),
        Err(error) => Err(Refusal::Diverged(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::linalg::TestRatio;

    fn diagonal(entries: [f64; 3], damping: f64) -> System {
        System::hessian(Array2::from_diag(&Array1::from(entries.to_vec())), f64::EPSILON, damping).unwrap()
    }

    fn factored(system: &System, bound: Option<InverseBound>, method: Method) -> Result<Knowledge<'_>, Refusal> {
        let Curvature::Hessian { matrix, .. } = &system.operator().inner else { panic!("a Hessian") };
        let mut known = Knowledge { bound, ..Knowledge::default() };
        factor(&mut known, system, matrix, method).map(|()| known)
    }

    /// Lanczos may have seen no negative curvature; the inertia of a factorisation is proved.
    #[test]
    fn a_factorisation_refuses_what_a_method_does_not_take() {
        let system = diagonal([4.0, -1.0, 2.0], 0.0);
        match factored(&system, None, Method::Cg) {
            Err(Refusal::Indefinite { method: Method::Cg, evidence, damping: None }) => {
                assert_eq!(evidence, "1 of 3 eigenvalues are negative");
            }
            other => panic!("{other:?}"),
        }
        let known = factored(&system, None, Method::Exact).unwrap();
        assert_eq!(known.inertia, Some(Inertia { positive: 2, negative: 1, zero: 0 }));
        assert!(known.bound.is_some_and(|bound| bound.lambda_min() > 0.5 && bound.lambda_min() <= 1.0));
        assert!(factored(&diagonal([4.0, -1.0, 2.0], 1.5), None, Method::Cg).is_ok());
    }

    /// Of two proved bounds the larger is kept; a singular matrix is refused, though its system is known to be positive.
    #[test]
    fn a_factorisation_adds_to_what_is_known() {
        let system = diagonal([4.0, 1.0, 2.0], 0.0);
        for (before, least) in [(0.5, 0.6), (0.99, 0.99)] {
            let known = factored(&system, InverseBound::proved(before), Method::Cg).unwrap();
            assert!(
                known.bound.is_some_and(|bound| bound.lambda_min() >= least && bound.lambda_min() <= 1.0),
                "{before}"
            );
        }
        let system = diagonal([4.0, 0.0, 2.0], 0.0);
        let constructed = InverseBound::proved(1e-30);
        assert!(matches!(factored(&system, None, Method::Cg), Err(Refusal::Singular(_))));
        for method in Method::ALL {
            assert!(matches!(factored(&system, constructed, method), Err(Refusal::Singular(_))), "{method}");
        }
    }

    /// $4\sqrt n\,\epsilon\lambda_{\max}$: for 4 dimensions and two gradients, of squared lengths 2 and 1 and orthogonal, $8\epsilon$.
    #[test]
    fn damping_beside_fewer_gradients_than_weights_must_be_seen() {
        let least = 8.0 * f64::EPSILON;
        let judged = |rows: usize, damping| {
            let entries = [2f64.sqrt(), 1.0, 0.0, 0.0];
            let panel = Array2::from_shape_fn((rows, 4), |(i, j)| if i == j { entries[j] } else { 0.0 });
            damping_is_seen(&System::gradients(panel, damping).unwrap(), &Knowledge::default(), 0)
        };
        assert_eq!(judged(2, 0.0), Err(Refusal::RankDeficient { rows: 2, dim: 4 }));
        // Where λ_max, by Lanczos, is only known to its own rounding.
        assert!(matches!(judged(2, 0.999 * least), Err(Refusal::Singular(_))));
        assert_eq!(judged(2, 1.001 * least), Ok(true));
        // What as many gradients span is for a factorisation or Lanczos to say, unless the damping settles it.
        assert_eq!([judged(4, 0.0), judged(5, 0.1 * least)], [Ok(false), Ok(false)]);
        assert_eq!([judged(4, 0.5), judged(2, 0.5)], [Ok(true), Ok(true)]);
    }

    /// $\frac12\sum_ig_ig_i^\top+\frac14I$ for $(2,0,0)$, $(0,4,0)$ is $\operatorname{diag}(2,8,0)+\frac14I$, and of the transposed panel $\frac13\operatorname{diag}(4,16)+\frac14I$.
    #[test]
    fn the_largest_eigenvalue_is_found_from_few_gradients_and_from_many() {
        let panel = array![[2.0, 0.0, 0.0], [0.0, 4.0, 0.0]];
        for (panel, exact) in [(panel.clone(), 8.25), (panel.reversed_axes(), 16.0 / 3.0 + 0.25)] {
            let system = System::gradients(panel, 0.25).unwrap();
            let largest = Knowledge::default().lambda_max(&system, 0).unwrap();
            let rounding = TestRatio::PASS * f64::EPSILON * exact;
            assert!(largest.lower <= exact + rounding && exact <= largest.upper + rounding, "{largest:?}");
            assert!(largest.upper - largest.lower <= 2.0 * STEP_GAP * exact, "{largest:?}");
        }
    }
}
