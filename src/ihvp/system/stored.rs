//! The answer as it is stored, and the report on that.

use ndarray::{Array1, Array2};

use super::{Refusal, Storage, System, residual::residual};
use crate::{
    ihvp::{Certificate, Column, InverseBound, columns},
    linalg::{Vector, scale_by_power},
};

/// A solution as stored, and what is known of each column.
pub(super) struct Stored {
    /// $n\times k$.
    pub x: Array2<f64>,
    /// Of the columns as stored.
    pub reports: Vec<Column>,
    /// Of the columns before they were rounded to what they are stored in.
    pub relative_residual: Vec<f64>,
}

/// Right-hand sides scaled by powers of two, so that their largest entries lie in $[1,2)$.
pub(super) struct Scaled {
    pub vectors: Vec<Array1<f64>>,
    exponents: Vec<i32>,
}

impl Scaled {
    pub fn new(vs: &[Array1<f64>]) -> Self {
        let exponents: Vec<i32> = vs.iter().map(columns::exponent).collect();
        let vectors = vs.iter().zip(&exponents).map(|(v, &e)| scaled(v, -e)).collect();
        Self { vectors, exponents }
    }

    /// The solutions for the right-hand sides as they were.
    pub fn back(&self, xs: Vec<Array1<f64>>) -> Vec<Array1<f64>> {
        xs.iter().zip(&self.exponents).map(|(x, &e)| scaled(x, e)).collect()
    }
}

fn scaled(v: &Array1<f64>, exponent: i32) -> Array1<f64> {
    let mut v = v.clone();
    scale_by_power(&mut v, exponent);
    v
}

/// Stores `xs`, computed in `f64`, and certifies what is stored against the exact solution for the stored numbers.
///
/// Residuals are those of $2^{-e}x$ and $2^{-e}v$, $e$ such that the largest entry of $2^{-e}v$ lies in $[1,2)$. The scaling is exact but for what
/// underflows, at most $2^{-1074}$ an entry; [`residual`] allows for the smallest normal number, $2^{52}$ times that, for each of more than $n^2$ operations.
pub(super) fn store(
    system: &System,
    vs: &[Array1<f64>],
    xs: &[Array1<f64>],
    storage: Storage,
    bound: Option<InverseBound>,
) -> Result<Stored, Refusal> {
    let mut out =
        Stored { x: Array2::zeros((system.dim(), vs.len())), reports: Vec::new(), relative_residual: Vec::new() };
    for (j, (v, x)) in vs.iter().zip(xs).enumerate() {
        let kept = x.mapv(|x| storage.keep(x));
        if !kept.is_finite() {
            return Err(Refusal::Overflow(j));
        }
        let exponent = columns::exponent(v);
        let v = scaled(v, -exponent);
        let mut report = residual(system, &scaled(&kept, -exponent), &v).certified(&v, bound);
        out.relative_residual.push(match storage {
            Storage::Double => report.relative_residual,
            Storage::Single => residual(system, &scaled(x, -exponent), &v).certified(&v, None).relative_residual,
        });
        if v.max_abs() == 0.0 && kept.max_abs() == 0.0 {
            // Zero is the solution of every nonsingular system.
            (report.error_bound, report.certificate) = (Some(0.0), Certificate::Proved);
        }
        report.residual = columns::unscale(report.residual, exponent);
        report.error_bound = report.error_bound.map(|b| columns::unscale(b, exponent)).filter(|b| b.is_finite());
        if report.error_bound.is_none() {
            report.certificate = Certificate::Heuristic;
        }
        out.reports.push(report);
        out.x.column_mut(j).assign(&kept);
    }
    Ok(out)
}
