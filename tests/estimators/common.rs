//! What the iterative estimators are judged by, and the systems they are given.

use nasproof::{
    ihvp::{InverseBound, Solution, Stop, block_cg, cg, exact},
    linalg::{Contraction, DenseSymmetric, LinearOperator, Scalar, TestRatio, Vector},
    spectrum::{self, Step, definite, extreme},
};
use ndarray::Array1;
use proptest::prelude::*;

use super::oracle;

pub fn cast<S: Scalar>(v: &Array1<f64>) -> Array1<S> {
    v.mapv(S::of)
}

/// What every solution must satisfy: residuals that are true, bounds that hold, answers near the oracle's.
pub fn judge<S: Scalar>(
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
pub fn difficult(columns: &[Array1<f64>], small: f64, large: f64) -> Vec<Array1<f64>> {
    let (a, b) = (&columns[0], &columns[1]);
    vec![a.clone(), b.clone(), a - &(b * 2.0), a.clone(), a * 0.0, b * small, a * large, columns[2].clone()]
}

pub type Solver<S> = fn(
    &DenseSymmetric<S>,
    &[Array1<S>],
    Option<InverseBound>,
    &cg::Params,
) -> Result<Solution<Array1<S>>, cg::Error<Array1<S>>>;

pub fn solvers<S: Scalar>() -> [(&'static str, Solver<S>); 2]
where
    Array1<S>: Vector,
{
    [("cg", cg::solve), ("block-cg", block_cg::solve)]
}

pub fn to(tolerance: f64) -> cg::Params {
    cg::Params { stop: Stop::tolerance(tolerance) }
}

/// $\lambda_{\min}$ as a factorisation proves it.
pub fn witnessed<S: Scalar>(operator: &DenseSymmetric<S>) -> InverseBound {
    exact::spectrum(operator, &exact::Params::default()).expect("well conditioned by construction").bound
}

pub fn contracted<A: LinearOperator<Vector = Array1<f64>>>(
    operator: A,
    step: Step,
) -> Result<Contraction<A>, definite::Error<Array1<f64>>> {
    let like = Array1::zeros(operator.dim());
    spectrum::contraction(operator, &like, step, &extreme::Params { gap: 1e-2, ..Default::default() })
}
